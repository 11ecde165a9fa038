"""How many places of budgets are taken, and what campaigns decided."""

import asyncpg

from ids import BudgetId
from kit.database import Pool


async def read_issued(pool: Pool) -> dict[BudgetId, int]:
    """How many places of each budget are taken: allotted, and in no slice."""
    rows = await pool.fetch(
        "SELECT id, allotted - coalesce((SELECT sum(free) FROM slices WHERE budget_id = b.id), 0)::bigint AS issued"
        " FROM budgets b"
    )
    return {row["id"]: row["issued"] for row in rows}


async def read_decisions(pool: Pool) -> list[asyncpg.Record]:
    """Of each campaign on each event, in the order in which it happened. `read`: its own part of the row's inputs."""
    return await pool.fetch(
        "SELECT d.*, made.campaign_id, d.inputs -> (made.place::int - 1) AS read"
        " FROM decisions d, unnest(d.campaign_ids) WITH ORDINALITY AS made (campaign_id, place)"
        " ORDER BY d.event_at, d.id, made.place"
    )
