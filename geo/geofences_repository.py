"""Geofences in PostGIS: the truth that every process's index is built from."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import shapely

from geo.boxes import box_fences
from geo.copied_fences import read_fences
from geo.fence_columns import FenceColumns, join_columns
from geo.geofence import Area, Circle, Fence
from ids import GeofenceId, ProgramId, StoreId
from kit.copied_pages import copy_pages
from kit.database import Connection, fetch_pages, in_pages
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "geofences.sql")


async def create_geofence(conn: Connection, fence: Fence, version: int, now: datetime) -> None:
    """`version` is the program's fence version that this change was given."""
    await conn.execute(
        *QUERIES.insert_geofence(
            id=fence.geofence_id,
            program_id=fence.program_id,
            store_id=fence.store_id,
            **_columns(fence),
            version=version,
            now=now,
        )
    )


async def update_geofence(conn: Connection, fence: Fence, version: int) -> bool:
    """False where the geofence is deleted or not of this program. Its store cannot change."""
    found = await conn.fetchval(
        *QUERIES.update_geofence(
            program_id=fence.program_id,
            id=fence.geofence_id,
            **_columns(fence),
            version=version,
        )
    )
    return found is not None


async def delete_geofence(
    conn: Connection, program_id: ProgramId, geofence_id: GeofenceId, version: int, now: datetime
) -> bool:
    return await conn.fetchval(QUERIES.delete_geofence, program_id, geofence_id, now, version) is not None


async def delete_geofences_of_store(
    conn: Connection, program_id: ProgramId, store_id: StoreId, version: int, now: datetime
) -> None:
    await conn.execute(QUERIES.delete_geofences_of_store, program_id, store_id, now, version)


async def find_geofence(conn: Connection, program_id: ProgramId, geofence_id: GeofenceId) -> Fence | None:
    row = await conn.fetchrow(QUERIES.find_geofence, program_id, geofence_id)
    return _fence(row) if row else None


async def list_geofences(
    conn: Connection, program_id: ProgramId, page: PageRequest, stores: Sequence[StoreId] | None
) -> list[Fence]:
    """`stores` narrows the list to geofences of those stores; None means all of the program."""
    rows = await conn.fetch(QUERIES.list_geofences, program_id, page.before, page.fetch_count, stores)
    return [_fence(row) for row in rows]


async def read_all_geofences(conn: Connection) -> FenceColumns:
    """Every live geofence of every program, for the index that a process holds. In a transaction."""
    parts = await copy_pages(conn, QUERIES.copy_geofences, read_fences)
    return await asyncio.to_thread(join_columns, parts)


async def read_geofences_of_stores(
    conn: Connection, program_id: ProgramId, store_ids: Sequence[StoreId]
) -> list[Fence]:
    """The live ones, the oldest first. In a transaction."""
    pages = fetch_pages(conn, QUERIES.read_geofences_of_stores, program_id, store_ids)
    decoded = [await asyncio.to_thread(_fences, rows) async for rows in pages]
    return [fence for page in decoded for fence in page.values() if fence is not None]


async def list_ids_of_stores(
    conn: Connection, program_id: ProgramId, store_ids: Sequence[StoreId]
) -> dict[StoreId, list[GeofenceId]]:
    """Of the live ones, the oldest first. In a transaction."""
    ids: dict[StoreId, list[GeofenceId]] = {}
    async for rows in fetch_pages(conn, QUERIES.list_ids_of_stores, program_id, store_ids):
        for row in rows:
            ids.setdefault(row["store_id"], []).append(row["id"])
    return ids


async def read_geofences(
    conn: Connection, program_id: ProgramId, geofence_ids: Sequence[GeofenceId]
) -> dict[GeofenceId, Fence]:
    """The live ones of these, in no order. Not many at once: an area may have ten thousand positions."""
    rows = await conn.fetch(QUERIES.read_geofences, program_id, geofence_ids)
    decoded = await asyncio.to_thread(_fences, rows) if rows else {}
    return {geofence_id: fence for geofence_id, fence in decoded.items() if fence is not None}


async def read_geofences_near(conn: Connection, fence: Fence, most: int) -> list[Fence]:
    """Live ones of the same program whose boxes meet that of this one, in no order; itself too, where it is there."""
    boxes, _ = box_fences([fence])
    west, south, east, north = boxes.T.tolist()
    rows = await conn.fetch(
        *QUERIES.read_geofences_near(
            program_id=fence.program_id, west=west, south=south, east=east, north=north, most=most
        )
    )
    decoded = await asyncio.to_thread(_fences, rows) if rows else {}
    return [found for found in decoded.values() if found is not None]


