"""Slices of budgets against a plain count, and many writers at the end of several caps."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from coupons.campaigns.campaign import Campaign
from coupons.issuing.budgets_repository import Places, give_back, take_places
from kit.database import Pool, RunFirst, in_transaction
from tests.server.issuing.test_budgets import TODAY, budgets, move
from tests.support.gates import deadlocks
from tests.support.issued import read_issued
from tests.support.shop import Shop
from tests.support.wishing import issue_bare, wish

# What three transactions do, one step at a time: take places of two budgets and give some back; end; move the caps.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 2), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("commit"), st.integers(0, 2)),
        st.tuples(st.just("fail"), st.integers(0, 2)),
        st.tuples(st.just("move"), st.integers(0, 12), st.integers(0, 12)),
    ),
    min_size=1,
    max_size=25,
)


@given(steps=STEPS, caps=st.tuples(st.integers(0, 12), st.integers(0, 12)))
@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_slices_against_a_plain_count(
    shop: Shop, database: str, steps: list[tuple[Any, ...]], caps: tuple[int, int]
) -> None:
    campaign = await shop.write_campaign(cap=caps[0], store_cap=caps[1])
    world = _World(shop, database, campaign)
    try:
        for step in steps:
            await world.take(step)
    finally:
        await world.end()


class _World:
    """`open_`: what each open transaction has of the two budgets; `used`: what those that committed had."""

    def __init__(self, shop: Shop, dsn: str, campaign: Campaign) -> None:
        self._shop, self._dsn, self._campaign = shop, dsn, campaign
        self._both = budgets(shop, campaign)
        self._caps = Counter({b: campaign.cap if b.store_id is None else campaign.store_cap for b in self._both})
        self._used: Counter[Any] = Counter()
        self._open: dict[int, tuple[Any, Any, Counter[Any]]] = {}

    async def take(self, step: tuple[Any, ...]) -> None:
        kind, *what = step
        if kind == "take":
            await self._take(what[0], dict(zip(self._both, what[1:], strict=True)))
        elif kind == "move":
            await self._move(*what)
        elif what[0] in self._open:
            await self._close(what[0], is_kept=kind == "commit")
        await self._compare()

    async def end(self) -> None:
        for number in list(self._open):
            await self._close(number, is_kept=False)

    async def _take(self, number: int, wanted: dict[Any, int]) -> None:
        wanted = {budget: places for budget, places in wanted.items() if places}
        if number in self._open or not wanted:
            return
        while True:
            conn = await asyncpg.connect(self._dsn)
            transaction = conn.transaction()
            await transaction.start()
            # Who waits here waits for a transaction that this test holds open, so for ever.
            await conn.execute("SET LOCAL lock_timeout = '30ms'")
            try:
                places = await take_places(conn, wanted)
            except RunFirst as lacking:
                await self._drop(conn, transaction)
                await in_transaction(self._shop.pool, lacking.work)
                continue
            except asyncpg.LockNotAvailableError:
                await self._drop(conn, transaction)
                self._expect_somebody_holds(wanted)
                return
            break
        await self._expect_true(wanted, places)
        kept = Counter({budget: (places.free[budget] + 1) // 2 for budget in wanted})
        places.free = {budget: places.free[budget] - kept[budget] for budget in wanted}
        await give_back(conn, places)
        self._open[number] = (conn, transaction, kept)

    def _expect_somebody_holds(self, wanted: dict[Any, int]) -> None:
        left = {budget: self._caps[budget] - self._used[budget] for budget in wanted}
        assert any(self._open for _ in left)

    async def _expect_true(self, wanted: dict[Any, int], places: Places) -> None:
        for budget, number in wanted.items():
            assert places.free[budget] <= number
            if places.free[budget] < number:  # all others have committed, and this is all there is
                assert not any(kept[budget] for _, _, kept in self._open.values())
                assert places.free[budget] == max(0, self._caps[budget] - self._used[budget])

    async def _move(self, cap: int, store_cap: int) -> None:
        if self._open:  # it would wait for them
            return
        moved = msgspec.structs.replace(self._campaign, cap=cap, store_cap=store_cap)
        total, store = sorted(self._both, key=lambda budget: budget.store_id is not None)
        is_possible = self._used[total] <= cap and self._used[store] <= store_cap
        exists = {row["id"] for row in await self._shop.rows("budgets")}
        assert await move(self._shop, self._campaign, cap=cap, store_cap=store_cap) == is_possible
        if is_possible:
            self._campaign = moved
            self._caps = Counter({total: cap, store: store_cap})
        assert {row["id"] for row in await self._shop.rows("budgets")} == exists

    async def _close(self, number: int, *, is_kept: bool) -> None:
        conn, transaction, kept = self._open.pop(number)
        if is_kept:
            await transaction.commit()
            await conn.close()
            self._used += kept
        else:
            await self._drop(conn, transaction)

    async def _drop(self, conn: Any, transaction: Any) -> None:
        await transaction.rollback()
        await conn.close()

    async def _compare(self) -> None:
        issued = await read_issued(self._shop.pool)
        for budget in self._both:
            assert issued.get(budget.id, 0) == self._used[budget]


async def test_many_writers_at_the_end_of_several_caps_meet_no_deadlock(
    shop: Shop, race_pool: Pool, database: str
) -> None:
    campaign = await shop.write_campaign(cap=150, store_cap=80, day_cap=100, store_day_cap=50)
    shoppers = await shop.enrol(40)
    racing = replace(shop, pool=race_pool)
    batches = [
        [
            wish(racing, campaign, shopper, f"{n % 7}", block=n % 2, day=TODAY + timedelta(days=n % 3))
            for shopper in shoppers[n % 5 :: 5]
        ]
        for n in range(60)
    ]
    answers = await asyncio.gather(*(issue_bare(racing, batch) for batch in batches))
    issued = sum(outcome == "issued" for each in answers for outcome in each.values())
    assert issued == await shop.count("coupons") == await shop.budget(campaign) <= 150
    wanted = {coupon.key for batch in batches for coupon in batch}
    assert issued == min(150, len(wanted))
    assert await deadlocks(database) == 0
