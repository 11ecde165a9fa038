"""Two members have become one: what is bought, returned, spent and voided around it is the one's who stays."""

import asyncio

import pytest

from ids import MemberId, ProgramId, StaffId
from kit.database import Pool, in_transaction
from kit.ids import new_id
from points import ranks_repository, stamps_repository
from points.ranks import Rank
from points.stamps import Progress
from programs.staff_repository import Session
from server.check_ins.report_scans import OfflineScan, report_scans
from server.rewards.adjust import adjust
from server.rewards.renew import renew_all
from tests.support.counter import Counter, expect_sound, open_counters, set_points, set_ranks, set_stamp_card
from tests.support.gates import gate
from tests.support.merging import pending_transfer, transfer_device, usable
from tests.support.shop import Shop, at
from tests.support.verifying import expect_confirmed, slug, verify_contact

MERGED_S = 600


async def two_counters(shop: Shop, pool: Pool) -> tuple[Counter, Counter]:
    """One whose member will go, and one of the verified member who stays."""
    (gone,) = await open_counters(shop, pool)
    (stays,) = await open_counters(shop, pool)
    await verify_contact(shop, stays.shopper)
    return gone, stays


async def test_goods_that_come_back_after_a_merge_take_the_survivors_points(shop: Shop, pool: Pool) -> None:
    await set_points(shop, visit_points=0)
    gone, stays = await two_counters(shop, pool)
    await gone.buy(10_000, "R-1")
    await transfer_device(shop, gone.shopper, MERGED_S)
    assert await stays.balance() == 100
    part = await gone.refund("R-1", "B-1", 4000, at(MERGED_S))
    assert (part.member_id, part.points_reversed, part.points_balance, part.points_owed) == (
        stays.shopper.member_id,
        40,
        60,
        0,
    )
    await stays.scan(at(700), by_number=True)
    rest = await gone.refund("R-1", "B-2", None, at(700))
    assert (rest.points_balance, rest.points_owed) == (0, 0)
    assert (await gone.balance(), await gone.owed(), await stays.balance()) == (0, 0, 0)
    await expect_sound(shop)


async def test_points_that_are_given_back_after_a_merge_are_the_survivors(shop: Shop, pool: Pool) -> None:
    await set_points(shop)
    gone, stays = await two_counters(shop, pool)
    await gone.spend(7, "S-1")
    await transfer_device(shop, gone.shopper, MERGED_S)
    voided = await gone.void("S-1", at(MERGED_S))
    assert (voided.member_id, voided.points, voided.points_balance) == (stays.shopper.member_id, 7, 10)
    assert (await gone.balance(), await stays.balance()) == (0, 10)  # both visited that day: once paid
    await expect_sound(shop)


async def test_a_purchase_at_the_moment_of_the_merge_earns_for_who_stays(
    shop: Shop, pool: Pool, race_pool: Pool, database: str
) -> None:
    """The merge has the member; the purchase, whose scan was good, waits for it and then finds them gone."""
    await set_points(shop, visit_points=0)
    await set_ranks(shop)
    await set_stamp_card(shop)
    gone, stays = await two_counters(shop, race_pool)
    transferring = await pending_transfer(shop, gone.shopper)
    async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 2) as arrived:
        merging = asyncio.create_task(transferring())
        await arrived(1)
        buying = asyncio.create_task(gone.buy(2000, "R-1", at(60)))
    transferred, bought = await asyncio.gather(merging, buying)
    expect_confirmed(transferred)
    assert (bought.points_earned, bought.points_balance) == (20, 20)
    assert (await gone.balance(), await stays.balance()) == (0, 20)
    assert {row["member_id"] for row in await shop.rows("stamps", "at")} == {stays.shopper.member_id}
    assert (await gone.rank(), await stays.rank()) == (None, "silver")
    await expect_sound(shop)


async def test_a_void_at_the_moment_of_the_merge_gives_back_to_who_stays(
    shop: Shop, pool: Pool, race_pool: Pool, database: str
) -> None:
    await set_points(shop, visit_points=10)
    gone, stays = await two_counters(shop, race_pool)
    await gone.spend(7, "S-1")
    transferring = await pending_transfer(shop, gone.shopper)
    async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 2) as arrived:
        merging = asyncio.create_task(transferring())
        await arrived(1)
        voiding = asyncio.create_task(gone.void("S-1", at(60)))
    transferred, voided = await asyncio.gather(merging, voiding)
    expect_confirmed(transferred)
    assert voided.points_balance == 10
    assert (await gone.balance(), await stays.balance()) == (0, 10)
    await expect_sound(shop)


