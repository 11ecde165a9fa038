"""Groups of stores in the database: a campaign that names one is for the stores that are in it now.

Which stores these are stands in `campaign_stores`, as those that the staff named themselves do: so nothing that decides
on an event, a coupon or a till asks for groups. Who writes stores or campaigns holds the program's campaign version, so
no two do so at once.
"""

from ids import ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "store_groups.sql")


async def settle_store_groups(conn: Connection, program_id: ProgramId, version: int) -> None:
    """After stores were written. `version`: the program's campaign version, which the caller holds."""
    await conn.execute(QUERIES.settle_store_groups, program_id, version)
