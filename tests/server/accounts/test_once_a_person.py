"""Whatever tills and phones do, in any order: of a campaign's period a person has one coupon.

A person is a member and all who became them. What two members have had before they were one stays; from then on nothing
is added to it, and nothing of it can be used a second time.
"""

from contextlib import suppress
from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.coupon_codes import make_coupon_code
from coupons.issuing.validity import ForSeconds
from ids import MemberId, RedemptionId
from kit.database import in_transaction
from programs.tills_repository import Till
from purchases.purchase import Basket
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, RedemptionResult, redeem
from server.redemptions.undo_redemption import undo_redemption
from server.web.idempotency import Answer
from tests.support.counter import Counter, set_points, set_stamp_card
from tests.support.merging import becomes
from tests.support.shop import NOON, Shop
from tests.support.visiting import expect_reconciled, undoes

PEOPLE = 3
# Twice as likely as the others: what earns and what uses a coupon.
OFTEN = ("scan", "redeem", "merge")
SELDOM = ("buy", "undo scan", "undo redemption", "refund", "spend", "void", "wait an hour", "wait a day")
# What is done, by whom, and to whom or how much.
DEEDS = st.lists(
    st.tuples(st.sampled_from(OFTEN * 2 + SELDOM), st.integers(0, PEOPLE - 1), st.integers(1, PEOPLE - 1)),
    min_size=4,
    max_size=16,
)
# By person, campaign and period: how many coupons they have had, used ones and open ones.
Holding = dict[tuple[object, ...], tuple[int, int, int]]


class Street:
    """Some people who go to one counter. Whoever becomes somebody else goes on with the other's card, and so does the
    other.
    """

    def __init__(self, shop: Shop, counters: list[Counter]) -> None:
        self.shop, self.counters = shop, counters
        self.now, self.number = NOON, 0
        self.members = [counter.shopper.member_id for counter in counters]
        self.bought: list[str] = []
        self.spent: list[str] = []
        self.redeemed: list[tuple[Till, MemberId, RedemptionId]] = []

    async def do(self, what: str, who: int, how: int) -> None:
        self.now += timedelta(minutes=1)
        self.number += 1
        counter, other = self.counters[who], self.counters[(who + how) % PEOPLE]
        if what == "wait an hour":
            self.now += timedelta(hours=1)
        elif what == "wait a day":
            self.now += timedelta(days=1)
        elif what == "merge":
            await self.merge(counter, other)
        else:
            with suppress(Problem):  # what is refused changes nothing
                await self.at_the_counter(what, counter, how)

    async def at_the_counter(self, what: str, counter: Counter, how: int) -> None:
        receipt = f"R-{self.number}"
        if what == "scan":
            await counter.scan(self.now, by_number=True)
        elif what == "buy":
            await counter.scan(self.now, by_number=True, basket=Basket(receipt, 500 * how, []))
            self.bought.append(receipt)
        elif what == "spend":
            await counter.spend(how, receipt, self.now)
            self.spent.append(receipt)
        elif what == "void" and self.spent:
            await counter.void(self.spent[-how:][0], self.now)
        elif what == "refund" and self.bought:
            await counter.refund(self.bought[-how:][0], receipt, None, self.now)
        elif what == "undo scan":
            till, scan = counter.till, counter.reference
            await undoes(self.shop, till, scan.member_id, scan.scan_id, self.now, snapshot=counter.snapshot)
        elif what == "redeem":
            await self.redeem_newest(counter)
        elif what == "undo redemption" and self.redeemed:
            used = self.redeemed[-how:][0]
            await in_transaction(self.shop.pool, lambda conn: undo_redemption(conn, *used, self.now))

    async def redeem_newest(self, counter: Counter) -> None:
        """Of what the person was ever given, under whatever name."""
        row = await self.shop.pool.fetchrow(
            "SELECT c.member_id, c.id FROM coupons c JOIN members m USING (member_id)"
            " LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id)"
            " WHERE coalesce(m.merged_into, m.member_id) = $1 AND c.expires_at > $2 AND r.till_id IS NULL"
            " ORDER BY r.coupon_id IS NULL DESC, c.id DESC LIMIT 1",
            counter.shopper.member_id,
            self.now,
        )
        if row is not None:
            command = RedeemCommand(counter.till, make_coupon_code(self.shop.keyring, *row), None, self.now)
            (answer,) = await in_transaction(self.shop.pool, lambda conn: redeem(conn, self.shop.keyring, [command]))
            if isinstance(answer, Answer):
                told = msgspec.json.decode(answer.body, type=RedemptionResult)
                self.redeemed.append((counter.till, told.member_id, told.redemption_id))

    async def merge(self, gone: Counter, stays: Counter) -> None:
        if gone.shopper.member_id == stays.shopper.member_id:
            return
        both = {gone.shopper.member_id, stays.shopper.member_id}
        phone = await becomes(self.shop, gone.shopper, stays.shopper, (self.now - NOON).total_seconds())
        for counter in self.counters:
            if counter.shopper.member_id in both:
                counter.shopper = phone

    async def look(self) -> Holding:
        """Rewards are not counted: their keys name what was earned, and two people's were earned by each."""
        rows = await self.shop.pool.fetch(
            "SELECT coalesce(m.merged_into, m.member_id), c.campaign_id, c.period_key, count(*),"
            "       count(r.till_id), count(*) FILTER (WHERE r.coupon_id IS NULL AND c.expires_at > $1)"
            " FROM coupons c JOIN members m USING (member_id)"
            " LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id)"
            " WHERE r.moved_to IS NULL AND r.undone_scan_id IS NULL AND r.had_as IS NULL"
            "   AND c.period_key NOT LIKE '%:%' AND c.member_id = ANY ($2) GROUP BY 1, 2, 3",
            self.now,
            self.members,
        )
        return {tuple(row[:3]): tuple(row[3:]) for row in rows}


@given(deeds=DEEDS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_order_of_events_gives_a_person_a_second_coupon_of_a_period(
    shop: Shop, deeds: list[tuple[str, int, int]]
) -> None:
    await prepare(shop)
    snapshot = (await shop.keeper()).current
    tills = [till for till, _ in await shop.install_tills(PEOPLE)]
    shoppers = await shop.enrol(PEOPLE)
    phones = [await shop.put_card_on(shopper) for shopper in shoppers]
    counters = [Counter(shop, *each, snapshot, shop.pool) for each in zip(tills, shoppers, phones, strict=True)]
    street, before = Street(shop, counters), Holding()
    for what, who, how in deeds:
        await street.do(what, who, how)
        now = await street.look()
        expect_one_each(before, now, has_merged=what == "merge")
        before = now
    await expect_reconciled(shop)


async def prepare(shop: Shop) -> None:
    """Once for all examples."""
    if await shop.count("campaigns"):
        return
    await set_points(shop)
    for frequency in ("once", "daily"):
        await shop.write_campaign("visit", frequency=frequency, coupon_validity=ForSeconds(2700))
    reward = await shop.write_campaign("stamps", coupon_validity=ForSeconds(2700))
    await set_stamp_card(shop, stamps_needed=2, campaign_id=reward.id)


def expect_one_each(before: Holding, now: Holding, *, has_merged: bool) -> None:
    for key, (had, used, usable) in now.items():
        assert usable <= (0 if used else 1), (key, had, used, usable)
        if not has_merged:
            had_before, used_before, _ = before.get(key, (0, 0, 0))
            assert had <= max(had_before, 1), (key, had, had_before)
            assert used <= max(used_before, 1), (key, used, used_before)
