import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.numbers import check_digit, new_number, parse_number, spell_number

NUMBERS = st.integers(0, 10**10 - 1).map(lambda n: f"29{n:010d}").map(lambda body: body + check_digit(body))


@pytest.mark.parametrize("number", ["4006381333931", "9780201379624", "5901234123457"])
def test_the_check_digit_is_ean_13s(number: str) -> None:
    """Numbers from GS1's and ISBN's own examples."""
    assert check_digit(number[:-1]) == number[-1]


def test_new_numbers_are_card_numbers_and_differ() -> None:
    drawn = [new_number() for _ in range(1000)]
    assert all(parse_number(number) == number for number in drawn)
    assert len(set(drawn)) > 990


@given(NUMBERS, st.integers(0, 12), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(number: str, position: int, shift: int) -> None:
    wrong = number[:position] + str((int(number[position]) + shift) % 10) + number[position + 1 :]
    assert parse_number(wrong) is None


@given(NUMBERS)
def test_it_may_be_typed_as_it_is_spelt(number: str) -> None:
    spelt = spell_number(number)
    assert [len(group) for group in spelt.split()] == [4, 4, 4, 1]
    assert parse_number(spelt) == parse_number(spelt.replace(" ", "-")) == number


@given(NUMBERS, st.sampled_from("ABCDabcd"), st.sampled_from("ABCDabcd"))
def test_a_scanner_of_nw_7_may_send_start_and_stop(number: str, start: str, stop: str) -> None:
    assert parse_number(start + number + stop) == number


@pytest.mark.parametrize(
    "text", ["", "29", "4006381333931", "29123456789O1", "\u0662\u0669" + "0" * 11, "2900000000001x", "2" * 14]
)
def test_what_is_no_card_number(text: str) -> None:
    assert parse_number(text) is None
