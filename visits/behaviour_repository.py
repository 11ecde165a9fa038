"""What the database knows of how members come."""

from collections.abc import Sequence
from datetime import datetime

from ids import MemberId, StoreId
from kit.database import Connection
from kit.sql import load_queries
from visits.behaviour import Behaviour, describe_behaviour
from visits.visit import VisitTime

QUERIES = load_queries(__file__, "behaviour.sql")


async def read_behaviour(conn: Connection, member_ids: Sequence[MemberId]) -> Behaviour:
    """Of one person, who may have been several members before they were merged."""
    row = await conn.fetchrow(QUERIES.read_visit_days, member_ids)
    assert row is not None
    return describe_behaviour(row["visit_count"], row["store_count"], row["days"])


async def read_visit_times(conn: Connection, member_ids: Sequence[MemberId], since: datetime) -> list[VisitTime]:
    return [VisitTime(**row) for row in await conn.fetch(QUERIES.read_visit_times, member_ids, since)]


async def list_visited_stores(conn: Connection, member_ids: Sequence[MemberId]) -> list[StoreId]:
    """The one that was visited last comes first."""
    return [row["store_id"] for row in await conn.fetch(QUERIES.list_visited_stores, member_ids)]
