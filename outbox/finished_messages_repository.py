"""What is over leaves the outbox, and its receipts with it. Its campaign's counts stay (outbox.tallies_repository)."""

from datetime import datetime, timedelta

from kit.database import Connection, Pool, in_statement
from kit.sql import load_queries

QUERIES = load_queries(__file__, "finished.sql")
# As long as the results of an experiment can be read, which tell what arrived (experiments.assignments_repository).
KEPT = timedelta(days=180)
_PURGED_AT_ONCE = 5000


async def purge_finished(pool: Pool, now: datetime, at_once: int = _PURGED_AT_ONCE) -> int:
    """How many have left. In short statements, beside which everything goes on. Raises DatabaseUnavailable."""

    async def purge(conn: Connection) -> int:
        gone: int = await conn.fetchval(QUERIES.purge_finished, now - KEPT, at_once)
        return gone

    total = 0
    while purged := await in_statement(pool, purge):
        total += purged
    return total
