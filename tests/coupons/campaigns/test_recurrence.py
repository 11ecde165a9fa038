"""Repeating schedules: what is taken of RFC 5545, and what is refused in plain words."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from coupons.campaigns import recurrence
from coupons.campaigns.recurrence import BadRule, check_rule, is_bounded, occurrences

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST = datetime.fromisoformat("2026-01-30T18:00")  # a Friday


def days_of(rule: str | None, count: int = 4, zone: ZoneInfo | None = TOKYO) -> list[str]:
    found = occurrences(FIRST, rule, zone, FIRST - timedelta(days=1), FIRST + timedelta(days=1500))
    assert all(each.time() == FIRST.time() for each in found)
    return [each.date().isoformat() for each in found[:count]]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (None, ["2026-01-30"]),
        ("FREQ=WEEKLY;BYDAY=FR", ["2026-01-30", "2026-02-06", "2026-02-13", "2026-02-20"]),
        ("RRULE:freq=weekly;byday=fr;count=2", ["2026-01-30", "2026-02-06"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=2", ["2026-02-09", "2026-02-23"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", ["2026-01-30", "2026-02-27"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=1", ["2028-02-29"]),
        ("FREQ=DAILY;UNTIL=20260201", ["2026-01-30", "2026-01-31", "2026-02-01"]),  # that day too
        ("FREQ=DAILY;UNTIL=20260201T085959Z", ["2026-01-30", "2026-01-31"]),  # 17:59:59 in Tokyo
        ("FREQ=DAILY;UNTIL=20260201T090000Z", ["2026-01-30", "2026-01-31", "2026-02-01"]),
        ("FREQ=DAILY;UNTIL=20260131T180000", ["2026-01-30", "2026-01-31"]),
    ],
)
def test_days(rule: str | None, days: list[str]) -> None:
    if rule is not None:
        check_rule(rule, FIRST, TOKYO)
    assert days_of(rule) == days


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=SECONDLY", "FREQ=DAILY or rarer"),
        ("FREQ=HOURLY;INTERVAL=30", "FREQ=DAILY or rarer"),
        ("BYDAY=FR", "Begin the rule with FREQ"),
        ("FREQ=FORTNIGHTLY", "Begin the rule with FREQ"),
        ("FREQ=DAILY;BYHOUR=9,18", "Leave BYHOUR out"),
        ("FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=BACKWARD", "Leave RSCALE out"),
        ("FREQ=DAILY;FREQ=DAILY", "each name once"),
        ("every friday", "NAME=VALUE"),
        ("FREQ=DAILY;INTERVAL=400", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=1.5", "INTERVAL"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "not both"),
        ("FREQ=DAILY;UNTIL=20261301", "a day that there is"),
        ("FREQ=DAILY;UNTIL=tomorrow", "Write UNTIL as a day"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=2FR", "FREQ=MONTHLY"),
        ("FREQ=WEEKLY;BYMONTHDAY=13", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=2", "BYSETPOS"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=9", "BYSETPOS"),
        ("FREQ=DAILY;BYMONTH=1;BYMONTHDAY=30", "BYMONTHDAY"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=WEEKLY"),
        ("FREQ=DAILY;UNTIL=20260129", "names none"),
        ("FREQ=WEEKLY;WKST=XX", "WKST"),
    ],
)
def test_what_is_refused(rule: str, words: str) -> None:
    with pytest.raises(BadRule, match=words):
        check_rule(rule, FIRST, TOKYO)


def test_until_by_each_members_own_clock_is_no_moment() -> None:
    with pytest.raises(BadRule, match="without Z"):
        check_rule("FREQ=DAILY;UNTIL=20260201T090000Z", FIRST, None)
    assert days_of("FREQ=DAILY;UNTIL=20260131", zone=None) == ["2026-01-30", "2026-01-31"]


def test_an_end() -> None:
    assert [is_bounded(f"FREQ=DAILY{end}") for end in ("", ";COUNT=3", ";UNTIL=20270101")] == [False, True, True]


def test_what_began_long_ago_is_taken_up_where_it_stands() -> None:
    """Whatever the rule: a look at some days finds what a count from the first on finds there."""
    at_most = timedelta(days=420)
    for rule in (
        "FREQ=DAILY", "FREQ=DAILY;INTERVAL=5", "FREQ=DAILY;BYMONTH=2,7", "FREQ=DAILY;UNTIL=20401111",
        "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,MO,TH;WKST=SU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO",
        "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=5", "FREQ=MONTHLY;BYMONTHDAY=-1,15", "FREQ=MONTHLY;BYDAY=2FR,-1MO",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1", "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=3", "FREQ=YEARLY;BYMONTH=3,5", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "FREQ=YEARLY;BYMONTHDAY=31", "FREQ=YEARLY;INTERVAL=2;BYDAY=WE", "FREQ=DAILY;COUNT=999",
    ):  # fmt: skip
        for first in ("2000-01-31T18:00", "2000-02-29T18:00"):
            first_at = datetime.fromisoformat(first)
            whole = occurrences(first_at, rule, TOKYO, first_at - timedelta(days=1), first_at + timedelta(days=5_600))
            for days, after_time in ((3, 0), (400, 1), (3_653, -1), (5_144, 0)):
                after = first_at + timedelta(days=days, hours=after_time)
                expected = [each for each in whole if after < each <= after + at_most]
                assert occurrences(first_at, rule, TOKYO, after, after + at_most) == expected, (rule, first, days)


def test_what_began_long_ago_is_not_counted_through(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[datetime] = []
    opened = recurrence._open

    def noted(parts: Mapping[str, str], first_at: datetime, zone: tzinfo | None) -> Iterable[datetime]:
        begun.append(first_at)
        return opened(parts, first_at, zone)

    monkeypatch.setattr(recurrence, "_open", noted)
    now = datetime.fromisoformat("2098-06-15T12:00")
    for frequency in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        occurrences(datetime.fromisoformat("2000-01-31T18:00"), f"FREQ={frequency}", TOKYO, now, now)
    assert [now - each < timedelta(days=366) for each in begun] == [True] * 4
