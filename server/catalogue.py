"""What a process knows by heart: fences, stores and campaigns of all programs, as one immutable value.

The database is the truth. A process polls the version counters twice a second, reads what has changed since those that
it knows and swaps in a new value; there is no notification that could be lost. A change made through this process is
taken over before its answer goes out.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import structlog

from coupons import campaigns_repository
from coupons.campaigns import Campaign, Trigger
from coupons.rules import listens
from geo import geofences_repository
from geo.crossings import CrossableFences
from geo.index import Fence, FenceIndex
from geo.overlay import OverlaidFences
from kit.collector import long_lived
from kit.database import Connection, DatabaseUnavailable, Pool, in_snapshot
from kit.steps import PAUSE_S, run_gently
from programs import programs_repository, stores_repository
from programs.programs_repository import Versions
from programs.stores_repository import Store
from server.metrics import FENCES

POLL_INTERVAL_S = 0.5
# A batch that began with an old catalogue holds it for as long as its transaction may last; few last a second.
GRACE_S = 5.0
_NOTHING_YET = Versions(-1, -1)

log = structlog.get_logger()


class KnownStore(msgspec.Struct, frozen=True, gc=False):
    store: Store
    time_zone: ZoneInfo


class Catalogue(msgspec.Struct, frozen=True):
    """All of one moment: it is read in one snapshot of the database and swapped in as a whole."""

    versions: Versions
    fence_versions: Mapping[UUID, int]
    fences: OverlaidFences
    crossable: OverlaidFences  # those that tell of crossings, once more: for all others a path costs nothing
    stores: Mapping[UUID, KnownStore]
    campaigns: Mapping[UUID, Sequence[Campaign]]

    def crossable_of(self, program_id: UUID) -> CrossableFences | None:
        """None where no fence of the program tells of crossings."""
        return CrossableFences(self.crossable, program_id) if self.crossable.has_fences_of(program_id) else None

    def listening(self, program_id: UUID, trigger: Trigger, store_id: UUID) -> list[Campaign]:
        """The active campaigns of the program that have an opinion on this."""
        return [c for c in self.campaigns.get(program_id, ()) if listens(c, trigger, store_id)]


class CatalogueKeeper:
    """Holds the current catalogue and keeps it so."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._refreshing = asyncio.Lock()
        # Refreshes are counted as they begin; the newest one that succeeded knows all that was committed before.
        self._begun = 0
        self._succeeded = 0
        self._overgrown = asyncio.Event()
        nothing = OverlaidFences.over(FenceIndex.build(()))
        self.current = Catalogue(_NOTHING_YET, {}, nothing, nothing, {}, {})

    async def refresh(self) -> None:
        """Load what has changed since the current catalogue. Raises DatabaseUnavailable.

        Many that ask at once share a reading that begins after all of them have asked.
        """
        begun = self._begun
        async with self._refreshing:
            if self._succeeded > begun:
                return
            self._begun += 1
            # What the first load makes stays for good, what a later one makes is little.
            with long_lived() if self.current.versions == _NOTHING_YET else contextlib.nullcontext():
                changes = await in_snapshot(self._pool, self._read_changes)
                if changes is not None:
                    self.current = await _apply(self.current, changes)
            self._succeeded = self._begun
        FENCES.set(len(self.current.fences))
        if changes is not None and self.current.fences.is_overgrown:
            self._overgrown.set()

    async def refresh_if_possible(self) -> None:
        """After a commit: an outage now does not undo what was written, and the poll will catch up."""
        with contextlib.suppress(DatabaseUnavailable):
            await self.refresh()

    async def keep_fresh(self) -> None:
        """Poll, and rebuild the base of the fences when its overlay has grown, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poll())
            group.create_task(self._rebuild_when_overgrown())

    async def _poll(self) -> None:
        """An outage is told once; the catalogue stays as it is."""
        failing = False
        while True:
            await asyncio.sleep(POLL_INTERVAL_S)
            try:
                await self.refresh()
                failing = False
            except DatabaseUnavailable as error:
                if not failing:
                    log.warning("catalogue.stale", reason=str(error))
                failing = True

    async def _rebuild_when_overgrown(self) -> None:
        while True:
            await self._overgrown.wait()
            parts = await self._rebuild()
            if not self.current.fences.is_overgrown:
                self._overgrown.clear()
            await asyncio.sleep(GRACE_S)
            # By now nobody else has them. All at once, they would take as long to free as to build.
            while parts:
                await asyncio.to_thread(_free_last, parts)
                await asyncio.sleep(PAUSE_S)  # with 0, uvloop lets no timer in between

    async def _rebuild(self) -> list[object]:
        """Take the overlay into a new base, while edits go on, and answer what the old one was made of."""
        with long_lived():
            base = await run_gently(self.current.fences.rebuilding())
            crossable_base = await run_gently(self.current.crossable.rebuilding())
            async with self._refreshing:
                old = self.current
                fences = await run_gently(old.fences.moving_to(base))
                crossable = await run_gently(old.crossable.moving_to(crossable_base))
                self.current = msgspec.structs.replace(old, fences=fences, crossable=crossable)
        return old.fences.base.parts() + old.crossable.base.parts()

    async def _read_changes(self, conn: Connection) -> "_Changes | None":
        old = self.current
        versions = await programs_repository.read_versions(conn)
        if versions == old.versions:
            return None
        stores, campaigns = old.stores, old.campaigns
        if versions.campaign_version != old.versions.campaign_version:
            stores = {s.id: _know(s, old.stores) async for s in stores_repository.read_all_stores(conn)}
            campaigns = _by_program(await campaigns_repository.read_active_campaigns(conn))
        fence_versions = await programs_repository.read_fence_versions(conn)
        if not old.fence_versions:
            all_fences = await geofences_repository.read_all_geofences(conn)
            return _Changes(versions, fence_versions, stores, campaigns, all_fences, {})
        known = {
            key: old.fence_versions.get(key, 0)
            for key, version in fence_versions.items()
            if version != old.fence_versions.get(key)
        }
        changed = await geofences_repository.read_changed_geofences(conn, known) if known else {}
        return _Changes(versions, fence_versions, stores, campaigns, None, changed)


class _Changes(msgspec.Struct, frozen=True):
    """What the database holds anew; `all_fences` only where nothing was known before."""

    versions: Versions
    fence_versions: Mapping[UUID, int]
    stores: Mapping[UUID, KnownStore]
    campaigns: Mapping[UUID, Sequence[Campaign]]
    all_fences: Sequence[Fence] | None
    changed_fences: Mapping[UUID, Fence | None]


async def _apply(old: Catalogue, changes: _Changes) -> Catalogue:
    if changes.all_fences is not None:
        # Nothing is served yet, so nobody waits for the pauses of a gentle run.
        base = await asyncio.to_thread(FenceIndex.build, changes.all_fences)
        telling = [fence for fence in changes.all_fences if fence.tells_crossings]
        crossable_base = await asyncio.to_thread(FenceIndex.build, telling)
        fences, crossable = OverlaidFences.over(base), OverlaidFences.over(crossable_base)
    else:
        fences = await _change(old.fences, changes.changed_fences)
        crossable = await _change(old.crossable, _select_crossable(old.crossable, changes.changed_fences))
    return Catalogue(changes.versions, changes.fence_versions, fences, crossable, changes.stores, changes.campaigns)


async def _change(fences: OverlaidFences, changes: Mapping[UUID, Fence | None]) -> OverlaidFences:
    return await run_gently(fences.changing(changes)) if changes else fences


def _select_crossable(crossable: OverlaidFences, changes: Mapping[UUID, Fence | None]) -> dict[UUID, Fence | None]:
    """What the changes mean for the fences that tell of crossings; most fences never do."""
    telling = {key: fence if fence and fence.tells_crossings else None for key, fence in changes.items()}
    return {key: fence for key, fence in telling.items() if fence or crossable.get(key)}


def _know(store: Store, known: Mapping[UUID, KnownStore]) -> KnownStore:
    """The object that we have, where nothing changed: then there is nothing to free when the old catalogue goes."""
    same = known.get(store.id)
    return same if same is not None and same.store == store else KnownStore(store, ZoneInfo(store.time_zone))


def _free_last(parts: list[object]) -> None:
    """In a thread of those that built them: glibc keeps what is freed in the arena of the thread that had asked for it.

    There it joins small pieces only when that thread next wants a large one; all at once, that takes 0.1 s in one call.
    """
    parts.pop()
    bytes(4096)


def _by_program(campaigns: Sequence[Campaign]) -> dict[UUID, list[Campaign]]:
    grouped: dict[UUID, list[Campaign]] = {}
    for campaign in campaigns:
        grouped.setdefault(campaign.program_id, []).append(campaign)
    return grouped