async def progress(counter: Counter) -> Progress:
    """On the only stamp card."""
    member_id = counter.shopper.member_id
    async with counter.shop.pool.acquire() as conn:
        found = await stamps_repository.read_progress(conn, [member_id])
    (state,) = [each for (holder, _), each in found.items() if holder == member_id] or [Progress(0, 0)]
    return state


async def test_the_running_stamps_move_and_the_full_cards_stay(shop: Shop, pool: Pool) -> None:
    await set_stamp_card(shop)
    gone, stays = await two_counters(shop, pool)
    for number in range(4):  # a full card of three, and one stamp
        await gone.buy(500, f"G-{number}", at(number))
    await stays.buy(500, "S-0")
    await transfer_device(shop, gone.shopper, MERGED_S)
    assert (await progress(stays), await progress(gone)) == (Progress(2, 0), Progress(3, 1))
    # What comes back to the shop takes the stamp that moved, and none of a card that is full.
    await gone.refund("G-0", "B-0", None, at(700))
    assert await progress(stays) == Progress(2, 0)
    await gone.refund("G-3", "B-3", None, at(700))
    assert await progress(stays) == Progress(1, 0)


async def test_stamps_that_come_together_to_a_full_card_earn_its_coupon_at_once(shop: Shop, pool: Pool) -> None:
    campaign = await shop.write_campaign("stamps", allow_anonymous=False)
    await set_stamp_card(shop, campaign_id=campaign.id)
    gone, stays = await two_counters(shop, pool)
    for counter, name in ((gone, "G"), (stays, "S")):
        for number in range(2):
            await counter.buy(500, f"{name}-{number}", at(number))
    await transfer_device(shop, gone.shopper, MERGED_S)
    assert await progress(stays) == Progress(4, 1)
    assert await usable(shop) == {stays.shopper.member_id: 1}
    (completion,) = await shop.rows("stamp_completions", "round")
    assert (completion["member_id"], completion["round"], completion["decision"]) == (
        stays.shopper.member_id,
        1,
        "issued",
    )


async def test_both_keep_the_coupons_of_their_full_cards(shop: Shop, pool: Pool) -> None:
    """The first full card of each: two earning events and two coupons, though both are a first one."""
    campaign = await shop.write_campaign("stamps")
    await set_stamp_card(shop, campaign_id=campaign.id, stamps_needed=1)
    gone, stays = await two_counters(shop, pool)
    await gone.buy(500, "G-0")
    await stays.buy(500, "S-0")
    await transfer_device(shop, gone.shopper, MERGED_S)
    assert await usable(shop) == {stays.shopper.member_id: 2}


async def test_a_visit_of_both_is_one_visit(shop: Shop, pool: Pool) -> None:
    """At the same store on the same day: one stamp, one visit's points, one visit towards the rank."""
    await set_points(shop)
    await set_stamp_card(shop, source="visit")
    await set_ranks(shop, measure="visits", ranks=(Rank("regular", {"en": "Regular"}, 2),))
    gone, stays = await two_counters(shop, pool)
    await transfer_device(shop, gone.shopper, MERGED_S)
    assert (await stays.balance(), await progress(stays), await stays.rank()) == (10, Progress(1, 0), None)
    await expect_sound(shop)
    await stays.scan(at(86_400), by_number=True)
    assert (await stays.balance(), await progress(stays), await stays.rank()) == (20, Progress(2, 0), "regular")


async def test_the_rank_follows_from_what_both_gathered(shop: Shop, pool: Pool) -> None:
    await set_ranks(shop)
    gone, stays = await two_counters(shop, pool)
    await gone.buy(1600, "R-1")
    await stays.buy(1500, "R-2")
    assert (await gone.rank(), await stays.rank()) == ("silver", "silver")
    await transfer_device(shop, gone.shopper, MERGED_S)
    assert (await gone.rank(), await stays.rank()) == (None, "gold")
    await gone.refund("R-1", "B-1", 200, at(700))
    assert await stays.rank() == "silver"


