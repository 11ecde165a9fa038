"""How many places of budgets are taken."""

from ids import BudgetId
from kit.database import Pool


async def read_issued(pool: Pool) -> dict[BudgetId, int]:
    """How many places of each budget are taken: allotted, and in no slice."""
    rows = await pool.fetch(
        "SELECT id, allotted - coalesce((SELECT sum(free) FROM slices WHERE budget_id = b.id), 0)::bigint AS issued"
        " FROM budgets b"
    )
    return {row["id"]: row["issued"] for row in rows}
