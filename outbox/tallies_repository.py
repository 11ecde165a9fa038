"""A campaign's counts of messages: changes are added as rows, in the transaction of what they count, and folded later.

So no two transactions ever wait for each other's count, and the report reads a few rows however many messages there
were. The counts stay when messages leave the outbox.
"""

from collections import defaultdict
from collections.abc import Mapping

from ids import CampaignId
from kit.database import Connection, Pool, in_statement
from kit.sql import load_queries
from outbox.tallies import TallyChanges

QUERIES = load_queries(__file__, "tallies.sql")
_FOLDED_AT_ONCE = 5000


async def change_tallies(conn: Connection, changes: TallyChanges) -> None:
    """By one statement; none where nothing changes."""
    changed = [(*key, change) for key, change in sorted(changes.items()) if change]
    if changed:
        await conn.execute(QUERIES.change_tallies, *zip(*changed, strict=True))


async def fold_tallies(pool: Pool) -> None:
    """Until no change is left. Raises DatabaseUnavailable."""

    async def fold(conn: Connection) -> int:
        folded: int = await conn.fetchval(QUERIES.fold_tallies, _FOLDED_AT_ONCE)
        return folded

    while await in_statement(pool, fold) == _FOLDED_AT_ONCE:
        pass


async def read_tallies(conn: Connection, campaign_id: CampaignId) -> Mapping[str, Mapping[str, int]]:
    """By channel and measure; what is 0 is left out."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in await conn.fetch(QUERIES.read_tallies, campaign_id):
        found[row["channel"]][row["measure"]] = row["messages"]
    return found
