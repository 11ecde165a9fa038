"""Presences: one row a device, written by compare and swap."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from geo.fix import Fix, RegionEvent
from geo.presence import Instant, Presence, Stay, Suspect
from geo.transition import NewTransitionRecord
from geo.transitions_repository import columns_of
from ids import DeviceId, GeofenceId, MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "presences.sql")

_STAYS = msgspec.json.Decoder(tuple[Stay, ...])
_ENCODER = msgspec.json.Encoder()
_NO_STAYS = "[]"


class _Point(msgspec.Struct, frozen=True, array_like=True):
    lat: float
    lon: float
    accuracy_m: float | None
    recorded_at: datetime
    geofence_ids: Sequence[GeofenceId] = ()
    events: tuple[RegionEvent, ...] = ()


_MOTION_NAMES = {"last": "l", "suspect": "h", "lag_s": "g", "instant": "i"}


class _Motion(msgspec.Struct, frozen=True, omit_defaults=True, rename=_MOTION_NAMES):
    """The column `motion`. The short names never change their meaning."""

    last: _Point | None = None
    suspect: _Point | None = None
    lag_s: float = 0.0
    instant: Instant = Instant()


_MOTION = msgspec.json.Decoder(_Motion)


class PresenceSwap(msgspec.Struct, frozen=True, kw_only=True):
    """The presence that shall replace the one that was read at `read_version`.

    `next_due_at` is when to sweep it, if no fix comes before (geo.sweeping).
    """

    member_id: MemberId
    device_id: DeviceId
    program_id: ProgramId
    read_version: int
    presence: Presence
    next_due_at: datetime | None = None


def decode_presence(watermark: datetime | None, stays: str, motion: str) -> Presence:
    """From the columns of those names; the last two are JSON."""
    decoded = _MOTION.decode(motion)
    held = decoded.suspect
    return Presence(
        watermark,
        decode_stays(stays),
        _fix(decoded.last) if decoded.last else None,
        Suspect(_fix(held), held.geofence_ids, held.events) if held else None,
        decoded.lag_s,
        decoded.instant,
    )


def decode_stays(stays: str) -> tuple[Stay, ...]:
    return () if stays == _NO_STAYS else _STAYS.decode(stays)


async def find_presence(conn: Connection, member_id: MemberId, device_id: DeviceId) -> Presence | None:
    row = await conn.fetchrow(QUERIES.find_presence, member_id, device_id)
    return decode_presence(row["watermark"], row["stays"], row["motion"]) if row else None


async def create_presences(conn: Connection, devices: Sequence[tuple[MemberId, DeviceId, ProgramId]]) -> None:
    """For each (member_id, device_id, program_id) a presence that is nowhere."""
    members, device_ids, programs = zip(*devices, strict=True)
    await conn.execute(QUERIES.insert_presences, members, device_ids, programs)


async def clear_places(conn: Connection, member_id: MemberId) -> None:
    """Where the member's devices are is held no more; stays end without an exit. The watermark stays."""
    await conn.execute(QUERIES.clear_places, member_id)


async def swap_presences(
    conn: Connection, swaps: Sequence[PresenceSwap], moves: Sequence[NewTransitionRecord] = ()
) -> set[DeviceId]:
    """Write them all in one statement; return the devices whose row still had the version that was read.

    `moves`: transitions of these devices, recorded with them. Only where the database is not spread.
    """
    columns = {
        "member_id": [swap.member_id for swap in swaps],
        "device_id": [swap.device_id for swap in swaps],
        "program_id": [swap.program_id for swap in swaps],
        "version": [swap.read_version for swap in swaps],
        "watermark": [swap.presence.watermark for swap in swaps],
        "stays": [_encode_stays(swap.presence.stays) for swap in swaps],
        "motion": [_encode_motion(swap.presence) for swap in swaps],
        "next_due_at": [swap.next_due_at for swap in swaps],
    }
    if moves:
        query = QUERIES.swap_presences_and_record(
            **columns, **columns_of(moves), moved_device_id=[move.device_id for move in moves]
        )
    else:
        query = QUERIES.swap_presences(**columns)
    return {row["device_id"] for row in await conn.fetch(*query)}


async def find_due_presences(conn: Connection, now: datetime, most: int) -> list[tuple[MemberId, DeviceId]]:
    """(member_id, device_id) of what has been due longest."""
    rows = await conn.fetch(QUERIES.find_due_presences, now, most)
    return [(row["member_id"], row["device_id"]) for row in rows]


async def purge_due(conn: Connection, devices: Sequence[tuple[MemberId, DeviceId]], now: datetime) -> None:
    """Sweep these no more until their next fix."""
    members, device_ids = zip(*sorted(devices), strict=True)
    await conn.execute(QUERIES.purge_due, members, device_ids, now)


def _encode_stays(stays: tuple[Stay, ...]) -> str:
    return _ENCODER.encode(stays).decode() if stays else _NO_STAYS


def _encode_motion(presence: Presence) -> str:
    last, held = presence.last_fix, presence.suspect
    suspect = _point(held.fix, held.geofence_ids, held.events) if held else None
    motion = _Motion(_point(last) if last else None, suspect, presence.lag_s, presence.instant)
    return _ENCODER.encode(motion).decode()


def _point(fix: Fix, geofence_ids: Sequence[GeofenceId] = (), events: tuple[RegionEvent, ...] = ()) -> _Point:
    return _Point(fix.lat, fix.lon, fix.accuracy_m, fix.recorded_at, geofence_ids, events)


def _fix(point: _Point) -> Fix:
    return Fix(point.lat, point.lon, point.accuracy_m, point.recorded_at)
