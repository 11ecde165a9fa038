"""What a process knows by heart: fences, stores and campaigns of all programs, as one immutable value.

The database is the truth. A process polls the version counters twice a second and swaps in a new value when one has
grown; a change made through this process is taken over before its answer goes out.
"""

import asyncio
import contextlib
import gc
from collections.abc import Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import structlog

from coupons import campaigns_repository
from coupons.campaigns import Campaign, Trigger
from coupons.rules import listens
from geo import geofences_repository
from geo.index import FenceIndex
from kit.database import Connection, DatabaseUnavailable, Pool, in_transaction
from programs import programs_repository, stores_repository
from programs.programs_repository import Versions
from programs.stores_repository import Store
from server.metrics import FENCES

POLL_INTERVAL_S = 0.5

log = structlog.get_logger()


class KnownStore(msgspec.Struct, frozen=True):
    store: Store
    time_zone: ZoneInfo


class Catalogue(msgspec.Struct, frozen=True):
    versions: Versions
    fences: FenceIndex
    stores: Mapping[UUID, KnownStore]
    campaigns: Mapping[UUID, Sequence[Campaign]]

    def listening(self, program_id: UUID, trigger: Trigger, store_id: UUID) -> list[Campaign]:
        """The active campaigns of the program that have an opinion on this."""
        return [c for c in self.campaigns.get(program_id, ()) if listens(c, trigger, store_id)]


class CatalogueKeeper:
    """Holds the current catalogue and keeps it so."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._refreshing = asyncio.Lock()
        self.current = Catalogue(Versions(-1, -1), FenceIndex.build(()), {}, {})

    async def refresh(self) -> None:
        """Load what has changed since the current catalogue. Raises DatabaseUnavailable."""
        async with self._refreshing:
            loaded = await in_transaction(self._pool, self._load)
            if loaded is not self.current:
                self.current = loaded
                # It lives long and is large: the garbage collector need not walk it again and again.
                gc.freeze()
        FENCES.set(len(self.current.fences))

    async def refresh_if_possible(self) -> None:
        """After a commit: an outage now does not undo what was written, and the poll will catch up."""
        with contextlib.suppress(DatabaseUnavailable):
            await self.refresh()

    async def keep_fresh(self) -> None:
        """Poll until cancelled. An outage is told once; the catalogue stays as it is."""
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

    async def _load(self, conn: Connection) -> Catalogue:
        # The versions are read first: what changes between the reads shows as a newer version at the next poll.
        versions = await programs_repository.read_versions(conn)
        old = self.current
        if versions == old.versions:
            return old
        fences, stores, campaigns = old.fences, old.stores, old.campaigns
        if versions.fence_version != old.versions.fence_version:
            rows = await geofences_repository.read_all_geofences(conn)
            fences = await asyncio.to_thread(FenceIndex.build, rows)
        if versions.campaign_version != old.versions.campaign_version:
            stores = {s.id: KnownStore(s, ZoneInfo(s.time_zone)) for s in await stores_repository.read_all_stores(conn)}
            campaigns = _by_program(await campaigns_repository.read_active_campaigns(conn))
        return Catalogue(versions, fences, stores, campaigns)


def _by_program(campaigns: Sequence[Campaign]) -> dict[UUID, list[Campaign]]:
    grouped: dict[UUID, list[Campaign]] = {}
    for campaign in campaigns:
        grouped.setdefault(campaign.program_id, []).append(campaign)
    return grouped
