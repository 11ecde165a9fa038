"""Ranks as they are written down: by posting, by refund, by the worker, by new rules; each change once."""

import asyncio
from datetime import timedelta

from kit.database import Pool, in_transaction
from points.ranks import Rank
from server.rewards.ranks import read_rank_status
from server.rewards.renew import renew_all
from tests.support.counter import Counter, open_counters, set_points, set_ranks
from tests.support.shop import NOON, Shop


async def changes(shop: Shop) -> list[tuple[str | None, str | None]]:
    return [(row["former_rank_code"], row["rank_code"]) for row in await shop.rows("rank_changes")]


async def a_counter(shop: Shop, pool: Pool) -> Counter:
    (counter,) = await open_counters(shop, pool)
    return counter


async def test_spending_reaches_a_rank_and_a_refund_loses_it(shop: Shop, pool: Pool) -> None:
    await set_ranks(shop)
    counter = await a_counter(shop, pool)
    await counter.buy(1000, "R-1")
    assert await counter.rank() == "silver"
    await counter.buy(5000, "R-2")
    await counter.buy(10, "R-3")
    await counter.refund("R-2", "B-1", 3500)
    assert await counter.rank() == "silver"
    assert await changes(shop) == [(None, "silver"), ("silver", "gold"), ("gold", "silver")]


async def test_a_rank_by_visits_and_one_by_points(shop: Shop, pool: Pool) -> None:
    await set_ranks(shop, measure="visits", ranks=(Rank("regular", {"en": "Regular"}, 2),))
    counter = await a_counter(shop, pool)
    assert await counter.rank() is None
    await counter.scan(NOON + timedelta(days=1))
    assert await counter.rank() == "regular"
    await set_points(shop)
    await set_ranks(shop, measure="points", ranks=(Rank("saver", {"en": "Saver"}, 50),))
    await counter.buy(5000, "R-1", NOON + timedelta(days=1))
    assert await counter.rank() == "saver"
    await counter.spend(40, "S-1", NOON + timedelta(days=1))
    assert await counter.rank() == "saver"
    await counter.refund("R-1", "B-1", now=NOON + timedelta(days=1))
    assert await counter.rank() is None


async def test_the_worker_ends_what_has_run_out_and_keeps_the_history(shop: Shop, pool: Pool) -> None:
    await set_ranks(shop)
    counter = await a_counter(shop, pool)
    await counter.buy(1000, "R-1")
    # By the month, in Tokyo: May's rank holds to the end of June.
    end = NOON.replace(month=6, day=30, hour=15, minute=0)
    assert await renew_all(shop.pool, end - timedelta(seconds=1)) == 0
    assert await counter.rank() == "silver"
    assert await renew_all(shop.pool, end) == 1
    assert await renew_all(shop.pool, end) == 0
    assert await counter.rank() is None
    assert await changes(shop) == [(None, "silver"), ("silver", None)]


async def test_new_rules_are_for_everybody_who_has_been_judged(shop: Shop, pool: Pool) -> None:
    await set_ranks(shop)
    counter, other = await a_counter(shop, pool), await a_counter(shop, pool)
    await counter.buy(1000, "R-1")
    await other.buy(2000, "R-2")
    rules = await set_ranks(shop, ranks=(Rank("silver", {"en": "Silver"}, 1500),))

    # Whoever asks is told the rank of today's rules, even before the worker comes.
    member = counter.shopper.member_id
    standing = await in_transaction(shop.pool, lambda conn: read_rank_status(conn, rules, member, NOON))
    assert (standing.rank, standing.missing) == (None, 500)
    assert await renew_all(shop.pool, NOON) == 2
    assert await renew_all(shop.pool, NOON) == 0
    assert (await counter.rank(), await other.rank()) == (None, "silver")
    assert await changes(shop) == [(None, "silver"), (None, "silver"), ("silver", None)]


async def test_what_two_workers_do_at_once_is_done_once(shop: Shop, pool: Pool) -> None:
    await set_ranks(shop)
    counter = await a_counter(shop, pool)
    await counter.buy(1000, "R-1")
    await asyncio.gather(*(renew_all(shop.pool, NOON + timedelta(days=90)) for _ in range(5)))
    assert await changes(shop) == [(None, "silver"), ("silver", None)]
