"""Tills reserve, redeem, void, take back and undo, and the staff void coupons and give them back, while the members
become others and are erased: whatever comes first, no coupon is used more often than it can be, and points and facts
are what the books say.
"""

import asyncio
import random
from contextlib import suppress
from functools import partial

import pytest

from coupons.coupon_codes import make_coupon_code
from coupons.redemptions.benefits import AmountOff, ExtraPoints, Grant, PercentOff
from ids import CouponId, MemberId, RedemptionId
from kit.database import in_transaction
from programs.staff_repository import Session
from programs.tills_repository import Till
from server.audiences.recompute import recompute_facts
from server.privacy.erase import erase
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from server.redemptions.reserve import ReservationResult
from server.redemptions.settle import refund_reservation
from server.redemptions.undo_redemption import undo_redemption
from tests.server.redemptions.test_reservations import ANY, holds, pays, voids
from tests.support.counter import set_points
from tests.support.merging import becomes, earn
from tests.support.shop import Shop, Shopper, at
from tests.support.voiding import lifts, staff_of, voids_coupon

DEEDS = ("reserve", "reserve", "pay", "pay", "void", "void", "refund", "redeem", "undo", "undo", "end", "end", "lift")
# Rows that each of them finds are wrong.
WRONG = {
    "a coupon has more uses than it can have": """
        SELECT FROM coupons c JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id)
        GROUP BY c.member_id, c.id, c.uses HAVING count(*) > c.uses""",
    "a person can use more of a period's coupon than is left of it": """
        SELECT FROM (
            SELECT c.uses, m.state = 'active' AS is_own, count(r.coupon_id) FILTER (WHERE r.held_until IS NULL) AS gone,
                   count(r.till_id) AS used, coalesce(m.merged_into, m.member_id) AS person, c.campaign_id, c.period_key
            FROM coupons c JOIN members m USING (member_id)
            LEFT JOIN redemptions r ON (r.member_id, r.coupon_id) = (c.member_id, c.id)
            GROUP BY c.member_id, c.id, m.member_id
        ) each GROUP BY person, campaign_id, period_key
        HAVING sum(uses - gone) FILTER (WHERE is_own) > 0
           AND sum(uses - gone) FILTER (WHERE is_own) + sum(used) > max(uses)""",
    "a use of a coupon is open, or held, while its void stands": """
        SELECT FROM coupon_voids v JOIN coupons c ON (c.member_id, c.id) = (v.member_id, v.coupon_id)
        WHERE v.lifted_at IS NULL AND c.uses > (
            SELECT count(*) FROM redemptions r
            WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id) AND r.held_until IS NULL)""",
    "a use is void without a void": """
        SELECT FROM redemptions r JOIN members m USING (member_id) WHERE r.void_id IS NOT NULL AND m.state <> 'erased'
        AND NOT EXISTS (SELECT FROM coupon_voids v
                        WHERE (v.member_id, v.id) = (r.member_id, r.void_id) AND v.lifted_at IS NULL)""",
    "a reservation was redeemed without a use": """
        SELECT FROM reservations v WHERE v.redeemed_at IS NOT NULL AND v.voided_at IS NULL AND NOT EXISTS (
            SELECT FROM redemptions r WHERE (r.member_id, r.reservation_id) = (v.member_id, v.id))""",
    "a redeemed or void one holds a use": """
        SELECT FROM reservations v JOIN redemptions r ON (r.member_id, r.reservation_id) = (v.member_id, v.id)
        WHERE (v.redeemed_at IS NOT NULL OR v.voided_at IS NOT NULL) AND r.held_until IS NOT NULL""",
    "a balance is not what its lots come to": """
        SELECT FROM point_accounts a WHERE a.balance <> coalesce(
            (SELECT sum(remaining) FROM point_lots l WHERE l.member_id = a.member_id), 0)""",
    "somebody who became another member has points": """
        SELECT FROM point_accounts a JOIN members m USING (member_id)
        WHERE m.state = 'merged' AND (a.balance, a.owed) <> (0, 0)""",
}


