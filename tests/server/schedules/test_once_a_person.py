"""What time gives is once a person, whichever of their members a run meets first."""

import pytest

from coupons.campaigns.timed_triggers import BirthdayTrigger, Broadcast, Schedule, TimedTrigger
from ids import CouponId
from tests.server.redemptions.test_undo_redemption import a_till
from tests.server.schedules.test_calendar import born
from tests.support.merging import becomes, redeems, usable
from tests.support.running import find_due, holders, lease, plan, start, walk
from tests.support.shop import NOON, Shop


@pytest.mark.parametrize("is_used", [False, True])
@pytest.mark.parametrize(
    "trigger",
    [Broadcast(), Schedule(first_at="2026-05-01T12:00"), BirthdayTrigger(at="12:00")],
    ids=lambda trigger: trigger.kind,
)
async def test_who_becomes_somebody_else_meanwhile_has_it_once(
    shop: Shop, trigger: TimedTrigger, *, is_used: bool
) -> None:
    first, last = sorted(await shop.enrol(2), key=lambda each: each.member_id)
    campaign = await shop.write_campaign(trigger=trigger, starts_at=NOON.replace(year=2025))
    for each in (first, last):
        await born(shop, each.member_id, 5, 1)
    if isinstance(trigger, Broadcast):
        await start(shop, campaign)
    await find_due(shop, NOON)
    await shop.pool.execute("DELETE FROM campaign_runs WHERE occasion IN ('2026-04-29', '2026-04-30')")
    await plan(shop)
    snapshot = (await shop.keeper()).current
    part = await lease(shop)
    assert part is not None
    step = await walk(shop, snapshot, part, most=1)
    assert await holders(shop, campaign) == {first.member_id: 1}
    if is_used:
        (coupon,) = await shop.rows("coupons")
        assert await redeems(shop, await a_till(shop), first.member_id, CouponId(coupon["id"])) == "redeemed"
    await becomes(shop, first, last)
    await walk(shop, snapshot, step.part)
    assert await usable(shop) == ({} if is_used else {last.member_id: 1})
