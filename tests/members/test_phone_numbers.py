"""Phone numbers in any form become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.phone_numbers import parse_phone_number


def wide(text: str) -> str:
    """As a Japanese keyboard types it: full-width."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("090-1234-5678", "JP", "+819012345678"),
        (wide("090-1234-5678"), "JP", "+819012345678"),
        ("(090) 1234 5678", "JP", "+819012345678"),
        ("+81 90 1234 5678", "US", "+819012345678"),
        ("+81 (0)90-1234-5678", "US", "+819012345678"),
        ("0081 90 1234 5678", "DE", "+819012345678"),
        ("tel:+81-90-1234-5678", "JP", "+819012345678"),
        ("03-3210-7000", "JP", "+81332107000"),
        ("(201) 555-0123", "US", "+12015550123"),
        ("090-1234-5678", "US", None),
        ("0990-123456", "JP", None),  # premium rate
        ("+881 6 1234 5678", "JP", None),  # a satellite telephone
        ("03-3210-7000 ext. 5", "JP", None),
        ("110", "JP", None),
        ("090-1234-567", "JP", None),
        ("", "JP", None),
        ("hana@example.com", "JP", None),
        ("9" * 1000, "JP", None),
    ],
)
def test_forms_of_numbers(typed: str, region: str, number: str | None) -> None:
    assert parse_phone_number(typed, region) == number


@given(st.text(max_size=60), st.sampled_from(["JP", "US", "DE"]))
def test_anything_is_a_number_in_one_form_or_none(text: str, region: str) -> None:
    number = parse_phone_number(text, region)
    if number is not None:
        assert number.startswith("+")
        assert number[1:].isascii()
        assert number[1:].isdigit()
        assert parse_phone_number(number, "JP") == number
