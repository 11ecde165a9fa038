"""Stores: the shops of a program."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ids import ProgramId, StoreId
from kit.copied_pages import copy_pages
from kit.copying import look_up_anew
from kit.database import Connection, fetch_pages, in_pages
from kit.pages import PageRequest
from kit.sql import load_queries
from programs.open_stores import StoreColumns, join_columns, read_stores
from programs.opening_hours import OpeningHours
from programs.store import JoinedStore, OpenStore, Place, Store, StoreGenerations

QUERIES = load_queries(__file__, "stores.sql")


async def create_store(conn: Connection, store: Store, version: int) -> None:
    """`version` is the program's campaign version that this change was given.

    Raises asyncpg.UniqueViolationError where the program already has a store of this code.
    """
    lat, lon = (store.location.lat, store.location.lon) if store.location else (None, None)
    hours = _encode_hours(store.opening_hours)
    await conn.execute(
        *QUERIES.insert_store(
            id=store.id,
            program_id=store.program_id,
            code=store.code,
            name=store.name,
            time_zone=store.time_zone,
            address=store.address,
            phone=store.phone,
            lat=lat,
            lon=lon,
            opening_hours=hours,
            day_start_hour=store.day_start_hour,
            store_groups=store.store_groups,
            version=version,
            created_at=store.created_at,
        )
    )


async def update_store(conn: Connection, store: Store, version: int) -> bool:
    """False where the store is closed or not of this program."""
    lat, lon = (store.location.lat, store.location.lon) if store.location else (None, None)
    found = await conn.fetchval(
        *QUERIES.update_store(
            program_id=store.program_id,
            id=store.id,
            name=store.name,
            time_zone=store.time_zone,
            address=store.address,
            phone=store.phone,
            lat=lat,
            lon=lon,
            opening_hours=_encode_hours(store.opening_hours),
            day_start_hour=store.day_start_hour,
            store_groups=store.store_groups,
            version=version,
        )
    )
    return found is not None


async def close_store(conn: Connection, program_id: ProgramId, store_id: StoreId, version: int, now: datetime) -> bool:
    return await conn.fetchval(QUERIES.close_store, program_id, store_id, now, version) is not None


async def find_store(conn: Connection, program_id: ProgramId, store_id: StoreId) -> Store | None:
    row = await conn.fetchrow(QUERIES.find_store, program_id, store_id)
    return _store(row) if row else None


async def list_store_names(
    conn: Connection, program_id: ProgramId, store_ids: Collection[StoreId]
) -> dict[StoreId, str]:
    """Also of stores that are closed."""
    if not store_ids:
        return {}
    rows = await conn.fetch(QUERIES.list_store_names, program_id, list(store_ids))
    return {row["id"]: row["name"] for row in rows}


async def find_version(conn: Connection, program_id: ProgramId, store_id: StoreId) -> int | None:
    """The program's campaign version of its last change; None where it is closed, or not of this program."""
    version: int | None = await conn.fetchval(QUERIES.find_version, program_id, store_id)
    return version


async def find_stores(conn: Connection, program_id: ProgramId, store_ids: Sequence[StoreId]) -> dict[StoreId, Store]:
    """Those of the program, the closed ones too. Not many at once."""
    rows = await conn.fetch(QUERIES.find_stores, program_id, store_ids)
    return {row["id"]: _store(row) for row in rows}


async def list_stores(
    conn: Connection,
    program_id: ProgramId,
    page: PageRequest,
    only: Sequence[StoreId] | None,
    *,
    code: str | None = None,
    with_closed: bool = True,
) -> list[Store]:
    """`only` narrows the list to those stores, `code` to the one of that code; None means all of the program."""
    rows = await conn.fetch(
        *QUERIES.list_stores(
            program_id=program_id,
            before=page.before,
            fetch_count=page.fetch_count,
            only=only,
            code=code,
            with_closed=with_closed,
        )
    )
    return [_store(row) for row in rows]


async def find_nearest_stores(
    conn: Connection, program_id: ProgramId, place: Place, limit: int, only: Sequence[StoreId] | None = None
) -> list[tuple[Store, float]]:
    """The open ones that have a place, nearest first, each with its distance in metres. `only` as in `list_stores`."""
    rows = await conn.fetch(
        *QUERIES.find_nearest_stores(program_id=program_id, lat=place.lat, lon=place.lon, only=only, limit=limit)
    )
    return sorted(((_store(row), row["distance_m"]) for row in rows), key=lambda found: found[1])


async def find_joined_store(conn: Connection, store_id: StoreId) -> JoinedStore | None:
    """An open store, with its program, as an enrolment link names it."""
    row = await conn.fetchrow(QUERIES.find_joined_store, store_id)
    return JoinedStore(**row) if row else None


async def find_generations(conn: Connection, store_id: StoreId) -> StoreGenerations | None:
    """Of an open store, of whatever program."""
    row = await conn.fetchrow(QUERIES.find_generations, store_id)
    return StoreGenerations(**row) if row else None


async def renew_qr(conn: Connection, program_id: ProgramId, store_id: StoreId) -> int | None:
    """End the printed QR; the generation of the next. None where the program has no such open store."""
    generation: int | None = await conn.fetchval(QUERIES.renew_qr, program_id, store_id)
    return generation


