"""By whose clock a member lives: their own time zone, else that of the store where they joined, else their program's.

What happens at a store is counted by the store's clock; what has no store, and when a phone may ring, by this one.
"""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from ids import MemberId, StoreId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "member_zones.sql")


async def read_member_zones(conn: Connection, member_ids: Iterable[MemberId]) -> dict[MemberId, ZoneInfo]:
    """Of all of them in one query; who is no member is left out."""
    rows = await conn.fetch(QUERIES.read_member_zones, sorted(set(member_ids)))
    return {row["member_id"]: ZoneInfo(row["time_zone"]) for row in rows}


async def list_store_zones(conn: Connection, store_ids: Sequence[StoreId]) -> list[ZoneInfo]:
    """Those of these stores, each once."""
    return [ZoneInfo(row["time_zone"]) for row in await conn.fetch(QUERIES.list_store_zones, store_ids)]
