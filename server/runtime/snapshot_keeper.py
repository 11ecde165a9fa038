"""Keeps a process's snapshot fresh: polls for versions, applies the changes, and builds new bases beside the work."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from geo.index import FenceIndex
from geo.overlay import OverlaidFences
from kit.collector import long_lived
from kit.database import (
    CLOSE_TIMEOUT_S,
    Connection,
    DatabaseUnavailable,
    Pool,
    close_pool,
    in_read_only_transaction,
    open_pool,
)
from kit.memory import give_back_freed
from kit.rounds import run_rounds
from kit.steps import run_gently
from programs.open_stores import OpenStores, StoreColumns
from server.runtime.metrics import CATALOGUE_READ_AT, CATALOGUE_VERSION, FENCES
from server.runtime.snapshot import NOTHING_YET, Changes, Snapshot, apply, begin, read_changes, read_everything

POLL_INTERVAL_S = 0.5
# A batch that began with an old snapshot holds it for as long as its transaction may last; few last a second.
GRACE_S = 5.0


class SnapshotKeeper:
    """Holds the current snapshot and keeps it so."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._refreshing = asyncio.Lock()
        # Refreshes are counted as they begin; the newest one that succeeded knows all that was committed before.
        self._begun = 0
        self._succeeded = 0
        self._read_at_s = float("-inf")
        self._overgrown = asyncio.Event()
        nothing = OverlaidFences.over(FenceIndex.build(()))
        self.current = Snapshot(NOTHING_YET, {}, nothing, nothing, OpenStores(StoreColumns.of({})), {}, {}, {})

    @property
    def age_s(self) -> float:
        """For how long the snapshot may have been behind the database: since it was last compared with it."""
        return time.monotonic() - self._read_at_s

    async def refresh(self) -> None:
        """Load what has changed since the current snapshot. Raises DatabaseUnavailable.

        Many that ask at once share a reading that begins after all of them have asked.
        """
        begun = self._begun
        async with self._refreshing:
            if self._succeeded > begun:
                return
            self._begun += 1
            began_at_s = time.monotonic()
            if self.current.versions == NOTHING_YET:
                with long_lived():  # what a later reading makes is little
                    self.current = await begin(await in_read_only_transaction(self._pool, read_everything))
                    await asyncio.to_thread(give_back_freed)
            elif (changes := await in_read_only_transaction(self._pool, self._read_changes)) is not None:
                self.current = await apply(self.current, changes)
            self._succeeded = self._begun
            self._read_at_s = began_at_s
        FENCES.set(len(self.current.fences))
        CATALOGUE_VERSION.set(sum(msgspec.structs.astuple(self.current.versions)))
        CATALOGUE_READ_AT.set_to_current_time()
        if self.current.fences.needs_rebuild:
            self._overgrown.set()

    async def _read_changes(self, conn: Connection) -> Changes | None:
        return await read_changes(conn, self.current)

    async def refresh_if_possible(self) -> None:
        """After a commit: an outage now does not undo what was written, and the poll will catch up."""
        with contextlib.suppress(DatabaseUnavailable):
            await self.refresh()

    async def keep_fresh(self) -> None:
        """Poll, and rebuild the base of the fences when its overlay has grown, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poll())
            group.create_task(self._rebuild_when_needed())

    async def _poll(self) -> None:
        """A failure leaves the snapshot as it is."""

        async def once() -> float:
            await self.refresh()
            return POLL_INTERVAL_S

        never = asyncio.Event()
        await run_rounds({"snapshot.": once}, stop=never, first_wait_s=POLL_INTERVAL_S, longest_wait_s=POLL_INTERVAL_S)

    async def _rebuild_when_needed(self) -> None:
        while True:
            await self._overgrown.wait()
            old = await self._rebuild()
            if not self.current.fences.needs_rebuild:
                self._overgrown.clear()
            await asyncio.sleep(GRACE_S)
            # By now nobody else has them.
            for base in old:
                await run_gently(base.forget_in_steps())
            del base, old

    async def _rebuild(self) -> list[FenceIndex]:
        """Take the overlay into a new base, while edits go on, and answer the old ones."""
        with long_lived():
            base = await run_gently(self.current.fences.rebuild_in_steps())
            crossable_base = await run_gently(self.current.crossable.rebuild_in_steps())
            async with self._refreshing:
                old = self.current
                fences = await run_gently(old.fences.rebase_in_steps(base))
                crossable = await run_gently(old.crossable.rebase_in_steps(crossable_base))
                self.current = msgspec.structs.replace(old, fences=fences, crossable=crossable)
        return [old.fences.base, old.crossable.base]


@asynccontextmanager
async def keep_snapshot(database_url: str) -> AsyncIterator[SnapshotKeeper]:
    """A keeper that knows everything and stays fresh inside. Raises DatabaseUnavailable.

    It has a connection of its own: who waits for it may hold one of a pool that all others wait for too.
    """
    pool = await open_pool(database_url, max_size=1)
    try:
        keeper = SnapshotKeeper(pool)
        await keeper.refresh()
        fresh = asyncio.create_task(keeper.keep_fresh())
        try:
            yield keeper
        finally:
            fresh.cancel()
            await asyncio.wait({fresh}, timeout=CLOSE_TIMEOUT_S)
    finally:
        await close_pool(pool)
