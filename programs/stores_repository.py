"""Stores: the shops of a program."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID

import msgspec

from kit.database import Connection, fetch_pages, in_pages
from kit.pages import PageRequest
from kit.sql import load_queries
from programs.opening_hours import Day

QUERIES = load_queries(__file__, "stores.sql")

OpeningHours = dict[Day, list[tuple[time, time]]]


class Place(msgspec.Struct, frozen=True, gc=False):
    lat: float
    lon: float


class Store(msgspec.Struct, frozen=True, gc=False):
    id: UUID
    program_id: UUID
    code: str
    name: str
    time_zone: str
    location: Place | None
    opening_hours: OpeningHours | None
    day_start_hour: int
    created_at: datetime
    closed_at: datetime | None


async def create_store(conn: Connection, store: Store) -> None:
    """Raises asyncpg.UniqueViolationError where the program already has a store of this code."""
    lat, lon = (store.location.lat, store.location.lon) if store.location else (None, None)
    hours = _encode_hours(store.opening_hours)
    await conn.execute(
        QUERIES.insert_store,
        store.id,
        store.program_id,
        store.code,
        store.name,
        store.time_zone,
        lat,
        lon,
        hours,
        store.day_start_hour,
        store.created_at,
    )


async def update_store(conn: Connection, store: Store) -> bool:
    """False where the store is closed or not of this program."""
    lat, lon = (store.location.lat, store.location.lon) if store.location else (None, None)
    found = await conn.fetchval(
        QUERIES.update_store,
        store.program_id,
        store.id,
        store.name,
        store.time_zone,
        lat,
        lon,
        _encode_hours(store.opening_hours),
        store.day_start_hour,
    )
    return found is not None


async def close_store(conn: Connection, program_id: UUID, store_id: UUID, now: datetime) -> bool:
    return await conn.fetchval(QUERIES.close_store, program_id, store_id, now) is not None


async def find_store(conn: Connection, program_id: UUID, store_id: UUID) -> Store | None:
    row = await conn.fetchrow(QUERIES.find_store, program_id, store_id)
    return _store(row) if row else None


async def list_stores(
    conn: Connection, program_id: UUID, page: PageRequest, only: Sequence[UUID] | None
) -> list[Store]:
    """`only` narrows the list to those stores; None means all of the program."""
    rows = await conn.fetch(QUERIES.list_stores, program_id, page.before, page.fetch_count, only)
    return [_store(row) for row in rows]


async def are_own_stores(conn: Connection, program_id: UUID, store_ids: Sequence[UUID]) -> bool:
    """Whether all of them are open stores of this program."""
    return bool(await conn.fetchval(QUERIES.count_own_stores, program_id, store_ids) == len(set(store_ids)))


async def find_stores_by_code(conn: Connection, program_id: UUID, codes: Sequence[str]) -> dict[str, Store]:
    """By code, the closed ones too: a closed store keeps its code. In a transaction."""
    pages = fetch_pages(conn, QUERIES.find_stores_by_code, program_id, codes)
    return {row["code"]: _store(row) async for rows in pages for row in rows}


async def read_stores_of_program(conn: Connection, program_id: UUID) -> list[Store]:
    """The open ones, by code. In a transaction."""
    pages = fetch_pages(conn, QUERIES.read_stores_of_program, program_id)
    return [_store(row) async for rows in pages for row in rows]


async def write_stores(conn: Connection, program_id: UUID, stores: Sequence[Store]) -> None:
    """Create those whose id is new, and change the others; their codes cannot change."""
    for some in in_pages(stores):
        await conn.execute(
            QUERIES.write_stores,
            [store.id for store in some],
            [store.code for store in some],
            [store.name for store in some],
            [store.time_zone for store in some],
            [store.location.lat if store.location else None for store in some],
            [store.location.lon if store.location else None for store in some],
            [_encode_hours(store.opening_hours) for store in some],
            [store.day_start_hour for store in some],
            [store.created_at for store in some],
            program_id,
        )


async def read_all_stores(conn: Connection) -> AsyncIterator[Store]:
    """Every open store of every program, for the snapshot that a process holds. In a transaction."""
    async for rows in fetch_pages(conn, QUERIES.read_all_stores):
        for row in rows:
            yield _store(row)


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
    )


def _decode_hours(hours: str | None) -> OpeningHours | None:
    return None if hours is None else msgspec.json.decode(hours, type=OpeningHours)