class Counters:
    """Tills that know of the members only what they were shown, and what they were answered."""

    def __init__(self, shop: Shop, tills: list[Till], manager: Session, chance: random.Random) -> None:
        self.shop, self.tills, self.manager, self.chance, self.seconds = shop, tills, manager, chance, 60.0
        self.held: list[ReservationResult] = []
        self.redeemed: list[tuple[Till, MemberId, RedemptionId]] = []
        self.done: set[str] = set()

    async def do(self, deed: str) -> None:
        """What is refused changes nothing."""
        if not {"undo": self.redeemed, "pay": self.held, "void": self.held, "refund": self.held}.get(deed, True):
            return
        with suppress(Problem):
            await self._do(deed)
            self.done.add(deed)

    async def _do(self, deed: str) -> None:
        self.seconds += 1
        # One in three has been under way for longer, or comes from a process with a slower clock.
        till, seconds = self.chance.choice(self.tills), self.seconds - self.chance.choice((0, 0, 5))
        if deed in ("end", "lift"):
            await self._void(deed, seconds)
        elif deed in ("reserve", "redeem"):
            await self._present(deed, till, seconds)
        elif deed == "undo":
            undone = self.chance.choice(self.redeemed[-3:])
            await in_transaction(self.shop.pool, lambda conn: undo_redemption(conn, *undone, at(seconds)))
        else:
            await self._settle(deed, till, self.chance.choice(self.held[-2:]), seconds)

    async def _settle(self, deed: str, till: Till, held: ReservationResult, seconds: float) -> None:
        if deed == "pay":
            await pays(self.shop, till, held, f"C-{self.seconds}", seconds=seconds)
        elif deed == "void":
            await voids(self.shop, till, held, seconds)
        else:
            named = held.member_id, held.reservation_id
            await in_transaction(
                self.shop.pool, lambda conn: refund_reservation(conn, till, *named, {0: 1}, at(seconds))
            )

    async def _void(self, deed: str, seconds: float) -> None:
        row = self.chance.choice(
            await self.shop.pool.fetch("SELECT member_id, id FROM coupons ORDER BY id DESC LIMIT 20")
        )
        do = voids_coupon if deed == "end" else lifts
        await do(self.shop, self.manager, row["member_id"], CouponId(row["id"]), seconds)

    async def _present(self, deed: str, till: Till, seconds: float) -> None:
        """Coupons of somebody, of those that were ever issued."""
        rows = await self.shop.pool.fetch("SELECT member_id, id FROM coupons ORDER BY id DESC LIMIT 20")
        member_id = self.chance.choice(rows)["member_id"]
        coupons = [CouponId(row["id"]) for row in rows if row["member_id"] == member_id]
        if deed == "reserve":
            shopper = Shopper(member_id, None, "")  # type: ignore[arg-type]
            self.held.append(
                await holds(self.shop, till, shopper, *coupons[: self.chance.randint(1, 3)], seconds=seconds)
            )
            return
        command = RedeemCommand(
            till, make_coupon_code(self.shop.keyring, member_id, self.chance.choice(coupons)), None, at(seconds)
        )
        (answer,) = await in_transaction(self.shop.pool, partial(redeem, keyring=self.shop.keyring, commands=[command]))
        if isinstance(answer, Problem):
            raise answer
        used = await self.shop.pool.fetchrow(
            "SELECT member_id, redemption_id FROM redemptions WHERE till_id = $1 AND reservation_id IS NULL"
            " ORDER BY redeemed_at DESC LIMIT 1",
            till.id,
        )
        if used is not None:
            self.redeemed.append((till, used["member_id"], used["redemption_id"]))


async def change_members(shop: Shop, people: list[Shopper], chance: random.Random) -> None:
    """They become each other, and go, one after another; somebody new comes for each."""
    for step in range(8):
        seconds = 70.0 + 10 * step
        gone, stays = chance.sample(people, 2)
        people.remove(gone)
        if chance.random() < 0.7:
            people[people.index(stays)] = await becomes(shop, gone, stays, seconds)
        else:
            await in_transaction(
                shop.pool, partial(erase, program_id=shop.program.id, member_id=gone.member_id, now=at(seconds))
            )
        (new,) = await shop.enrol()
        await earn(shop, new, seconds)
        people.append(new)


@pytest.mark.usefixtures("pretended_shards")
@pytest.mark.parametrize("seed", range(2))
async def test_whatever_comes_first(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    await set_points(shop)
    for benefit, uses in ((PercentOff(10), 2), (AmountOff(100), 1), (ExtraPoints(30), 2)):
        await shop.write_campaign(grant=Grant(benefit=benefit, conditions=ANY, uses=uses))
    await shop.write_campaign()  # its coupons are redeemed without a basket
    people = await shop.enrol(4)
    for shopper in people:
        await earn(shop, shopper)
    tills = [till for till, _ in await shop.install_tills(3)]
    counters = Counters(shop, tills, await staff_of(shop), chance)

    async def serve() -> None:
        for _ in range(30):
            await counters.do(chance.choice(DEEDS))

    await asyncio.gather(*(serve() for _ in range(4)), change_members(shop, people, chance))
    while not counters.done >= {"pay", "redeem", "undo", "end"}:  # of some kind all may have been refused so far
        (newcomer,) = await shop.enrol()
        await earn(shop, newcomer, counters.seconds)
        await counters.do(chance.choice(DEEDS))
    for what, query in WRONG.items():
        assert await shop.pool.fetch(query) == [], what
    assert await recompute_facts(shop.pool, is_check=True) == []
