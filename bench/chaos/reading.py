"""What the database holds at the end, for the checker."""

import asyncio

import asyncpg

from bench.chaos.checker import Held
from kit.sql import load_queries

QUERIES = load_queries(__file__, "reading.sql")

_PATIENCE_S, _LOOK_EVERY_S = 120.0, 0.2


async def finish_erasures(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """What was under way during an erasure goes with the second one, ten minutes later: now. Raises TimeoutError."""
    await connection.execute(QUERIES.bring_erasures_forward)
    async with asyncio.timeout(_PATIENCE_S):
        while await connection.fetchval(QUERIES.count_erasures):  # noqa: ASYNC110 - it is another process that ends them
            await asyncio.sleep(_LOOK_EVERY_S)


async def read_held(connection: "asyncpg.Connection[asyncpg.Record]") -> Held:
    async def ids(query: str) -> list[str]:
        return [row["id"] for row in await connection.fetch(query)]

    members = await connection.fetch(QUERIES.read_members)
    coupons = await connection.fetch(QUERIES.read_coupons)
    balances = await connection.fetchrow(QUERIES.read_balances)
    assert balances is not None
    return Held(
        coupons={row["id"]: (row["member_id"], row["campaign_id"], row["period_key"]) for row in coupons},
        pushed=frozenset(await ids(QUERIES.read_pushed)),
        redeemed=await ids(QUERIES.read_redeemed),
        amounts=[row["amount"] for row in await connection.fetch(QUERIES.read_amounts)],
        scans=frozenset(await ids(QUERIES.read_scans)),
        spent=frozenset(await ids(QUERIES.read_spent)),
        refunds=frozenset(await ids(QUERIES.read_refunds)),
        members=frozenset(row["member_id"] for row in members),
        erased=frozenset(row["member_id"] for row in members if row["state"] == "erased"),
        caps={row["campaign_id"]: row["cap"] for row in await connection.fetch(QUERIES.read_caps)},
        lowest_balance=balances["lowest"],
        wrong_balances=balances["wrong"],
        left_of_erased=await connection.fetchval(QUERIES.count_left_of_erased),
    )
