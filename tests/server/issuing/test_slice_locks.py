"""Who waits for a slice of a budget holds none that comes behind it: so no two wait for each other in a circle."""

import asyncio

import asyncpg
import pytest

from coupons.issuing.budgets import Budget
from coupons.issuing.budgets_repository import QUERIES, take_places
from kit.database import Connection, in_transaction
from tests.server.issuing.test_budgets import budgets
from tests.support.gates import gate
from tests.support.shop import Shop
from tests.support.waiting import until

WRITE_SLICE = "INSERT INTO slices (budget_id, id, free) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3)"
# Halts the second statement that changes slices, when it has begun and has not yet locked one.
HALT = """
CREATE SEQUENCE changes;
CREATE FUNCTION halt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('changes') = 2 THEN
        PERFORM pg_advisory_xact_lock(1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER halt BEFORE UPDATE ON slices FOR EACH STATEMENT EXECUTE FUNCTION halt();
"""


async def write_slices(shop: Shop, **free: int) -> Budget:
    """Of a budget that is all given out: their ids, and how many places each has."""
    campaign = await shop.write_campaign(cap=sum(free.values()))
    budget: Budget = budgets(shop, campaign)[0]
    await shop.pool.execute(
        "INSERT INTO budgets (id, campaign_id, cap, allotted) VALUES ($1, $2, $3, $3)",
        budget.id,
        campaign.id,
        campaign.cap,
    )
    await shop.pool.executemany(WRITE_SLICE, [(budget.id, int(name[1:]), places) for name, places in free.items()])
    return budget


async def lock(conn: Connection, slice_id: int) -> None:
    """At once, or LockNotAvailableError."""
    assert await conn.fetchval("SELECT true FROM slices WHERE id = $1 FOR UPDATE NOWAIT", slice_id)


async def take(shop: Shop, budget: Budget, number: int) -> int:
    async def work(conn: Connection) -> int:
        return (await take_places(conn, {budget: number})).free[budget]

    return await in_transaction(shop.pool, work)


async def until_waited_for(shop: Shop, holder: Connection) -> None:
    async def is_waited_for() -> bool:
        asked = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))"
        return bool(await shop.pool.fetchval(asked, holder.get_server_pid()))

    await until(is_waited_for)


async def test_the_empty_slices_are_held_too(shop: Shop) -> None:
    """Else one that is given back to is locked behind those of higher ids."""
    budget = await write_slices(shop, _1=0, _2=5)
    async with shop.pool.acquire() as conn, conn.transaction():
        assert [row["id"] for row in await conn.fetch(QUERIES.hold_slices, budget.id)] == [1, 2]
        async with shop.pool.acquire() as other:
            with pytest.raises(asyncpg.LockNotAvailableError):
                await lock(other, 1)


async def test_one_that_turned_out_too_small_is_let_go_of(shop: Shop, database: str) -> None:
    """PostgreSQL keeps the lock of a row that, once it is locked, does not meet the condition any more."""
    budget = await write_slices(shop, _1=4, _2=6)
    await shop.pool.execute(HALT)
    async with shop.pool.acquire() as ahead, ahead.transaction():
        await lock(ahead, 1)
        async with (
            gate(database, "SELECT pg_advisory_xact_lock(1)", 1) as arrived,
            shop.pool.acquire() as holder,
            holder.transaction(),
        ):
            await lock(holder, 2)
            taking = asyncio.create_task(take(shop, budget, 5))
            await arrived(1)  # it has begun while six were free
            await holder.execute("UPDATE slices SET free = 1 WHERE id = 2")
        await until_waited_for(shop, ahead)
        await lock(ahead, 2)
    assert await taking == 5


async def test_one_that_is_seen_late_is_not_waited_for_behind_others(shop: Shop) -> None:
    """What an undone visit gives back has an id before it is committed."""
    budget = await write_slices(shop, _2=6)
    async with shop.pool.acquire() as ahead, ahead.transaction():
        async with shop.pool.acquire() as holder, holder.transaction():
            await lock(holder, 2)
            taking = asyncio.create_task(take(shop, budget, 5))
            await until_waited_for(shop, holder)
            await shop.pool.execute(WRITE_SLICE, budget.id, 1, 3)
            await lock(ahead, 1)
            await holder.execute("UPDATE slices SET free = 1 WHERE id = 2")
        await until_waited_for(shop, ahead)
        await lock(ahead, 2)
    assert await taking == 4
