"""First-timers who came again: by month and store, and only over those whose days are over."""

import csv
import io
from datetime import date
from typing import Any

from audiences.facts_repository import recount_facts
from kit.database import Connection, Pool, in_transaction
from server.experiments.cohorts import Cohort, Returned, count_cohorts
from tests.support.shop import Shop, open_shop
from tests.support.world import World

TODAY = date(2026, 7, 15)
MAY, AUGUST = date(2026, 5, 1), date(2026, 8, 1)


async def visit(conn: Connection, shop: Shop, member_id: Any, store: int, day: date) -> None:
    await conn.execute(
        "INSERT INTO visits (member_id, store_id, business_day, program_id, first_at)"
        " VALUES ($1, $2, $3, $4, $3::date)",
        member_id, shop.stores[store].id, day, shop.program.id,
    )  # fmt: skip


def within(cohort: Cohort) -> tuple[Returned, ...]:
    return cohort.within_30_days, cohort.within_60_days, cohort.within_90_days


async def test_first_timers_by_month_and_store(pool: Pool) -> None:
    shop = await open_shop(pool, blocks=2)
    early, late, never, merged, survivor = [each.member_id for each in await shop.enrol(5)]
    visits = [
        (early, 0, date(2026, 5, 2)), (early, 1, date(2026, 5, 2)), (early, 1, date(2026, 6, 1)),  # 30 days later
        (late, 1, date(2026, 5, 3)), (late, 1, date(2026, 6, 3)),  # 31
        (never, 0, date(2026, 7, 1)),  # a fortnight ago
        (merged, 0, date(2026, 5, 4)), (survivor, 0, date(2026, 5, 20)),  # one person
    ]  # fmt: skip

    async def write(conn: Connection) -> None:
        for member_id, store, day in visits:
            await visit(conn, shop, member_id, store, day)
        await conn.execute(
            "UPDATE members SET state = 'merged', merged_into = $2 WHERE member_id = $1", merged, survivor
        )
        await recount_facts(conn, [early, late, never, survivor])

    await in_transaction(pool, write)

    async def counted(**asked: Any) -> list[tuple[Any, ...]]:
        async with shop.pool.acquire() as conn:
            found = await count_cohorts(
                conn, shop.program.id, (MAY, AUGUST), TODAY, **({"by_store": False, "store_ids": None} | asked)
            )
        return [
            (
                *(each.month, each.store_name, each.first_timers),
                *((one.watched, one.returned) for one in within(each)),
            )
            for each in found.cohorts
        ]

    assert await counted() == [
        ("2026-05", None, 3, (3, 2), (3, 3), (0, 0)),
        ("2026-07", None, 1, (0, 0), (0, 0), (0, 0)),
    ]
    assert await counted(by_store=True) == [
        ("2026-05", "Store 0", 2, (2, 2), (2, 2), (0, 0)),
        ("2026-05", "Store 1", 1, (1, 0), (1, 1), (0, 0)),
        ("2026-07", "Store 0", 1, (0, 0), (0, 0), (0, 0)),
    ]
    assert await counted(store_ids=[shop.stores[1].id]) == [("2026-05", None, 1, (1, 0), (1, 1), (0, 0))]


async def test_months_and_the_table(world: World) -> None:
    chain = await world.add_chain()
    assert (await chain.owner.get("/v1/visit-cohorts")).json() == {"cohorts": []}
    answer = await chain.owner.get("/v1/visit-cohorts.csv", from_month="2026-01", by_store="true")
    (heads,) = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert heads[:5] == ["month", "store_id", "store_name", "first_timers", "watched_30"]
    for months in (("2026-13", "2026-12"), ("1999-01", "1999-01"), ("2026-05", "2026-04"), ("2020-01", "2026-01")):
        refused = await chain.owner.get("/v1/visit-cohorts", from_month=months[0], to_month=months[1])
        assert (refused.status_code, refused.json()["type"]) == (400, "urn:noren:problem:invalid-request"), months