async def renew_display(conn: Connection, program_id: ProgramId, store_id: StoreId) -> int | None:
    """End the display's key; the generation of the next. None where the program has no such open store."""
    generation: int | None = await conn.fetchval(QUERIES.renew_display, program_id, store_id)
    return generation


async def find_programs_of_stores(conn: Connection, store_ids: Sequence[StoreId]) -> dict[StoreId, ProgramId]:
    """The program of each, the closed stores' too; unknown ones are absent."""
    return {row["id"]: row["program_id"] for row in await conn.fetch(QUERIES.find_program_of_stores, store_ids)}


async def are_own_stores(conn: Connection, program_id: ProgramId, store_ids: Sequence[StoreId]) -> bool:
    """Whether all of them are open stores of this program."""
    return bool(await conn.fetchval(QUERIES.count_own_stores, program_id, store_ids) == len(set(store_ids)))


async def find_groups_of_stores(
    conn: Connection, program_id: ProgramId, groups: Sequence[str]
) -> dict[StoreId, Sequence[str]]:
    """The groups of each store that is in one of these, the closed ones' too: what was visited there counts."""
    rows = await conn.fetch(QUERIES.find_stores_of_groups, program_id, groups)
    return {row["id"]: row["store_groups"] for row in rows}


async def find_stores_by_code(conn: Connection, program_id: ProgramId, codes: Sequence[str]) -> dict[str, Store]:
    """By code, the closed ones too: a closed store keeps its code. In a transaction."""
    pages = fetch_pages(conn, QUERIES.find_stores_by_code, program_id, codes)
    return {row["code"]: _store(row) async for rows in pages for row in rows}


async def read_stores_from(conn: Connection, program_id: ProgramId, code: str) -> AsyncIterator[list[Store]]:
    """The open ones from this code on, by code, some at a time. In a transaction."""
    async for rows in fetch_pages(conn, QUERIES.read_stores_from, program_id, code):
        yield [_store(row) for row in rows]


async def read_places_of_program(conn: Connection, program_id: ProgramId) -> list[tuple[str, Place]]:
    """The open ones that have a place, with their names."""
    rows = await conn.fetch(QUERIES.read_places_of_program, program_id)
    return [(row["name"], Place(row["lat"], row["lon"])) for row in rows]


async def write_stores(conn: Connection, program_id: ProgramId, stores: Sequence[Store], version: int) -> None:
    """Create those whose id is new, and change the others; their codes cannot change."""
    for some in in_pages(stores):
        await conn.execute(
            *QUERIES.write_stores(
                id=[store.id for store in some],
                code=[store.code for store in some],
                name=[store.name for store in some],
                time_zone=[store.time_zone for store in some],
                address=[store.address for store in some],
                phone=[store.phone for store in some],
                lat=[store.location.lat if store.location else None for store in some],
                lon=[store.location.lon if store.location else None for store in some],
                opening_hours=[_encode_hours(store.opening_hours) for store in some],
                day_start_hour=[store.day_start_hour for store in some],
                created_at=[store.created_at for store in some],
                store_groups=[msgspec.json.encode(store.store_groups).decode() for store in some],
                program_id=program_id,
                version=version,
            )
        )
    await look_up_anew(conn, len(stores))


async def read_open_stores(conn: Connection) -> StoreColumns:
    """Those of every program, for the snapshot that a process holds. In a transaction."""
    parts = await copy_pages(conn, QUERIES.copy_open_stores, read_stores)
    return await asyncio.to_thread(join_columns, parts)


async def read_changed_stores(conn: Connection, known: Mapping[ProgramId, int]) -> dict[StoreId, OpenStore | None]:
    """What has changed in those programs since the campaign versions that are known of them; None for a closed one.

    In a transaction.
    """
    pages = fetch_pages(conn, QUERIES.read_changed_stores, list(known), list(known.values()))
    return {row["id"]: None if row["is_closed"] else _open_store(row) async for rows in pages for row in rows}


def _encode_hours(hours: OpeningHours | None) -> str | None:
    return None if hours is None else msgspec.json.encode(hours).decode()


def _store(row: Any) -> Store:
    return Store(
        id=row["id"],
        program_id=row["program_id"],
        code=row["code"],
        name=row["name"],
        time_zone=row["time_zone"],
        location=None if row["lat"] is None else Place(row["lat"], row["lon"]),
        opening_hours=_decode_hours(row["opening_hours"]),
        day_start_hour=row["day_start_hour"],
        created_at=row["created_at"],
        closed_at=row["closed_at"],
        address=row["address"],
        phone=row["phone"],
        store_groups=tuple(row["store_groups"]),
    )


def _open_store(row: Any) -> OpenStore:
    hours = _decode_hours(row["opening_hours"])
    return OpenStore(row["code"], row["name"], ZoneInfo(row["time_zone"]), hours, row["day_start_hour"])


def _decode_hours(hours: str | None) -> OpeningHours | None:
    return None if hours is None else msgspec.json.decode(hours, type=OpeningHours)
