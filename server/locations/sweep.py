"""`tick`: presences that have fallen silent -> exits and dwells that no fix will tell of, in one transaction a batch.

What is due is found by its time, swept by the pure rules (geo.sweeping) and written by the compare and swap that
`locate` uses, so any number of workers and uploads may meet at one device: one of them wins, and the others' next look
finds nothing due. Nothing is held in memory, so a restart loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import structlog

from geo.presence import Presence
from geo.presences_repository import PresenceSwap, find_due_presences, purge_due, read_presence, swap_presences
from geo.sweeping import next_due_at, sweep
from kit.batching import run_split
from kit.database import Connection, DatabaseUnavailable, Pool, connect, describe_failure, in_transaction
from kit.sql import load_queries
from server.locations.recording import Moved, ends_by_fence, record_transitions
from server.runtime.snapshot import Snapshot, SnapshotKeeper

READ_DEVICES = load_queries(__file__, "locate.sql").read_devices
MOST_AT_ONCE = 500

log = structlog.get_logger()


class Swept(msgspec.Struct, frozen=True):
    """How many presences were due, how many of them did not fail, and how many transitions came of them."""

    due: int
    done: int
    transitions: int


class _Look(msgspec.Struct, frozen=True):
    device: Any
    presence: Presence


async def tick(pool: Pool, keeper: SnapshotKeeper, now: datetime) -> Swept:
    """Sweep what is due by `now`, a batch at most. Raises DatabaseUnavailable; what was committed stays."""
    async with connect(pool) as conn:
        keys = await find_due_presences(conn, now, MOST_AT_ONCE)
    if not keys:
        return Swept(0, 0, 0)
    results = await run_split(partial(_sweep_in_transaction, pool, keeper, now), keys)
    for (_, device_id), result in zip(keys, results, strict=True):
        if isinstance(result, DatabaseUnavailable):
            raise result
        if isinstance(result, Exception):
            log.error("tick.failed", device_id=str(device_id), **describe_failure(result))
    told = [result for result in results if isinstance(result, int)]
    return Swept(len(keys), len(told), sum(told))


async def tick_all(pool: Pool, keeper: SnapshotKeeper, now: datetime) -> int:
    """Sweep until nothing is due any more; how many transitions came of it."""
    transitions = 0
    while True:
        swept = await tick(pool, keeper, now)
        transitions += swept.transitions
        if swept.due < MOST_AT_ONCE or swept.done == 0:
            return transitions


async def _sweep_in_transaction(
    pool: Pool, keeper: SnapshotKeeper, now: datetime, keys: Sequence[tuple[UUID, UUID]]
) -> Sequence[int | Exception]:
    """How many transitions came of each device; none where somebody else wrote it meanwhile."""

    async def work(conn: Connection) -> Sequence[int]:
        looks = await _read(conn, keys, now)
        advances = [sweep(look.presence, keeper.current.fences.get, now) for look in looks]
        if any(ends_by_fence(each.transitions) for each in advances):
            # A snapshot read after the presence knows every fence that the presence can be in.
            await keeper.refresh()
        told = await _sweep_all(conn, keeper.current, looks, now)
        return [told.get(device_id, 0) for _, device_id in keys]

    return await in_transaction(pool, work)


async def _read(conn: Connection, keys: Sequence[tuple[UUID, UUID]], now: datetime) -> list[_Look]:
    """The presences of devices that may be swept; without consent, or revoked, a device is left as it is."""
    members, devices = zip(*keys, strict=True)
    rows = [row for row in await conn.fetch(READ_DEVICES, members, devices) if row["location_consent"]]
    readable = {row["device_id"] for row in rows}
    if barred := [key for key in keys if key[1] not in readable]:
        await purge_due(conn, barred, now)
    return [_Look(row, read_presence(row)) for row in rows]


async def _sweep_all(conn: Connection, snapshot: Snapshot, looks: Sequence[_Look], now: datetime) -> dict[UUID, int]:
    if not looks:
        return {}
    advances = [sweep(look.presence, snapshot.fences.get, now) for look in looks]
    swaps = [_swap(snapshot, look, each.presence, now) for look, each in zip(looks, advances, strict=True)]
    won = await swap_presences(conn, swaps)
    moved = [
        Moved(look.device, advanced.transitions, now, advanced.presence.suspect is not None)
        for look, advanced in zip(looks, advances, strict=True)
        if look.device["device_id"] in won
    ]
    await record_transitions(conn, snapshot, moved)
    return {move.device["device_id"]: len(move.transitions) for move in moved}


def _swap(snapshot: Snapshot, look: _Look, presence: Presence, now: datetime) -> PresenceSwap:
    device, due_at = look.device, next_due_at(presence, snapshot.fences.get, now)
    return PresenceSwap(
        device["member_id"], device["device_id"], device["program_id"], device["version"], presence, due_at
    )
