"""Facts of members are what the books say, after whatever the flows have done, in whatever order."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import asyncpg
import pytest

from audiences.facts_repository import find_differing_facts, open_facts, read_facts
from coupons.coupon_codes import make_coupon_code
from ids import MemberId, RedemptionId
from kit.database import Connection, Pool, in_transaction
from points.ranks import Rank
from purchases.purchase import Basket
from server.accounts.close import close
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from server.redemptions.undo_redemption import undo_redemption
from server.rewards.renew import renew_all
from tests.support.counter import Counter, set_points, set_ranks, set_stamp_card
from tests.support.evidence import a_counter
from tests.support.lives import build_town, live
from tests.support.merging import becomes
from tests.support.shop import NOON, Shop, fix
from tests.support.verifying import device_of
from tests.support.visiting import set_visit_rules, undoes
from tests.support.world import Chain

SEED = 20261127


async def differing(pool: Pool) -> list[MemberId]:
    async with pool.acquire() as conn, conn.transaction():
        members = [row["member_id"] for row in await conn.fetch("SELECT member_id FROM members")]
        return await find_differing_facts(conn, members)


class Street:
    """Members at the tills of one store, and the steps that they may take next."""

    def __init__(self, shop: Shop, counters: list[Counter], luck: random.Random) -> None:
        self.shop = shop
        self.counters = counters
        self.luck = luck
        self.receipts: list[tuple[Counter, str]] = []
        self.spent: list[tuple[Counter, str]] = []
        self.now = NOON
        self.done: dict[str, int] = {}
        self.last = ""

    async def step(self) -> None:
        self.now += timedelta(hours=self.luck.choice([0, 1, 5, 26]), seconds=1)
        steps = [
            self.scan, self.scan, self.scan, self.walk_in, self.buy, self.refund, self.undo_scan, self.redeem,
            self.undo_last_redemption, self.spend, self.void, self.renew, self.become_one,
        ]  # fmt: skip
        step: Callable[[Counter], Awaitable[object]] = self.luck.choice(steps)
        self.last = step.__name__
        try:
            await step(self.luck.choice(self.counters))
        except (Problem, AssertionError, asyncpg.UniqueViolationError):
            return  # refused, as many random steps are
        self.done[self.last] = self.done.get(self.last, 0) + 1

    def number(self) -> str:
        return str(self.luck.randrange(10**9))

    async def scan(self, counter: Counter) -> None:
        receipt = self.number()
        basket = Basket(receipt, 100 * self.luck.randint(0, 20), []) if self.luck.random() < 0.5 else None
        await counter.scan(self.now, by_number=True, basket=basket)
        if basket is not None:
            self.receipts.append((counter, receipt))

    async def walk_in(self, counter: Counter) -> None:
        sent = counter.shopper.sends(fix(self.now), fix(self.now + timedelta(minutes=20)))
        results = await self.shop.locate(sent)
        assert not any(isinstance(result, Exception) for result in results)

    async def buy(self, counter: Counter) -> None:
        receipt = self.number()
        await counter.scan(self.now, by_number=True)
        await counter.buy(100 * self.luck.randint(1, 20), receipt, self.now)
        self.receipts.append((counter, receipt))

    async def refund(self, _: Counter) -> None:
        counter, receipt = self.luck.choice(self.receipts or [(self.counters[0], "none")])
        await counter.refund(receipt, self.number(), self.luck.choice([None, 100]), self.now)

    async def undo_scan(self, counter: Counter) -> None:
        if self.luck.random() < 0.7:
            await self.scan(counter)
        await undoes(self.shop, counter.till, counter.shopper.member_id, counter.scan_id, self.now)

    async def redeem(self, counter: Counter) -> None:
        coupon = self.luck.choice(await self.shop.rows("coupons") or [None])
        assert coupon is not None
        code = make_coupon_code(self.shop.keyring, coupon["member_id"], coupon["id"])
        commands = [RedeemCommand(counter.till, code, None, self.now)]
        await in_transaction(self.shop.pool, partial(redeem, keyring=self.shop.keyring, commands=commands))

    async def undo_last_redemption(self, counter: Counter) -> None:
        used = [row for row in await self.shop.rows("redemptions", "redeemed_at") if row["till_id"] == counter.till.id]
        assert used
        last = max(used, key=lambda row: row["redeemed_at"])
        undo = partial(
            undo_redemption, till=counter.till, member_id=last["member_id"],
            redemption_id=RedemptionId(last["redemption_id"]), now=self.now,
        )  # fmt: skip
        await in_transaction(self.shop.pool, undo)

    async def spend(self, counter: Counter) -> None:
        receipt = self.number()
        await counter.scan(self.now)
        await counter.spend(self.luck.randint(1, 15), receipt, self.now)
        self.spent.append((counter, receipt))

    async def void(self, _: Counter) -> None:
        counter, receipt = self.luck.choice(self.spent or [(self.counters[0], "none")])
        await counter.void(receipt, self.now)

    async def renew(self, _: Counter) -> None:
        await renew_all(self.shop.pool, self.now)

    async def become_one(self, counter: Counter) -> None:
        """The first of them stays; the phone goes on as theirs."""
        first = self.counters[0]
        assert len(self.counters) > 3
        assert counter is not first
        counter.shopper = await becomes(self.shop, counter.shopper, first.shopper, (self.now - NOON).total_seconds())
        self.counters.remove(counter)
        first.shopper = counter.shopper
        first.phone = await self.shop.put_card_on(first.shopper, self.now)


async def open_street(shop: Shop, luck: random.Random, members: int = 6) -> Street:
    await set_points(shop, valid_days=2)
    await set_stamp_card(shop, source="visit", min_amount=0, stamps_needed=2)
    await set_ranks(shop, measure="visits", ranks=(Rank("guest", {"en": "Guest"}, 1), Rank("known", {"en": "K"}, 3)))
    await set_visit_rules(shop, by_dwell=True)
    await shop.write_campaign("visit", frequency="daily")
    await shop.write_campaign("enter", frequency="daily", cap=20)
    snapshot = (await shop.keeper()).current
    shoppers = await shop.enrol(members)
    tills = await shop.install_tills(members)
    phones = [await shop.put_card_on(shopper) for shopper in shoppers]
    counters = [
        Counter(shop, till, shopper, phone, snapshot, shop.pool)
        for shopper, (till, _), phone in zip(shoppers, tills, phones, strict=True)
    ]
    return Street(shop, counters, luck)


@pytest.mark.usefixtures("pretended_shards")
@pytest.mark.parametrize("seed", range(SEED, SEED + 2))
async def test_after_random_schedules_facts_are_what_the_books_say(shop: Shop, seed: int) -> None:
    print(f"seed {seed}")
    street = await open_street(shop, random.Random(seed))
    expected, steps = {"scan", "buy", "refund", "undo_scan", "redeem", "become_one", "spend"}, 0
    while steps < 120 or not expected <= street.done.keys():
        await street.step()
        steps += 1
        assert await differing(shop.pool) == [], (seed, steps, street.last)
    async with shop.pool.acquire() as conn:
        facts = await read_facts(conn, [street.counters[0].shopper.member_id])
    assert facts[street.counters[0].shopper.member_id].visits > 0


async def test_members_who_do_many_things_at_once(shop: Shop, race_pool: Pool) -> None:
    """Two tills and a phone of each of two members: none of it is counted twice or left out."""
    street = await open_street(shop, random.Random(SEED), members=4)
    for counter in street.counters:
        counter.pool = race_pool
    one, other, third, fourth = street.counters
    third.shopper, third.phone = one.shopper, one.phone
    fourth.shopper, fourth.phone = other.shopper, other.phone

    async def busy(counter: Counter) -> None:
        for day in range(4):
            now: datetime = NOON + timedelta(days=day)
            await counter.scan(now, by_number=True, basket=Basket(f"{counter.till.id}-{day}", 1000, []))
            if day % 2:
                await counter.refund(f"{counter.till.id}-{day}", f"r-{day}-{counter.till.id}", 300, now)

    await asyncio.gather(*map(busy, street.counters))
    assert await differing(shop.pool) == []
    async with shop.pool.acquire() as conn:
        facts = (await read_facts(conn, [one.shopper.member_id]))[one.shopper.member_id]
    assert (facts.visits, facts.purchases, facts.spend) == (4, 8, 8 * 1000 - 4 * 300)


async def test_points_that_come_without_a_new_visit(shop: Shop) -> None:
    """Of a program that has nothing but points: the visit earns once the phone's code has proved it."""
    await set_points(shop)
    await set_visit_rules(shop, min_trust="high")
    counter = await a_counter(shop, (await shop.keeper()).current, shop.pool)
    for by_number, points in ((True, 0), (False, 10)):
        await counter.scan(NOON, by_number=by_number)
        assert await differing(shop.pool) == []
        async with shop.pool.acquire() as conn:
            (facts,) = (await read_facts(conn, [counter.shopper.member_id])).values()
        assert (facts.visits, facts.points) == (1, points)


