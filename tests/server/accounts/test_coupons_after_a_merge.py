"""A period's coupon is once a person: whichever of two members has had it, the one who stays gets no second one."""

import asyncio
from typing import Literal

import pytest

from coupons.campaigns.campaign import Frequency
from coupons.campaigns.triggers import TriggerKind
from coupons.coupons_repository import list_coupons_of_member
from ids import CouponId, MemberId
from kit.database import Pool
from kit.pages import parse_page
from members.aliases_repository import history_ids
from server.web.idempotency import Answer
from tests.support.counter import Counter, open_counters
from tests.support.gates import gate
from tests.support.merging import becomes, redeems, scans
from tests.support.shop import Shop, Shopper, at, fix
from tests.support.visiting import undoes

# After the device transfer, on the same business day.
LATER_S = 3600
Fate = Literal["none", "open", "used", "over"]
# What became of the coupon of the member who stays, and of the one who goes; what the wallet shows then (whether each
# was redeemed), and how many of them can still be.
FATES: list[tuple[Fate, Fate, list[bool], int]] = [
    ("none", "used", [True], 0),
    ("none", "over", [False], 0),
    ("none", "open", [False], 1),
    ("open", "used", [True], 0),
    ("open", "over", [False, False], 1),
    ("open", "open", [False], 1),
    ("used", "open", [True], 0),
    ("used", "used", [True, True], 0),
    ("used", "over", [False, True], 0),
    ("over", "used", [False, True], 0),
    ("over", "open", [False], 0),
    ("over", "over", [False, False], 0),
]


async def comes_by(shop: Shop, trigger: TriggerKind, shopper: Shopper, seconds: float) -> list[CouponId]:
    """What it earns them: a step through the door, after one outside, or a scan at a till."""
    if trigger == "enter":
        outside = [fix(at(seconds - before_s), away_m=500) for before_s in (600, 300)]
        (located,) = await shop.locate(shopper.sends(*outside, fix(at(seconds))))
        return located.coupons
    before = {row["id"] for row in await shop.rows("coupons")}
    till = (await shop.install_tills(1))[0][0]
    assert isinstance(await scans(shop, till, shopper.number, seconds), Answer)
    return [row["id"] for row in await shop.rows("coupons") if row["id"] not in before]


async def meet(shop: Shop, trigger: TriggerKind, shopper: Shopper, fate: Fate) -> None:
    if fate == "none":
        return
    (coupon_id,) = await comes_by(shop, trigger, shopper, 0)
    if fate == "used":
        till = (await shop.install_tills(1))[0][0]
        assert await redeems(shop, till, shopper.member_id, coupon_id) == "redeemed"
    if fate == "over":
        await shop.pool.execute("UPDATE coupons SET expires_at = issued_at + interval '1 s' WHERE id = $1", coupon_id)


async def in_wallet(shop: Shop, member_id: MemberId, *, usable: bool = False) -> list[bool]:
    """Of each coupon that the app shows, whether it was redeemed."""
    async with shop.pool.acquire() as conn:
        names = await history_ids(conn, member_id)
        held = await list_coupons_of_member(conn, names, parse_page(None, 50), at(LATER_S) if usable else None)
    return sorted(coupon.redeemed_at is not None for coupon in held)


TRIGGERS: list[TriggerKind] = ["enter", "visit"]
FREQUENCIES: list[Frequency] = ["once", "daily", "weekly", "monthly"]


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("frequency", FREQUENCIES)
async def test_whatever_became_of_both_there_is_no_second_one(
    shop: Shop, trigger: TriggerKind, frequency: Frequency
) -> None:
    """Each fate meets each trigger and each frequency; not all three with all."""
    await shop.write_campaign(trigger, frequency=frequency)
    turn = TRIGGERS.index(trigger) + FREQUENCIES.index(frequency)
    for stays, gone, shown, usable in FATES[turn % 2 :: 2]:
        old, new = await shop.enrol(2)
        await meet(shop, trigger, old, stays)
        await meet(shop, trigger, new, gone)
        phone = await becomes(shop, new, old)
        for again in range(2):
            told = (stays, gone, again)
            assert await in_wallet(shop, old.member_id) == shown, told
            assert len(await in_wallet(shop, old.member_id, usable=True)) == usable, told
            assert await comes_by(shop, trigger, phone, LATER_S + again * 900) == [], told


@pytest.mark.parametrize("gone", ["used", "over"])
async def test_what_the_first_of_a_chain_has_had_nobody_after_them_gets(shop: Shop, gone: Fate) -> None:
    await shop.write_campaign()
    first, second, third = await shop.enrol(3)
    await meet(shop, "enter", first, gone)
    phone = await becomes(shop, await becomes(shop, first, second), third, 1200)
    assert await comes_by(shop, "enter", phone, LATER_S) == []
    assert await in_wallet(shop, third.member_id) == [gone == "used"]


async def test_of_a_chain_the_last_ones_open_coupon_ends_where_the_first_has_used_theirs(shop: Shop) -> None:
    campaign = await shop.write_campaign(cap=5)
    first, second, third = await shop.enrol(3)
    await meet(shop, "enter", first, "used")
    (coupon_id,) = await comes_by(shop, "enter", third, 0)
    await becomes(shop, await becomes(shop, first, second), third, 1200)
    till = (await shop.install_tills(1))[0][0]
    assert await redeems(shop, till, third.member_id, coupon_id) == "already-redeemed"
    assert await shop.budget(campaign) == 2


async def test_another_period_earns_as_ever(shop: Shop) -> None:
    await shop.write_campaign(frequency="daily")
    old, new = await shop.enrol(2)
    await meet(shop, "enter", new, "used")
    phone = await becomes(shop, new, old)
    assert len(await comes_by(shop, "enter", phone, 86_400)) == 1


async def test_an_undone_scan_gives_no_period_back_that_the_other_has_had(shop: Shop, pool: Pool) -> None:
    await shop.write_campaign("visit", frequency="daily")
    (counter,) = await open_counters(shop, pool)
    (new,) = await shop.enrol()
    await meet(shop, "visit", new, "over")
    await becomes(shop, new, counter.shopper)
    told = await undoes(shop, counter.till, counter.shopper.member_id, counter.scan_id)
    assert told.coupons_ended == 1
    assert await in_wallet(shop, counter.shopper.member_id) == [False]
    assert (await counter.scan(at(700), by_number=True))["coupons_issued"] == 0


async def test_a_scan_that_looked_the_card_up_before_the_merge_earns_nothing_beside_it(
    shop: Shop, pool: Pool, race_pool: Pool, database: str
) -> None:
    """Who they became is asked once the merge, which holds them both, has ended."""
    await shop.write_campaign("visit")
    (counter,) = await open_counters(shop, pool)
    await undoes(shop, counter.till, counter.shopper.member_id, counter.scan_id)
    (stays,) = await shop.enrol()
    await meet(shop, "visit", stays, "used")
    race = Counter(shop, counter.till, counter.shopper, counter.phone, counter.snapshot, race_pool)
    async with gate(database, "LOCK TABLE member_facts IN SHARE MODE", 2) as arrived:
        merging = asyncio.create_task(becomes(shop, counter.shopper, stays))
        await arrived(1)
        scanning = asyncio.create_task(race.scan(at(60), by_number=True))
    await merging
    assert (await scanning)["coupons_issued"] == 0
    assert await in_wallet(shop, stays.member_id) == [True]
