"""Opening hours as people write them: what means the same to everybody is taken, and OpenStreetMap's reader agrees."""

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours

from programs.opening_hours import DAYS, Day, Week, is_open
from programs.opening_hours_text import read_hours_table, read_hours_text

NINE_TO_FIVE = [(time(9), time(17))]
LATE = [(time(10), time(2))]
ALL_DAY = [(time(), time())]
WEEKDAYS: tuple[Day, ...] = DAYS[:5]
MONDAY = datetime(2027, 1, 4)  # noqa: DTZ001 - the wall clock


def on(days: tuple[Day, ...], spans: list[tuple[time, time]]) -> dict[Day, list[tuple[time, time]]]:
    return dict.fromkeys(days, spans)


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("Mo-Fr 09:00-17:00", on(WEEKDAYS, NINE_TO_FIVE)),
        ("Mo-Fr 9:00-17:00; Sa,Su off", on(WEEKDAYS, NINE_TO_FIVE)),
        ("mon - fri 9:00 - 17:00", on(WEEKDAYS, NINE_TO_FIVE)),
        ("09:00-17:00", on(DAYS, NINE_TO_FIVE)),
        ("Mo-Su,PH 10:00-26:00", on(DAYS, LATE)),
        ("10:00-02:00", on(DAYS, LATE)),
        ("24/7", on(DAYS, ALL_DAY)),
        ("Mo 00:00-24:00", on(("mon",), ALL_DAY)),
        ("Mo, We 09:00-17:00", on(("mon", "wed"), NINE_TO_FIVE)),
        ("Sa-Mo 09:00-17:00", on(("mon", "sat", "sun"), NINE_TO_FIVE)),
        ("Mo-Su 09:00-17:00; We off", on((*DAYS[:2], *DAYS[3:]), NINE_TO_FIVE)),
        ("Mo-Fr 09:00-17:00; Fr 10:00-02:00", on(DAYS[:4], NINE_TO_FIVE) | on(("fri",), LATE)),
        ("Mo-Th 09:00-17:00, Fr 10:00-02:00", on(DAYS[:4], NINE_TO_FIVE) | on(("fri",), LATE)),
        ("Mo 09:00-12:00,13:00-17:00", on(("mon",), [(time(9), time(12)), (time(13), time(17))])),
        ("月-金 9:00〜17:00", on(WEEKDAYS, NINE_TO_FIVE)),
        ("月～金\u3000９：００－１７：００", on(WEEKDAYS, NINE_TO_FIVE)),  # noqa: RUF001
        ("月曜日から金曜日 9時から17時", on(WEEKDAYS, NINE_TO_FIVE)),
        ("月火水木金 9時00分-17時00分、土日定休日", on(WEEKDAYS, NINE_TO_FIVE)),
        ("毎日 9:00-17:00", on(DAYS, NINE_TO_FIVE)),
        ("9:00-17:00 水曜定休", on((*DAYS[:2], *DAYS[3:]), NINE_TO_FIVE)),
        ("月・水 9:00-17:00\n金 10:00-26:00", on(("mon", "wed"), NINE_TO_FIVE) | on(("fri",), LATE)),
        ("年中無休 24時間営業", on(DAYS, ALL_DAY)),
        ("off", {}),
        ("Fr,Sa 10:00-26:00; Su off", on(("fri", "sat"), LATE)),
    ],
)
def test_what_means_the_same_to_everybody(text: str, week: Week) -> None:
    assert read_hours_text(text) == week


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mo-Fr 9-17", "'Mo-Fr 9-17' cannot be read; write days and times such as Mo-Fr 09:00-17:00"),
        ("Mo-Fr", "'Mo-Fr' cannot be read"),
        ("Jan-Mar Mo 09:00-17:00", "cannot be read"),
        ("Mo[1] 09:00-17:00", "cannot be read"),
        ("sunrise-sunset", "cannot be read"),
        ("Mo 09:00+", "cannot be read"),
        ('Mo-Fr 09:00-17:00 "by appointment"', "cannot be read"),
        ("Mo-Fr 09:00-17:00 || off", "cannot be read"),
        ("11月 09:00-17:00", "cannot be read"),
        ("平日 9:00-17:00", "cannot be read"),
        ("", "cannot be read"),
        ("Mo 09:00-25:61", "Mo: '25:61' is no time of day; write it as 21:00"),
        ("Mo 09:00-49:00", "is no time of day"),
        ("Mo 01:00-26:00", "01:00 to 26:00 is more than a day; write it in two spans"),
        ("Mo 25:00-28:00", "25:00 is on the next day; write these times there"),
        ("Mo-Fr 09:00-12:00; Mo-Fr 13:00-17:00", "Fr stands twice; write all times of a day at once"),
        ("Mo-Fr 09:00-12:00, Mo 13:00-17:00", "Mo stands twice"),
        ("We off; Mo-Su 10:00-20:00", "We stands twice"),
        ("Mo-Sa 10:00-20:00; PH off", "Leave PH out: on a holiday the hours of its day of the week count"),
        ("Mo-Fr 09:00-17:00; Sa,Su,PH 10:00-15:00", "public holidays (PH) cannot be kept"),
        ("Mo-PH 09:00-17:00", "Mo-PH is no range of days"),
    ],
)
def test_what_does_not_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^opening_hours") as raised:
        read_hours_text(text)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("table", "week"),
    [
        ({"mon": [["9:00", "17:00"]]}, on(("mon",), NINE_TO_FIVE)),
        ({"mon": [["10:00", "26:00"]], "Tuesday": [["10:00", "02:00"]]}, on(DAYS[:2], LATE)),
        ({"mon": [["00:00", "24:00"]]}, on(("mon",), ALL_DAY)),
        ({"mon": [["０９：００", "17:00:00"]], "tue": []}, on(("mon",), NINE_TO_FIVE) | on(("tue",), [])),  # noqa: RUF001
        ({"mon": [["09:00:30", "17:00:01"]]}, on(("mon",), [(time(9, 0, 30), time(17, 0, 1))])),
    ],
)
def test_a_table_of_days(table: dict[str, object], week: Week) -> None:
    assert read_hours_table(table) == week


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"someday": []}, "opening_hours: 'someday' is no day; write mon, tue, wed, thu, fri, sat, sun."),
        ({"mon": [], "Mo": []}, "mon stands twice"),
        ({"mon": "9-17"}, "opening_hours, mon: write at most 10 spans"),
        ({"mon": [["09:00", "17:00"]] * 11}, "at most 10 spans"),
        ({"mon": [["09:00"]]}, "opening_hours, mon: a span is a start and an end"),
        ({"mon": [[9, 17]]}, "a span is a start and an end"),
        ({"fri": [["9", "21:00"]]}, "opening_hours, fri: '9' is no time of day; write it as 21:00"),
    ],
)
def test_a_table_that_is_none(table: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match="opening_hours") as raised:
        read_hours_table(table)
    assert words in str(raised.value)


