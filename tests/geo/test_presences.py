"""Presences: compare and swap, and the stored form of a stay."""

import asyncio
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.fix import Fix, RegionEvent, RegionEventKind
from geo.presence import Instant, Presence, Stay, Suspect
from geo.presences_repository import PresenceSwap, create_presences, decode_presence, decode_stays, swap_presences
from ids import DeviceId, GeofenceId, MemberId, ProgramId, StoreId
from kit.database import Pool, in_transaction
from kit.ids import new_id
from tests.support.gates import gate
from tests.support.tracks import at

PROGRAM = ProgramId(UUID(int=1))


async def add_devices(pool: Pool, count: int) -> list[tuple[MemberId, DeviceId]]:
    """Members with a device and a presence that is nowhere, in random order of their keys."""
    keys = [(MemberId(new_id()), DeviceId(new_id())) for _ in range(count)]
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(
            "INSERT INTO programs (id, code, name, created_at) VALUES ($1, 'noren', 'N', $2) ON CONFLICT DO NOTHING",
            *(PROGRAM, at(0)),
        )
        for member_id, device_id in keys:
            await conn.execute(
                "INSERT INTO members (member_id, program_id, state, locale, location_consent, push_consent, created_at)"
                " VALUES ($1, $2, 'active', 'ja', true, true, $3)",
                *(member_id, PROGRAM, at(0)),
            )
            await conn.execute(
                "INSERT INTO devices (member_id, id, program_id, platform, locale, token_hash, created_at,"
                " last_seen_at) VALUES ($1, $2, $3, 'ios', 'ja', '\\x00', $4, $4)",
                *(member_id, device_id, PROGRAM, at(0)),
            )
        await create_presences(conn, [(*key, PROGRAM) for key in keys])
    return keys


def swap(key: tuple[MemberId, DeviceId], read_version: int, watermark: datetime, *stays: Stay) -> PresenceSwap:
    member_id, device_id = key
    return PresenceSwap(
        member_id=member_id,
        device_id=device_id,
        program_id=PROGRAM,
        read_version=read_version,
        presence=Presence(watermark, stays),
    )


async def write(pool: Pool, *swaps: PresenceSwap) -> set[DeviceId]:
    return await in_transaction(pool, lambda conn: swap_presences(conn, swaps))


async def read(pool: Pool, key: tuple[MemberId, DeviceId]) -> tuple[int, Presence]:
    row = await pool.fetchrow("SELECT * FROM presences WHERE (member_id, device_id) = ($1, $2)", *key)
    assert row is not None
    return row["version"], decode_presence(row["watermark"], row["stays"], row["motion"])


MOMENTS = st.none() | st.floats(-1e9, 1e9).map(at)
STAYS = st.builds(
    Stay,
    geofence_id=st.uuids(),
    store_id=st.uuids(),
    entered_at=st.floats(-1e9, 1e9).map(at),
    dwelled_at=MOMENTS,
    outside_since=MOMENTS,
    outside_fixes=st.integers(0, 1000),
)


@given(stays=st.lists(STAYS, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
async def test_stays_come_back_as_they_went_in(pool: Pool, stays: list[Stay]) -> None:
    (key,) = await add_devices(pool, 1)
    assert await write(pool, swap(key, 0, at(0), *stays)) == {key[1]}
    assert await read(pool, key) == (1, Presence(at(0), tuple(stays)))


async def test_what_is_held_about_the_newest_instant_comes_back_as_it_went_in(pool: Pool) -> None:
    (key,) = await add_devices(pool, 1)
    kinds: tuple[RegionEventKind, ...] = ("enter", "exit")
    enter, exit_ = (RegionEvent(kind, GeofenceId(UUID(int=1))) for kind in kinds)
    stay = Stay(GeofenceId(UUID(int=1)), StoreId(UUID(int=2)), at(0), outside_since=at(5), outside_fixes=1)
    there = Fix(35.0, 139.0, 5.0, at(9))
    presence = Presence(
        at(9),
        (msgspec.structs.replace(stay, outside_since=None, outside_fixes=0),),
        there,
        Suspect(there, [GeofenceId(UUID(int=1))], (enter,)),
        3.5,
        Instant(True, (enter, exit_), (stay,)),
    )
    await write(pool, msgspec.structs.replace(swap(key, 0, at(9)), presence=presence))
    assert await read(pool, key) == (1, presence)


def test_the_stored_names_of_a_stay_are_as_they_always_were() -> None:
    """Rows written by an earlier version are read by this one: change them by a migration only."""
    stored = (
        '[{"g":"00000000-0000-0000-0000-000000000001","s":"00000000-0000-0000-0000-000000000002",'
        '"e":"2026-04-01T12:00:00Z","d":"2026-04-01T12:05:00Z","o":"2026-04-01T12:06:00Z","n":2}]'
    )
    stay = Stay(GeofenceId(UUID(int=1)), StoreId(UUID(int=2)), at(0), at(300), at(360), 2)
    assert decode_stays(stored) == (stay,)
    assert msgspec.json.encode([stay]).decode() == stored
    assert decode_stays("[]") == ()


async def test_a_swap_wins_with_the_version_that_stands_and_loses_with_any_other(pool: Pool) -> None:
    (key,) = await add_devices(pool, 1)
    assert await write(pool, swap(key, 0, at(0))) == {key[1]}
    for stale in (0, 2, -1):
        assert await write(pool, swap(key, stale, at(99))) == set()
    assert await read(pool, key) == (1, Presence(at(0)))
    assert await write(pool, swap(key, 1, at(1))) == {key[1]}


async def test_winners_and_losers_of_one_batch(pool: Pool) -> None:
    keys = await add_devices(pool, 3)
    await write(pool, swap(keys[1], 0, at(0)))
    won = await write(pool, *(swap(key, 0, at(1)) for key in keys))
    assert won == {keys[0][1], keys[2][1]}


async def test_a_presence_needs_its_device(pool: Pool) -> None:
    await add_devices(pool, 1)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await write(pool, swap((MemberId(new_id()), DeviceId(new_id())), 0, at(0)))


async def test_of_many_that_read_the_same_version_one_wins(pool: Pool) -> None:
    (key,) = await add_devices(pool, 1)
    won = await asyncio.gather(*(write(pool, swap(key, 0, at(n))) for n in range(20)))
    assert sum(map(len, won)) == 1
    assert (await read(pool, key))[0] == 1


async def test_writers_that_name_the_same_rows_in_opposite_orders_do_not_deadlock(pool: Pool, database: str) -> None:
    """Held at the row in the middle, each would have what the other wants next, if they took the rows as they come."""
    keys = await add_devices(pool, 7)
    swaps = [swap(key, 0, at(1)) for key in keys]
    hold = f"SELECT FROM presences WHERE device_id = '{keys[3][1]}' FOR UPDATE"
    async with gate(database, hold, 2):
        runs = [asyncio.create_task(write_bare(pool, order)) for order in (swaps, swaps[::-1])]
    assert sorted(len(won) for won in await asyncio.gather(*runs)) == [0, 7]


async def write_bare(pool: Pool, swaps: list[PresenceSwap]) -> set[DeviceId]:
    """Not through in_transaction, which would run a deadlock's victim again."""
    async with pool.acquire() as conn, conn.transaction():
        return await swap_presences(conn, swaps)
