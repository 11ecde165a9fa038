import pytest

from members.numbers import parse_own_number, parse_plastic_card
from tests.support.japanese_keyboard import wide


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("000123", "000123"),
        (f" {wide('a-01')} ", "A-01"),
        ("2024/7", "2024/7"),
        ("", None),
        ("-1", None),
        ("会員1", None),
        ("1" * 41, None),
    ],
)
def test_own_numbers(text: str, number: str | None) -> None:
    assert parse_own_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4980 1234 5678 9012", "4980123456789012"),
        ("a12345678b", "A12345678B"),
        ("1234-5678", "12345678"),
        ("1234567", None),
        ("1" * 21, None),
        (wide("12345678"), "12345678"),
        ("カード12345678", None),
    ],
)
def test_plastic_cards(text: str, number: str | None) -> None:
    assert parse_plastic_card(text) == number