_SHORT = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
minutes = st.integers(0, 24 * 60 - 1)


@st.composite
def spans(draw: st.DrawFn, *, is_late: bool) -> str:
    """One to three in order; the last one of late ones perhaps past midnight."""
    marks = sorted(draw(st.lists(minutes, min_size=2, max_size=6, unique=True).filter(lambda each: len(each) % 2 == 0)))
    if is_late:
        marks[-1] = 24 * 60 + marks[0] // 2
    return ",".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in list(pairwise(marks))[::2])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Rules of different days. Where all end by midnight the first may be for every day, and others replace it.

    Past midnight that reader cuts hours off where the next day has a rule of its own: `Sa 18:00-02:00; Su off` closes
    at midnight. People mean 2 at night, and so do we; with commas it agrees.
    """
    is_late = draw(st.booleans())
    hours = spans(is_late=is_late)
    days = draw(st.lists(st.sampled_from(_SHORT), unique=True, min_size=1, max_size=6))
    if is_late:
        return ", ".join(f"{day} {draw(hours)}" for day in days)
    rules = [f"{day} {draw(st.just('off') | hours)}" for day in days]
    return "; ".join(([f"Mo-Su {draw(hours)}"] if draw(st.booleans()) else []) + rules)


@given(texts(), st.lists(st.integers(0, 7 * 24 * 60 - 1), max_size=20))
def test_openstreetmaps_reader_agrees(text: str, moments: list[int]) -> None:
    week, judge = read_hours_text(text), OpeningHours(text)
    for minute in moments:
        moment = MONDAY + timedelta(days=7, minutes=minute)
        assert is_open(week, moment) == judge.is_open(moment), (text, moment)
