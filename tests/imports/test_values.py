"""Cells as people and tills write them: what can be meant in one way only is taken."""

from datetime import date

import pytest

from imports.values import (
    UnreadableCell,
    is_shortened,
    is_written,
    mend_phone,
    read_birthday,
    read_count,
    read_day,
    read_postal_code,
    read_yes_no,
    split_cards,
)
from tests.support.japanese_keyboard import wide

BORN = date(1990, 4, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-04-01", BORN),
        ("1990/4/1", BORN),
        ("1990.4.1", BORN),
        ("19900401", BORN),
        ("1990年4月1日", BORN),
        ("１９９０年４月１日", BORN),
        ("平成2年4月1日", BORN),
        ("平成２年 4月 1日", BORN),
        ("H2.4.1", BORN),
        ("h02/04/01", BORN),
        ("1990/4/1 0:00", BORN),
        ("1990-04-01T09:30:00+09:00", BORN),
        ("19900401093000", BORN),
        ("1990/4/1(日)", BORN),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R1.5.1", date(2019, 5, 1)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("平成35年3月31日", date(2023, 3, 31)),  # as it was written before anybody knew of Reiwa
        ("1992-02-29", date(1992, 2, 29)),
        ("0000-00-00", None),
        ("0000/00/00 00:00:00", None),
        ("未登録", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    "text", ["4/1/1990", "90/4/1", "1990-02-29", "1990/13/1", "32964", "April 1990", "199004", "="]
)
def test_what_is_no_day_or_may_be_two(text: str) -> None:
    with pytest.raises(UnreadableCell, match="1990-04-01"):
        read_day(text)


@pytest.mark.parametrize(
    ("text", "birthday"),
    [
        ("1990/4/1", (1990, 4, 1)),
        ("4/1", (None, 4, 1)),
        ("4月1日", (None, 4, 1)),
        ("--02-29", (None, 2, 29)),
        ("-", None),
    ],
)
def test_birthdays_may_be_without_a_year(text: str, birthday: tuple[int | None, int, int] | None) -> None:
    assert read_birthday(text) == birthday


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1200", 1200),
        ("1,200", 1200),
        (wide("1,200") + "ポイント", 1200),
        ("1200.0", 1200),
        ("12回", 12),
        ("1,200 pt", 1200),
        ("-0", 0),
    ],
)
def test_counts(text: str, count: int) -> None:
    assert read_count(text) == count


@pytest.mark.parametrize("text", ["-5", "12.5", "1,20", "many", "9" * 11, "1e3"])
def test_what_is_no_count(text: str) -> None:
    with pytest.raises(UnreadableCell):
        read_count(text)


@pytest.mark.parametrize("text", ["1", "はい", "希望する", "○", "\u3007", "配信", "TRUE", "可"])
def test_yes(text: str) -> None:
    assert read_yes_no(text)


@pytest.mark.parametrize("text", ["0", "いいえ", "希望しない", "\u00d7", "配信停止", "false", "不可"])
def test_no(text: str) -> None:
    assert not read_yes_no(text)


def test_neither_yes_nor_no_is_not_guessed() -> None:
    with pytest.raises(UnreadableCell):
        read_yes_no("たぶん")


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("9012345678", "09012345678"),
        ("312345678", "0312345678"),
        ("9012345678.0", "09012345678"),
        ("+819012345678",) * 2,
    ],
)
def test_a_phone_number_that_lost_its_zero(text: str, mended: str) -> None:
    assert mend_phone(text) == mended


@pytest.mark.parametrize(
    ("text", "code"), [("〒150-0001", "1500001"), ("600001", "0600001"), (wide("150-0001"), "1500001")]
)
def test_postal_codes(text: str, code: str) -> None:
    assert read_postal_code(text) == code


def test_several_cards_in_a_cell() -> None:
    assert split_cards("20000001, 20000002;20000003、20000004") == ["20000001", "20000002", "20000003", "20000004"]


def test_a_number_of_which_the_end_is_lost() -> None:
    assert is_shortened("2.00E+12")
    assert not is_shortened("200E1200")


@pytest.mark.parametrize(
    ("text", "written"), [("佐藤　花子", True), ("a\x00b", False), ("a\ufffdb", False), ("a\tb", True)]
)
def test_characters_that_no_text_has(text: str, written: bool) -> None:
    assert is_written(text) == written
