"""What a program did today and in the last thirty days."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ids import ProgramId, StoreId
from kit.database import Connection
from kit.ids import first_id_at
from kit.sql import load_queries
from server.console.results.days import list_days

QUERIES = load_queries(__file__, "overview.sql")
DAYS = 30


class DayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`pushes` None: of the whole program, which who manages stores is not told."""

    day: date
    visits: int
    scans: int
    coupons: int
    uses: int
    pushes: int | None


async def read_overview(
    conn: Connection, program_id: ProgramId, zone: ZoneInfo, store_ids: Sequence[StoreId] | None, now: datetime
) -> list[DayFigures]:
    """A row a day, the last one today. `store_ids` None: all."""
    days = list_days(now.astimezone(zone).date(), DAYS)
    from_at = datetime.combine(days[0], time(), zone)
    rows = await conn.fetch(
        *QUERIES.count_by_day(
            program_id=program_id,
            store_ids=store_ids,
            zone=str(zone),
            oldest_id=first_id_at(from_at),
            from_at=from_at,
        )
    )
    counted = {row["day"]: row for row in rows}
    pushes = None if store_ids is not None else await _count_pushes(conn, program_id, zone, from_at)
    return [_figures(day, counted.get(day), pushes) for day in days]


async def _count_pushes(
    conn: Connection, program_id: ProgramId, zone: ZoneInfo, from_at: datetime
) -> Mapping[date, int]:
    asked = QUERIES.count_pushes_by_day(program_id=program_id, zone=str(zone), from_at=from_at)
    return {row["day"]: row["pushes"] for row in await conn.fetch(*asked)}


def _figures(day: date, row: Any, pushes: Mapping[date, int] | None) -> DayFigures:
    names = ("visits", "scans", "coupons", "uses")
    counts = {name: 0 if row is None else row[name] for name in names}
    return DayFigures(day=day, pushes=None if pushes is None else pushes.get(day, 0), **counts)
