"""Hours of every day: what lies in them, when they begin and end next, and the nights when the clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kit.daily_hours import DailyHours, next_end, next_start

TOKYO, NEW_YORK, LONDON = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
NIGHT = DailyHours(time(21), time(8))


@pytest.mark.parametrize(
    ("hours", "wall", "expected"),
    [
        (NIGHT, time(20, 59, 59), False),
        (NIGHT, time(21), True),
        (NIGHT, time(0), True),
        (NIGHT, time(7, 59, 59), True),
        (NIGHT, time(8), False),
        (DailyHours(time(12), time(13)), time(12), True),
        (DailyHours(time(12), time(13)), time(13), False),
        (DailyHours(time(0), time(6)), time(0), True),
        (DailyHours(time(22), time(0)), time(23, 59), True),
        (DailyHours(time(22), time(0)), time(0), False),
        (DailyHours(time(9), time(9)), time(3), True),
        (DailyHours(time(9), time(9)), time(9), True),
    ],
)
def test_they_may_run_past_midnight(hours: DailyHours, wall: time, expected: bool) -> None:
    assert hours.hold(datetime.combine(NOON.date(), wall, TOKYO)) is expected


@pytest.mark.parametrize(
    ("hours", "now", "zone", "start"),
    [
        (NIGHT, NOON, TOKYO, datetime(2026, 5, 1, 12, tzinfo=UTC)),
        (DailyHours(time(1), time(8)), NOON, TOKYO, datetime(2026, 5, 1, 16, tzinfo=UTC)),
        (DailyHours(time(11), time(12)), NOON, TOKYO, datetime(2026, 5, 2, 2, tzinfo=UTC)),
        # The clocks skip 02:30, and 03:00 is quiet already: rather early than late.
        (
            DailyHours(time(2, 30), time(5)),
            datetime(2026, 3, 8, 6, tzinfo=UTC),
            NEW_YORK,
            datetime(2026, 3, 8, 6, 30, tzinfo=UTC),
        ),
        # 01:30 comes twice when they go back: quiet from the first, and again from the second.
        (
            DailyHours(time(1, 30), time(5)),
            datetime(2026, 11, 1, 4, tzinfo=UTC),
            NEW_YORK,
            datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        ),
        (
            DailyHours(time(1, 30), time(1, 45)),
            datetime(2026, 11, 1, 5, 50, tzinfo=UTC),
            NEW_YORK,
            datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        ),
    ],
)
def test_the_next_ones_begin_by_the_local_clock(
    hours: DailyHours, now: datetime, zone: ZoneInfo, start: datetime
) -> None:
    assert next_start(hours, now, zone) == start
    assert next_start(hours, now, zone).tzinfo is UTC


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants naive bounds


@given(MINUTES, MINUTES, MOMENTS, st.sampled_from([TOKYO, NEW_YORK, LONDON]))
def test_no_moment_before_the_next_start_lies_in_them(start: time, end: time, now: datetime, zone: ZoneInfo) -> None:
    hours = DailyHours(start, end)
    assume(not hours.hold(now.astimezone(zone)))
    # The nights when the clocks change have examples of their own.
    assume(now.astimezone(zone).utcoffset() == (now + timedelta(hours=25)).astimezone(zone).utcoffset())
    begins = next_start(hours, now, zone)
    assert now < begins <= now + timedelta(hours=25)
    for part in (0.001, 0.25, 0.5, 0.75, 0.999):
        between = now + (begins - now) * part
        assert not hours.hold(between.astimezone(zone)), between


@pytest.mark.parametrize(
    ("hours", "now", "zone", "end"),
    [
        (NIGHT, datetime(2026, 5, 1, 14, tzinfo=UTC), TOKYO, datetime(2026, 5, 1, 23, tzinfo=UTC)),
        (NIGHT, datetime(2026, 5, 1, 15, 30, tzinfo=UTC), TOKYO, datetime(2026, 5, 1, 23, tzinfo=UTC)),
        (DailyHours(time(12), time(13)), NOON, TOKYO, datetime(2026, 5, 1, 4, tzinfo=UTC)),
        (DailyHours(time(9), time(9)), NOON, TOKYO, None),
        # The clocks skip 02:30: what ends then ends at 03:30.
        (DailyHours(time(21), time(2, 30)), datetime(2026, 3, 8, 6, tzinfo=UTC), NEW_YORK,
         datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # The night is an hour shorter in spring, and an hour longer in autumn.
        (NIGHT, datetime(2026, 3, 8, 3, tzinfo=UTC), NEW_YORK, datetime(2026, 3, 8, 12, tzinfo=UTC)),
        (NIGHT, datetime(2026, 11, 1, 3, tzinfo=UTC), NEW_YORK, datetime(2026, 11, 1, 13, tzinfo=UTC)),
        # 01:30 comes twice: the first one is an end, whatever comes again.
        (DailyHours(time(21), time(1, 30)), datetime(2026, 11, 1, 4, tzinfo=UTC), NEW_YORK,
         datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_they_end_by_the_local_clock(hours: DailyHours, now: datetime, zone: ZoneInfo, end: datetime | None) -> None:
    assert next_end(hours, now, zone) == end


@given(MINUTES, MINUTES, MOMENTS, st.sampled_from([TOKYO, NEW_YORK, LONDON]))
def test_an_end_lies_outside_them_and_within_a_day_or_so(start: time, end: time, now: datetime, zone: ZoneInfo) -> None:
    hours = DailyHours(start, end)
    assume(start != end and hours.hold(now.astimezone(zone)))
    over = next_end(hours, now, zone)
    assert over is not None
    assert now < over <= now + timedelta(hours=26)
    assert not hours.hold(over.astimezone(zone))