async def test_the_worker_that_found_them_before_the_merge_judges_them_no_more(
    shop: Shop, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_ranks(shop)
    gone, stays = await two_counters(shop, pool)
    await gone.buy(1600, "R-1")
    await transfer_device(shop, gone.shopper, MERGED_S)
    found = iter([{gone.shopper.member_id: shop.program.id}])

    async def find(*_: object) -> dict[MemberId, ProgramId]:
        return next(found, {})

    monkeypatch.setattr(ranks_repository, "find_members_due_for_ranking", find)
    await renew_all(shop.pool, at(700))
    assert (await gone.rank(), await stays.rank()) == (None, "silver")


async def test_a_reward_for_claimed_members_waits_until_they_are_one(shop: Shop, pool: Pool) -> None:
    campaign = await shop.write_campaign("stamps", allow_anonymous=False)
    await set_stamp_card(shop, campaign_id=campaign.id, stamps_needed=1)
    (counter,) = await open_counters(shop, pool)
    for number in range(2):
        assert (await counter.buy(500, f"R-{number}", at(number))).coupons_issued == 0
    assert await shop.count("stamp_completions") == 0
    await verify_contact(shop, counter.shopper)
    assert await usable(shop) == {counter.shopper.member_id: 2}
    assert await progress(counter) == Progress(2, 2)


async def test_points_that_staff_add_at_the_moment_of_the_merge_are_not_lost(
    shop: Shop, pool: Pool, race_pool: Pool, database: str
) -> None:
    await set_points(shop, visit_points=0)
    gone, _ = await two_counters(shop, race_pool)
    owner = Session(StaffId(new_id()), shop.program.id, "owner", frozenset())
    transferring = await pending_transfer(shop, gone.shopper)
    async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 2) as arrived:
        merging = asyncio.create_task(transferring())
        await arrived(1)
        adding = asyncio.create_task(
            in_transaction(race_pool, lambda conn: adjust(conn, owner, gone.shopper.member_id, 5, "sorry", at(60)))
        )
    transferred, told = await asyncio.gather(merging, adding, return_exceptions=True)
    assert slug(transferred) == "VerificationResult"
    assert slug(told) == "member-unknown"
    assert await gone.balance() == 0


async def test_a_visit_that_the_other_was_paid_for_is_not_paid_again(shop: Shop, pool: Pool) -> None:
    """One scan a fresh install, and merge each: only the first one of a day and store earns."""
    await set_points(shop)
    await set_stamp_card(shop, source="visit")
    (gone,) = await open_counters(shop, pool)
    (stays,) = await shop.enrol()
    await verify_contact(shop, stays)
    await transfer_device(shop, gone.shopper, MERGED_S)
    survivor = Counter(shop, gone.till, stays, gone.phone, gone.snapshot, pool)
    assert await survivor.balance() == 10
    assert (await survivor.scan(at(700), by_number=True))["points_earned"] == 0
    assert (await survivor.balance(), await progress(survivor)) == (10, Progress(1, 0))
    await expect_sound(shop)


async def test_an_offline_scan_that_is_told_at_the_moment_of_the_merge_earns_for_who_stays(
    shop: Shop, pool: Pool, race_pool: Pool, database: str
) -> None:
    await set_points(shop)
    gone, stays = await two_counters(shop, race_pool)
    code, snapshot = gone.phone.make_code(at(86_400)), gone.snapshot
    scans = [OfflineScan(code, at(86_400))]
    transferring = await pending_transfer(shop, gone.shopper)
    async with gate(database, "LOCK TABLE point_accounts IN EXCLUSIVE MODE", 2) as arrived:
        merging = asyncio.create_task(transferring())
        await arrived(1)
        telling = asyncio.create_task(
            in_transaction(
                race_pool, lambda conn: report_scans(conn, shop.keyring, snapshot, gone.till, scans, at(86_400))
            )
        )
    transferred, told = await asyncio.gather(merging, telling)
    expect_confirmed(transferred)
    assert [each.outcome for each in told] == ["counted"]
    assert (await gone.balance(), await stays.balance()) == (0, 20)  # the first day's once, and this one
    await expect_sound(shop)