async def test_a_difference_is_found_and_repaired(shop: Shop) -> None:
    (shopper, other) = await shop.enrol(2)
    await shop.pool.execute("UPDATE member_facts SET points = 7 WHERE member_id = $1", shopper.member_id)
    await shop.pool.execute("DELETE FROM member_facts WHERE member_id = $1", other.member_id)
    assert await differing(shop.pool) == sorted([shopper.member_id, other.member_id])
    assert await differing(shop.pool) == []


async def test_a_member_who_leaves_is_not_active(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    device = await device_of(shop, shopper)
    await in_transaction(shop.pool, lambda conn: close(conn, device, NOON))

    async def read(conn: Connection) -> bool:
        await open_facts(conn, [])
        return (await read_facts(conn, [shopper.member_id]))[shopper.member_id].is_active

    assert not await in_transaction(shop.pool, read)
    assert await differing(shop.pool) == []


async def test_after_whole_lives_facts_are_what_the_books_say(chain: Chain) -> None:
    """Whatever the routes write in the life of `tests.support.lives`: a new flow that writes books keeps the facts."""
    life = await live(await build_town(chain), "+819012345678", "hana@example.com", 0.000345678)
    async with chain.world.pool.acquire() as conn, conn.transaction():
        assert await find_differing_facts(conn, life.member_ids) == []
        assert (await read_facts(conn, life.member_ids))[life.member.id].coupons_used > 0
