"""The sweep: presences that have fallen silent -> exits and dwells that no fix will show, one transaction a batch.

What is due is found by its time, swept by the pure rules (geo.sweeping) and written by the compare and swap that
`locate` uses, so any number of workers and uploads may meet at one device: one of them wins, and the others find
nothing due when they look next. Nothing is held in memory, so a restart loses nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec
import structlog

from geo.presences_repository import find_due_presences, purge_due, swap_presences
from geo.sweeping import next_due_at, sweep
from geo.transitions import PresenceUpdate
from ids import DeviceId, MemberId
from kit.batching import run_split
from kit.database import Connection, DatabaseUnavailable, Pool, connect, describe_failure, in_transaction
from server.locations.device_states import DeviceState, read_device_states
from server.locations.recording import DeviceTransitions, has_fence_change, record_transitions
from server.runtime.snapshot import Snapshot
from server.runtime.snapshot_keeper import SnapshotKeeper

BATCH_SIZE = 500

log = structlog.get_logger()


class SweepResult(msgspec.Struct, frozen=True):
    """How many presences were due, how many of them did not fail, and how many transitions came of them."""

    due: int
    done: int
    transitions: int


async def sweep_batch(pool: Pool, keeper: SnapshotKeeper, now: datetime) -> SweepResult:
    """Sweep what is due by `now`, a batch at most. Raises DatabaseUnavailable; what was committed stays."""
    async with connect(pool) as conn:
        keys = await find_due_presences(conn, now, BATCH_SIZE)
    if not keys:
        return SweepResult(0, 0, 0)
    results = await run_split(partial(_sweep_in_transaction, pool, keeper, now), keys)
    for result in results:
        if isinstance(result, DatabaseUnavailable):
            raise result
        if isinstance(result, Exception):
            log.error("sweep.failed", **describe_failure(result))
    counts = [result for result in results if isinstance(result, int)]
    return SweepResult(len(keys), len(counts), sum(counts))


async def sweep_all(pool: Pool, keeper: SnapshotKeeper, now: datetime) -> int:
    """Sweep until nothing is due any more; how many transitions came of it."""
    transitions = 0
    while True:
        result = await sweep_batch(pool, keeper, now)
        transitions += result.transitions
        if result.due < BATCH_SIZE or result.done == 0:
            return transitions


async def _sweep_in_transaction(
    pool: Pool, keeper: SnapshotKeeper, now: datetime, keys: Sequence[tuple[MemberId, DeviceId]]
) -> Sequence[int | Exception]:
    """How many transitions came of each device; none where somebody else wrote it meanwhile."""

    async def work(conn: Connection) -> Sequence[int]:
        devices = await _read_devices(conn, keys, now)
        results = _sweep_presences(keeper.current, devices, now)
        if any(has_fence_change(result.transitions) for result in results):
            # A snapshot read after the presence knows every fence that the presence can be in.
            await keeper.refresh()
        counts = await _sweep_devices(conn, keeper.current, devices, now)
        return [counts.get(device_id, 0) for _, device_id in keys]

    return await in_transaction(pool, work)


async def _read_devices(
    conn: Connection, keys: Sequence[tuple[MemberId, DeviceId]], now: datetime
) -> list[DeviceState]:
    """Devices that may be swept; one that is signed out, or without consent, is left as it is and not due any more."""
    members, devices = zip(*keys, strict=True)
    states = await read_device_states(conn, members, devices)
    allowed = {device_id: state for device_id, state in states.items() if state.location_consent}
    if barred := [key for key in keys if key[1] not in allowed]:
        await purge_due(conn, barred, now)
    return list(allowed.values())


async def _sweep_devices(
    conn: Connection, snapshot: Snapshot, devices: Sequence[DeviceState], now: datetime
) -> dict[DeviceId, int]:
    if not devices:
        return {}
    fence_of, minutes_of = snapshot.fences.get, snapshot.stay_minutes_of
    results = _sweep_presences(snapshot, devices, now)
    swaps = [
        device.swap(result.presence, next_due_at(result.presence, fence_of, now, minutes_of(device.program_id)))
        for device, result in zip(devices, results, strict=True)
    ]
    won = await swap_presences(conn, swaps)
    changes = [
        DeviceTransitions.of(device, result, now)
        for device, result in zip(devices, results, strict=True)
        if device.device_id in won
    ]
    await record_transitions(conn, snapshot, changes)
    return {change.device.device_id: len(change.transitions) for change in changes}


def _sweep_presences(snapshot: Snapshot, devices: Sequence[DeviceState], now: datetime) -> list[PresenceUpdate]:
    fence_of, minutes_of = snapshot.fences.get, snapshot.stay_minutes_of
    return [sweep(device.presence, fence_of, now, minutes_of(device.program_id)) for device in devices]
