"""A campaign's unused coupons are withdrawn: counted to the coupon, told to shoppers and tills, and for good."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

import pytest

from cards.apple_pass import PassCoupon
from coupons import coupons_repository
from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import Campaign
from coupons.coupon_codes import make_coupon_code
from coupons.issuing.validity import ForSeconds
from coupons.withdrawal import Withdrawal
from ids import CouponId, MemberId
from kit.database import Connection, Pool, in_transaction
from kit.locales import Locale
from kit.pages import parse_page
from members.aliases_repository import history_ids
from programs import programs_repository
from programs.tills_repository import Till
from push.dispatch import dispatch_once
from push.sink import SinkSender
from server.campaigns.withdraw import CampaignWithdrawal, read_withdrawal, withdraw
from server.locations.locate import locate
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from server.redemptions.undo_redemption import undo_redemption
from server.runtime.store_places import StorePlaces
from server.wallets.read_passes import read_pass
from server.web.idempotency import Answer
from tests.server.redemptions.test_undo_redemption import a_till, used
from tests.support.answers import expect_located
from tests.support.gates import deadlocks, gate
from tests.support.merging import becomes, earn, redeems
from tests.support.shop import NOON, Shop, Shopper, at, fix

REASON: Mapping[Locale, str] = {"ja": "印刷の誤りです", "en": "A printing error"}
TILLS = 15


async def withdrawn(
    shop: Shop, campaign: Campaign, counted: int, seconds: float = 60, pool: "Pool | None" = None
) -> CampaignWithdrawal:
    async def work(conn: Connection) -> CampaignWithdrawal:
        version = await programs_repository.bump_campaign_version(conn, shop.program.id)
        held = await campaigns_repository.find_campaign(conn, shop.program.id, campaign.id)
        assert held is not None
        return await withdraw(conn, held, counted, REASON, at(seconds), version)

    return await in_transaction(pool or shop.pool, work)


async def counted(shop: Shop, campaign: Campaign, seconds: float = 60) -> int:
    async with shop.pool.acquire() as conn:
        held = await campaigns_repository.find_campaign(conn, shop.program.id, campaign.id)
        assert held is not None
        return (await read_withdrawal(conn, held, at(seconds))).unused_coupons


async def wallet(shop: Shop, member_id: MemberId, *, usable: bool = False) -> list[Withdrawal | None]:
    async with shop.pool.acquire() as conn:
        names, when = await history_ids(conn, member_id), at(90)
        found = await coupons_repository.list_coupons_of_member(
            conn, names, parse_page(None, 50), when if usable else None
        )
        open_now = [c.id for c in await coupons_repository.list_usable_coupons(conn, names, when)]
    unended = [each.id for each in found if not (each.withdrawal or each.redeemed_at or each.expires_at <= when)]
    assert unended == open_now
    return [coupon.withdrawal for coupon in found]


async def on_pass(shop: Shop, shopper: Shopper) -> PassCoupon | None:
    async with shop.pool.acquire() as conn:
        found = await read_pass(conn, StorePlaces(), (shopper.member_id, shopper.device_id), at(55))
    assert found.face.member is not None
    return found.face.member.coupon


async def tried(shop: Shop, till: Till, member_id: MemberId, coupon_id: CouponId, seconds: float = 90) -> Problem:
    command = RedeemCommand(till, make_coupon_code(shop.keyring, member_id, coupon_id), None, at(seconds))
    (answer,) = await in_transaction(shop.pool, partial(redeem, keyring=shop.keyring, commands=[command]))
    assert isinstance(answer, Problem)
    return answer


async def holders(shop: Shop, count: int) -> list[tuple[Shopper, CouponId]]:
    return [(shopper, (await earn(shop, shopper))[0]) for shopper in await shop.enrol(count)]


async def test_what_is_unused_ends_and_what_was_used_or_over_stays_as_it_was(shop: Shop) -> None:
    campaign, till = await shop.write_campaign(coupon_validity=ForSeconds(3600)), await a_till(shop)
    (one, one_id), (two, two_id), (three, three_id), (left, left_id) = await holders(shop, 4)
    await used(shop, till, two.member_id, two_id, 10)
    await shop.pool.execute("UPDATE coupons SET expires_at = $1 WHERE id = $2", at(30), three_id)
    assert await counted(shop, campaign, 20) == 3
    await shop.pool.execute("UPDATE members SET state = 'closed' WHERE member_id = $1", left.member_id)
    assert await counted(shop, campaign) == 1

    assert await on_pass(shop, one) is not None
    told = await withdrawn(shop, campaign, 1)
    assert await on_pass(shop, one) is None
    assert (told.unused_coupons, told.withdrawn_at, told.reason) == (1, at(60), REASON)
    (row,) = await shop.rows("campaigns")
    assert (row["state"], row["withdrawn_at"]) == ("ended", at(60))
    withdrawal = Withdrawal(at(60), REASON)
    assert await wallet(shop, one.member_id) == [withdrawal]
    assert await wallet(shop, one.member_id, usable=True) == []
    assert await wallet(shop, two.member_id) == await wallet(shop, three.member_id) == [None]
    refused = await tried(shop, till, one.member_id, one_id)
    assert refused.slug == "coupon-withdrawn"
    assert refused.extra == {"withdrawn_at": at(60), "withdrawal_reason": REASON["ja"]}
    assert (await tried(shop, till, two.member_id, two_id)).slug == "already-redeemed"
    assert (await tried(shop, till, three.member_id, three_id)).slug == "coupon-expired"
    assert (await tried(shop, till, one.member_id, one_id, 3600 * 2)).slug == "coupon-withdrawn"
    assert (await tried(shop, till, left.member_id, left_id)).slug == "coupon-unknown"


@pytest.mark.parametrize(("said", "refused"), [(1, True), (2, False), (3, False)])
async def test_it_is_refused_where_more_are_out_than_was_said(shop: Shop, said: int, refused: bool) -> None:
    campaign = await shop.write_campaign()
    ((shopper, _), _) = await holders(shop, 2)
    if not refused:
        assert (await withdrawn(shop, campaign, said)).unused_coupons == 2
        return
    with pytest.raises(Problem) as caught:
        await withdrawn(shop, campaign, said)
    assert (caught.value.slug, caught.value.extra) == ("more-coupons-unused", {"unused_coupons": 2})
    assert await wallet(shop, shopper.member_id, usable=True) == [None]
    assert (await shop.rows("campaigns"))[0]["state"] == "running"


async def test_a_withdrawal_is_final(shop: Shop) -> None:
    campaign = await shop.write_campaign(state="ended")
    await withdrawn(shop, campaign, 0)
    with pytest.raises(Problem) as caught:
        await withdrawn(shop, campaign, 0, 70)
    assert caught.value.slug == "campaign-withdrawn"


async def test_what_a_stale_process_issues_is_withdrawn_too_and_its_push_not_sent(shop: Shop) -> None:
    campaign, till = await shop.write_campaign(), await a_till(shop)
    (early, late) = await shop.enrol(2)
    await earn(shop, early)
    stale = await shop.keeper()
    await withdrawn(shop, campaign, 1)
    (answer,) = await locate(shop.pool, stale, [late.sends(fix(at(70)))])
    (coupon_id,) = expect_located(answer).coupons
    assert await wallet(shop, late.member_id) == [Withdrawal(at(60), REASON)]
    assert (await tried(shop, till, late.member_id, coupon_id)).slug == "coupon-withdrawn"
    assert await counted(shop, campaign) == 2
    count = await dispatch_once(
        shop.pool, SinkSender(), code_of=partial(make_coupon_code, shop.keyring), circuits={}, clock=lambda: at(80)
    )
    assert (count.leased, count.sent, count.dropped) == (2, 0, 2)
    assert {row["failure"] for row in await shop.rows("outbox")} == {"coupon_withdrawn"}


async def test_a_redemption_that_is_undone_opens_nothing(shop: Shop) -> None:
    campaign, till = await shop.write_campaign(), await a_till(shop)
    ((shopper, coupon_id),) = await holders(shop, 1)
    redemption_id = await used(shop, till, shopper.member_id, coupon_id, 50)
    await withdrawn(shop, campaign, 0)
    undone = await in_transaction(
        shop.pool, lambda conn: undo_redemption(conn, till, shopper.member_id, redemption_id, at(80))
    )
    assert not undone.is_coupon_usable
    assert (await tried(shop, till, shopper.member_id, coupon_id)).slug == "coupon-withdrawn"
    assert await wallet(shop, shopper.member_id) == [Withdrawal(at(60), REASON)]


async def test_after_a_merge_the_wallet_still_says_that_it_was_withdrawn(shop: Shop) -> None:
    campaign, till = await shop.write_campaign(), await a_till(shop)
    ((gone, coupon_id),) = await holders(shop, 1)
    (stays,) = await shop.enrol()
    await withdrawn(shop, campaign, 1)
    await becomes(shop, gone, stays, 80)
    assert await wallet(shop, stays.member_id) == [Withdrawal(at(60), REASON)]
    assert await redeems(shop, till, gone.member_id, coupon_id) == "coupon-withdrawn"
    assert await counted(shop, campaign) == 1


async def test_a_merge_before_it_changes_nothing_of_the_count(shop: Shop) -> None:
    campaign = await shop.write_campaign()
    ((gone, _),) = await holders(shop, 1)
    (stays,) = await shop.enrol()
    await becomes(shop, gone, stays, 40)
    assert (await withdrawn(shop, campaign, 1)).unused_coupons == 1
    assert await wallet(shop, stays.member_id) == [Withdrawal(at(60), REASON)]


@pytest.mark.parametrize("first", ["tills", "withdrawal"])
async def test_tills_against_a_withdrawal(shop: Shop, race_pool: Pool, database: str, first: str) -> None:
    """Whoever is first: a coupon is redeemed or withdrawn, and the count is of those that were."""
    campaign, tills = await shop.write_campaign(), await shop.install_tills(TILLS)
    held = await holders(shop, TILLS)

    def redeemings() -> list["asyncio.Task[Sequence[Answer | Exception]]"]:
        commands = [
            RedeemCommand(till, make_coupon_code(shop.keyring, shopper.member_id, coupon_id), None, at(60))
            for (till, _), (shopper, coupon_id) in zip(tills, held, strict=True)
        ]
        return [
            asyncio.create_task(in_transaction(race_pool, partial(redeem, keyring=shop.keyring, commands=[command])))
            for command in commands
        ]

    def withdrawing() -> "asyncio.Task[CampaignWithdrawal]":
        return asyncio.create_task(withdrawn(shop, campaign, TILLS, pool=race_pool))

    hold = "LOCK TABLE redemptions IN SHARE MODE" if first == "tills" else "SELECT FROM campaigns FOR UPDATE"
    async with gate(database, hold, TILLS + 1) as arrived:
        if first == "tills":
            runs = redeemings()
            await arrived(TILLS)
            ending = withdrawing()
        else:
            ending = withdrawing()
            await arrived(1)
            runs = redeemings()
    answers, told = [answer for (answer,) in await asyncio.gather(*runs)], await ending
    taken = sum(isinstance(answer, Answer) for answer in answers)
    assert {answer.slug for answer in answers if isinstance(answer, Problem)} <= {"coupon-withdrawn"}
    assert (await shop.count("redemptions"), told.unused_coupons) == (taken, TILLS - taken)
    assert taken == TILLS or first == "withdrawal"
    assert await counted(shop, campaign) == TILLS - taken
    assert await deadlocks(database) == 0


async def test_a_campaign_that_issues_all_the_time_does_not_hold_a_withdrawal_up(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    """An issue that is under way holds the campaign by its foreign key until its commit."""
    campaign = await shop.write_campaign()
    ((_, _), (late,)) = (await holders(shop, 1))[0], await shop.enrol()
    keeper = await shop.keeper()
    async with gate(database, "LOCK TABLE transitions IN SHARE MODE", 1) as arrived:
        issuing = asyncio.create_task(locate(race_pool, keeper, [late.sends(fix(NOON))]))
        await arrived(1)
        assert (await asyncio.wait_for(withdrawn(shop, campaign, 1, pool=race_pool), 30)).unused_coupons == 1
    ((answer,)) = await issuing
    assert len(expect_located(answer).coupons) == 1
    assert await wallet(shop, late.member_id) == [Withdrawal(at(60), REASON)]