async def find_version(conn: Connection, program_id: ProgramId, geofence_id: GeofenceId) -> int | None:
    """The program's fence version of its last change; None where it is deleted, or not of this program."""
    version: int | None = await conn.fetchval(QUERIES.find_version, program_id, geofence_id)
    return version


async def find_store_of_removed(conn: Connection, program_id: ProgramId, geofence_id: GeofenceId) -> StoreId | None:
    """None where it is not removed, or not of this program."""
    store_id: StoreId | None = await conn.fetchval(QUERIES.find_store_of_removed, program_id, geofence_id)
    return store_id


async def write_geofences(
    conn: Connection, program_id: ProgramId, fences: Sequence[Fence], version: int, now: datetime
) -> None:
    """Create those whose id is new, and redraw the others; their stores cannot change."""
    for some in in_pages(fences):
        rows = [_columns(fence) for fence in some]
        await conn.execute(
            *QUERIES.write_geofences(
                id=[fence.geofence_id for fence in some],
                store_id=[fence.store_id for fence in some],
                **{name: [row[name] for row in rows] for name in rows[0]},
                program_id=program_id,
                version=version,
                now=now,
            )
        )


async def read_changed_geofences(conn: Connection, known: Mapping[ProgramId, int]) -> dict[GeofenceId, Fence | None]:
    """What has changed in those programs since the fence versions that are known of them; None for a deleted one.

    In a transaction.
    """
    changes: dict[GeofenceId, Fence | None] = {}
    arguments = list(known), list(known.values())
    async for rows in fetch_pages(conn, QUERIES.read_changed_geofences, *arguments):
        changes |= await asyncio.to_thread(_fences, rows)
    return changes


def _columns(fence: Fence) -> dict[str, object]:
    """What an edit may change. A circle has its centre, an area its polygons in WKB."""
    shape = fence.shape
    return {
        "name": fence.name,
        "lat": shape.lat if isinstance(shape, Circle) else None,
        "lon": shape.lon if isinstance(shape, Circle) else None,
        "area": None if isinstance(shape, Circle) else shapely.to_wkb(shape.polygons),
        "radius_m": fence.radius_m,
        "exit_margin_m": fence.exit_margin_m,
        "exit_confirm_s": fence.exit_confirm_s,
        "exit_confirm_fixes": fence.exit_confirm_fixes,
        "dwell_s": fence.dwell_s,
        "report_crossings": fence.report_crossings,
    }


def _fence(row: Any) -> Fence:
    shape = _circle(row) if row["area"] is None else Area(shapely.from_wkb(row["area"]))
    return _make_fence(row, shape, row["program_id"], _Shared({}, {}))


class _Shared(NamedTuple):
    """Values that many fences have in common, as one object each: of a hundred thousand, every copy counts."""

    names: dict[str, str]
    settings: dict[float, float]


def _fences(rows: Sequence[Any]) -> dict[GeofenceId, Fence | None]:
    """Many at once, with their areas decoded together."""
    fences: dict[GeofenceId, Fence | None] = {}
    shared, program_id = _Shared({}, {}), rows[0]["program_id"]
    areas = iter(shapely.from_wkb([row["area"] for row in rows if row["area"] is not None]))
    for row in rows:
        shape = _circle(row) if row["area"] is None else Area(next(areas))
        if row["program_id"] != program_id:  # hashing it would take as long as all of the rest
            program_id = row["program_id"]
        fences[row["id"]] = None if row["is_deleted"] else _make_fence(row, shape, program_id, shared)
    return fences


def _circle(row: Any) -> Circle:
    return Circle(row["lat"], row["lon"], row["radius_m"])


def _make_fence(row: Any, shape: Circle | Area, program_id: ProgramId, shared: _Shared) -> Fence:
    names, settings = shared
    return Fence(
        row["id"],
        program_id,
        row["store_id"],
        names.setdefault(row["name"], row["name"]),
        shape,
        shape.radius_m if isinstance(shape, Circle) else row["radius_m"],
        settings.setdefault(row["exit_margin_m"], row["exit_margin_m"]),
        settings.setdefault(row["exit_confirm_s"], row["exit_confirm_s"]),
        row["exit_confirm_fixes"],
        settings.setdefault(row["dwell_s"], row["dwell_s"]),
        row["report_crossings"],
    )
