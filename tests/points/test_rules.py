"""What is earned, and until when it holds, in every time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ids import ProgramId
from kit.ids import new_id
from points.rules import NEVER, PointRules, expires_at, points_for_amount, points_to_reverse

ZONES = (
    "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu",
    "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "UTC",
)  # fmt: skip
START = datetime(2020, 1, 1, tzinfo=UTC)
moments = st.integers(0, 15 * 366 * 86_400).map(lambda after_s: START + timedelta(seconds=after_s))


def rules(time_zone: str = "Asia/Tokyo", valid_days: int | None = 365) -> PointRules:
    return PointRules(
        program_id=ProgramId(new_id()),
        currency="JPY",
        amount_step=100,
        step_points=3,
        visit_points=10,
        valid_days=valid_days,
        time_zone=time_zone,
    )


@pytest.mark.parametrize(("amount", "points"), [(1, 0), (99, 0), (100, 3), (199, 3), (1000, 30)])
def test_whole_steps_earn(amount: int, points: int) -> None:
    assert points_for_amount(rules(), amount) == points


def test_without_an_end_points_never_expire() -> None:
    assert expires_at(rules(valid_days=None), datetime(2026, 1, 1, tzinfo=UTC)) == NEVER


@pytest.mark.parametrize(
    ("time_zone", "earned", "expected"),
    [
        # 23:30 in Tokyo and half past midnight there are two days, though they are one in UTC.
        ("Asia/Tokyo", "2026-05-01T14:30Z", "2026-05-02T15:00Z"),
        ("Asia/Tokyo", "2026-05-01T15:30Z", "2026-05-03T15:00Z"),
        # The last day has 23 or 25 hours where the clocks change in it.
        ("Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T22:00Z"),
        ("Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T23:00Z"),
        ("America/New_York", "2026-05-01T03:59Z", "2026-05-02T04:00Z"),
    ],
)
def test_the_last_day_ends_at_its_midnight(time_zone: str, earned: str, expected: str) -> None:
    assert expires_at(rules(time_zone, 1), datetime.fromisoformat(earned)) == datetime.fromisoformat(expected)


@given(moments, st.sampled_from(ZONES), st.integers(1, 400))
def test_points_hold_on_the_whole_last_day_and_not_on_the_next(earned_at: datetime, zone: str, days: int) -> None:
    end = expires_at(rules(zone, days), earned_at)
    last_day: date = earned_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    assert (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == last_day
    assert end.astimezone(ZoneInfo(zone)).date() == last_day + timedelta(days=1)


@given(st.integers(1, 10**6), st.lists(st.integers(1, 1000), min_size=1, max_size=8))
def test_refunds_in_parts_take_back_what_one_would(earned: int, parts: list[int]) -> None:
    amount, refunded, taken = sum(parts), 0, 0
    for part in parts:
        refunded += part
        more = points_to_reverse(earned, taken, amount, refunded)
        assert more >= 0
        taken += more
        assert (earned - taken) * amount <= earned * (amount - refunded)
    assert taken == earned


def test_no_purchase_earns_without_bounds() -> None:
    """Else ten mistyped ones fill a balance to the end of its type."""
    generous = PointRules(
        program_id=ProgramId(new_id()),
        currency="JPY",
        amount_step=1,
        step_points=1_000_000,
        visit_points=0,
        valid_days=None,
        time_zone="UTC",
    )
    assert points_for_amount(generous, 10**12) == 10**12
