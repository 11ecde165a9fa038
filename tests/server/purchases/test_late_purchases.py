"""What a till without a line sold, told days later: points, stamps and ranks count from the day of the purchase."""

from datetime import timedelta
from uuid import UUID

import pytest

from kit.database import Pool
from server.problems import Problem
from tests.server.check_ins.test_report_scans import report
from tests.support.counter import Counter, expect_sound, open_counters, set_points, set_ranks
from tests.support.shop import NOON, Shop
from visits.event_times import MAX_CLOCK_LEAD, MAX_REPORT_DELAY

DAY = timedelta(days=1)
# The last evening of April in Tokyo; NOON is the first of May.
APRIL = NOON - timedelta(hours=16)


async def a_scan_of(shop: Shop, pool: Pool) -> Counter:
    """In April, without a line, and told in May."""
    (counter,) = await open_counters(shop, pool)
    (told,) = await report(shop, counter.till, (counter.phone.make_code(APRIL), APRIL), now=NOON)
    assert isinstance(told.scan_id, UUID), told
    counter.scan_id = told.scan_id
    return counter


async def test_the_day_of_the_purchase_counts(shop: Shop, pool: Pool) -> None:
    await set_points(shop, visit_points=0, valid_days=1)
    await set_ranks(shop)
    counter = await a_scan_of(shop, pool)
    told = await counter.buy(1000, "R-1", APRIL, told_at=NOON)
    assert (told.points_earned, told.points_balance) == (10, 10)
    (purchase,) = await shop.rows("purchases")
    (posting,) = await shop.rows("point_postings")
    assert (purchase["purchased_at"], posting["at"]) == (APRIL, APRIL)
    (lot,) = await shop.rows("point_lots", "member_id")
    assert lot["expires_at"] == NOON + timedelta(hours=12)  # the end of the first of May
    (rank,) = await shop.rows("member_ranks", "member_id")
    assert (rank["rank_code"], rank["valid_until"]) == (
        "silver",
        NOON.replace(day=31, hour=15),
    )  # of April
    await expect_sound(shop)


async def test_points_whose_days_are_over_come_and_go(shop: Shop, pool: Pool) -> None:
    await set_points(shop, visit_points=0, valid_days=1)
    counter = await a_scan_of(shop, pool)
    told = await counter.buy(1000, "R-1", APRIL, told_at=NOON + 3 * DAY)
    assert (told.points_earned, told.points_balance) == (10, 0)
    await expect_sound(shop)


@pytest.mark.parametrize(
    ("told_after", "outcome"),
    [
        (MAX_REPORT_DELAY, "taken"),
        (MAX_REPORT_DELAY + timedelta(seconds=1), "too_old"),
        (-MAX_CLOCK_LEAD, "taken"),
        (-MAX_CLOCK_LEAD - timedelta(seconds=1), "in_the_future"),
        (timedelta(minutes=-10), "in_the_future"),
    ],
)
async def test_how_late_and_how_early_it_may_be(shop: Shop, pool: Pool, told_after: timedelta, outcome: str) -> None:
    (counter,) = await open_counters(shop, pool)
    if outcome == "taken":
        await counter.buy(1000, "R-1", NOON, told_at=NOON + told_after)
        return
    with pytest.raises(Problem) as refused:
        await counter.buy(1000, "R-1", NOON, told_at=NOON + told_after)
    assert (refused.value.slug, refused.value.extra["reason"]) == ("purchase-time-out-of-range", outcome)
    assert await shop.count("receipts") == 0


@pytest.mark.parametrize(("hours", "is_taken"), [(-25, False), (-23, True), (23, True), (25, False)])
async def test_purchase_and_scan_are_of_one_day(shop: Shop, pool: Pool, hours: int, is_taken: bool) -> None:
    (counter,) = await open_counters(shop, pool)
    at = NOON + timedelta(hours=hours)
    if is_taken:
        await counter.buy(1000, "R-1", at, told_at=NOON + DAY)
    else:
        with pytest.raises(Problem, match="scan-unknown"):
            await counter.buy(1000, "R-1", at, told_at=NOON + 2 * DAY)
