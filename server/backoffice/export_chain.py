"""`export_part`: stores and geofences to a file that can be imported again, of no more rows and bytes than that takes.

A chain may be larger: then the file is a part of it, and a cursor tells where the next one begins. What is held at a
time is one part and some geofences, however large the chain is.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from geo import geofences_repository
from geo.chain_rows import ChainRow
from geo.chains import FILE_ENDS, MAX_ROWS, Format, describe_shape, write_row
from geo.geofence import Fence
from ids import GeofenceId, ProgramId
from kit.database import Connection
from kit.ids import from_text, to_text
from kit.pages import InvalidCursor
from programs import stores_repository
from programs.store import Store
from server.backoffice.import_chain import GROUPS_BETWEEN

MAX_FILE_BYTES = 20_000_000
FILE_MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
}
# Each may have an area of ten thousand positions.
_READ_AT_ONCE = 50


class Place(NamedTuple):
    """The last row of a part. `geofence_id` is None for a store without a geofence."""

    store_code: str
    geofence_id: GeofenceId | None


class Part(NamedTuple):
    """`next_cursor` is None in the last part."""

    body: bytes
    row_count: int
    next_cursor: str | None


class PartPlace(NamedTuple):
    """Where a part begins (None: the first), and how much is in it."""

    cursor: str | None
    row_count: int


class _Row(NamedTuple):
    store: Store
    geofence_id: GeofenceId | None


def read_place(cursor: str | None) -> Place | None:
    """Raises InvalidCursor."""
    if cursor is None:
        return None
    try:
        code, _, geofence_id = from_text(cursor).decode("ascii").partition(" ")
        return Place(code, GeofenceId(UUID(geofence_id)) if geofence_id else None)
    except ValueError as error:
        raise InvalidCursor from error


async def export_part(conn: Connection, program_id: ProgramId, kind: Format, after: Place | None) -> Part:
    """In a transaction that sees one moment."""
    part = _PartWriter(kind)
    async for rows in _list_rows(conn, program_id, after):
        wanted = [row.geofence_id for row in rows if row.geofence_id is not None]
        fences = await geofences_repository.read_geofences(conn, program_id, wanted)
        if not await asyncio.to_thread(part.add, rows, fences):
            break
    return part.close()


async def list_parts(conn: Connection, program_id: ProgramId, kind: Format) -> Sequence[PartPlace]:
    """Of the whole chain. It takes as long as to export them: how many rows are in one is known when it is full."""
    places: list[PartPlace] = []
    cursor: str | None = None
    while not places or cursor is not None:
        part = await export_part(conn, program_id, kind, read_place(cursor))
        places.append(PartPlace(cursor, part.row_count))
        cursor = part.next_cursor
    return places


async def _list_rows(conn: Connection, program_id: ProgramId, after: Place | None) -> AsyncIterator[Sequence[_Row]]:
    """Some at a time: by the store's code, then by the geofence's id."""
    first_code = "" if after is None else after.store_code
    async for stores in stores_repository.read_stores_from(conn, program_id, first_code):
        ids = await geofences_repository.list_ids_of_stores(conn, program_id, [store.id for store in stores])
        rows = (_Row(store, each) for store in stores for each in ids.get(store.id, [None]))
        wanted = rows if after is None else (row for row in rows if _is_after(row, after))
        while some := list(islice(wanted, _READ_AT_ONCE)):
            yield some


def _is_after(row: _Row, place: Place) -> bool:
    if row.store.code != place.store_code:
        return True
    # A geofence may have been drawn since at a store that had none.
    return row.geofence_id is not None and (place.geofence_id is None or row.geofence_id > place.geofence_id)


class _PartWriter:
    def __init__(self, kind: Format) -> None:
        self._kind = kind
        self._head, self._between, self._tail = FILE_ENDS[kind]
        self._written: list[bytes] = []
        self._size = len(self._head) + len(self._tail)
        self._last: _Row | None = None
        self._is_full = False

    def add(self, rows: Iterable[_Row], fences: Mapping[GeofenceId, Fence]) -> bool:
        """False where one of them found no room any more."""
        for row in rows:
            fence = None if row.geofence_id is None else fences[row.geofence_id]
            text = write_row(_describe(row.store, fence), self._kind)
            self._size += len(text) + len(self._between)
            if self._size > MAX_FILE_BYTES or len(self._written) == MAX_ROWS:
                self._is_full = True
                return False
            self._written.append(text)
            self._last = row
        return True

    def close(self) -> Part:
        body = self._head + self._between.join(self._written) + self._tail
        if not self._is_full or self._last is None:
            return Part(body, len(self._written), None)
        geofence_id = self._last.geofence_id
        cursor = to_text(f"{self._last.store.code} {geofence_id or ''}".encode())
        return Part(body, len(self._written), cursor)


def _describe(store: Store, fence: Fence | None) -> ChainRow:
    week = store.opening_hours
    described: dict[str, Any] = {
        "store_code": store.code,
        "store_name": store.name,
        "time_zone": store.time_zone,
        "store_address": store.address,
        "store_phone": store.phone,
        "store_lat": store.location.lat if store.location else None,
        "store_lon": store.location.lon if store.location else None,
        "opening_hours": None
        if week is None
        else {day: [[start.isoformat(), end.isoformat()] for start, end in spans] for day, spans in week.items()},
        "day_start_hour": store.day_start_hour,
        "store_groups": GROUPS_BETWEEN.join(store.store_groups) or None,
    }
    if fence is not None:
        described |= {
            "geofence_id": fence.geofence_id,
            "geofence_name": fence.name,
            **describe_shape(fence.shape),
            "exit_margin_m": fence.exit_margin_m,
            "exit_confirm_s": fence.exit_confirm_s,
            "exit_confirm_fixes": fence.exit_confirm_fixes,
            "dwell_s": fence.dwell_s,
            "report_crossings": fence.report_crossings,
        }
    return ChainRow(**described)
