"""The members of an audience as a table (CSV) that spreadsheets open: never held whole, on our side or the caller's.

A cell that a spreadsheet would take for a formula begins with an apostrophe. Who has not consented to profiling is
listed without what is for profiling.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import IO, TypeAlias

from asyncpg import Record

from audiences.compile_sql import Compiled
from audiences.counting_repository import stream_audience
from kit.database import Connection
from kit.spreadsheets import make_lines, make_table

Row: TypeAlias = Record


def _day(name: str) -> Callable[[Row, tzinfo], object]:
    def read(row: Row, zone: tzinfo) -> object:
        moment: datetime | None = row[name]
        return None if moment is None else moment.astimezone(zone).date()

    return read


def _plain(name: str) -> Callable[[Row, tzinfo], object]:
    return lambda row, _: row[name]


_OPEN: Mapping[str, Callable[[Row, tzinfo], object]] = {
    "member_id": _plain("member_id"),
    "name": _plain("name"),
    "kana": _plain("kana"),
    "joined_on": _day("joined_at"),
    "home_store": _plain("home_store"),
    "points": _plain("points"),
    "stamps": _plain("stamps"),
    "coupons_issued": _plain("coupons_issued"),
    "coupons_used": _plain("coupons_used"),
}
_PROFILING: Mapping[str, Callable[[Row, tzinfo], object]] = {
    "visits": _plain("visits"),
    "first_visit_on": _plain("first_visit_on"),
    "last_visit_on": _plain("last_visit_on"),
    "purchases": _plain("purchases"),
    "spend": _plain("spend"),
    "last_purchase_on": _day("last_purchase_at"),
    "rank": _plain("rank_code"),
}


async def write_member_list(conn: Connection, compiled: Compiled, zone: tzinfo, file: IO[bytes]) -> None:
    """In a transaction."""
    file.write(make_table([[*_OPEN, *_PROFILING]]))
    async for rows in stream_audience(conn, compiled):
        file.write(make_lines([_cells(row, zone) for row in rows]))


def _cells(row: Row, zone: tzinfo) -> list[object]:
    cells = [read(row, zone) for read in _OPEN.values()]
    known = [read(row, zone) if row["may_profile"] else None for read in _PROFILING.values()]
    return [*cells, *known]
