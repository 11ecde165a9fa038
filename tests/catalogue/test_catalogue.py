"""What a process knows: it follows the database, whole and without a stall, whatever it has missed."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from geo import geofences_repository, overlay
from geo.index import Circle, Fence
from kit.database import Connection, DatabaseUnavailable, Pool
from kit.ids import new_id
from programs import programs_repository, stores_repository
from programs.programs_repository import bump_campaign_version, bump_fence_version
from programs.stores_repository import Store
from server import catalogue
from server.catalogue import CatalogueKeeper

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Chain:
    """A program with one store, whose fences a test draws, changes and removes."""

    def __init__(self, pool: Pool, program_id: UUID, store_id: UUID) -> None:
        self.pool, self.program_id, self.store_id = pool, program_id, store_id
        self.fences: dict[UUID, Fence] = {}

    async def draw(self, name: str = "door", lat: float = 35.0, *, tells: bool = False) -> Fence:
        circle = Circle(lat, 139.0, 50.0)
        fence = Fence(new_id(), self.program_id, self.store_id, name, circle, 50.0, tells_crossings=tells)
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_fence_version(conn, self.program_id)
            await geofences_repository.create_geofence(conn, fence, version, NOW)
        self.fences[fence.geofence_id] = fence
        return fence

    async def redraw(self, fence: Fence, name: str, *, tells: bool = False) -> None:
        changed = msgspec.structs.replace(fence, name=name, tells_crossings=tells)
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_fence_version(conn, self.program_id)
            assert await geofences_repository.update_geofence(conn, changed, version)
        self.fences[fence.geofence_id] = changed

    async def remove(self, fence: Fence) -> None:
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_fence_version(conn, self.program_id)
            await geofences_repository.delete_geofence(conn, self.program_id, fence.geofence_id, version, NOW)
        del self.fences[fence.geofence_id]

    async def edit_at_random(self, chance: random.Random) -> None:
        fence = chance.choice(list(self.fences.values())) if self.fences else None
        if fence is None or chance.random() < 0.4:
            await self.draw(lat=chance.uniform(35, 36), tells=chance.random() < 0.3)
        elif chance.random() < 0.5:
            await self.redraw(fence, f"door {chance.random()}", tells=chance.random() < 0.3)
        else:
            await self.remove(fence)


async def open_chain(pool: Pool, code: str = "kissa") -> Chain:
    async with pool.acquire() as conn, conn.transaction():
        program = await programs_repository.create_program(conn, code, "Kissa", "ja", NOW)
        store = Store(new_id(), program.id, "one", "One", "Asia/Tokyo", None, None, 4, NOW, None)
        await stores_repository.create_store(conn, store)
        await bump_campaign_version(conn, program.id)
    return Chain(pool, program.id, store.id)


def known(keeper: CatalogueKeeper) -> dict[UUID, Fence]:
    """All fences; those that tell of crossings must stand beside them once more."""
    crossable = {fence.geofence_id: fence for fence in keeper.current.crossable.living()}
    assert crossable == {fence.geofence_id: fence for fence in keeper.current.fences.living() if fence.tells_crossings}
    return {fence.geofence_id: fence for fence in keeper.current.fences.living()}


@contextmanager
def kept_fresh(*keepers: CatalogueKeeper) -> Iterator[None]:
    tasks = [asyncio.create_task(keeper.keep_fresh()) for keeper in keepers]
    yield
    for task in tasks:
        task.cancel()


async def until_known(keeper: CatalogueKeeper, fences: dict[UUID, Fence], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while known(keeper) != fences:  # noqa: ASYNC110 - a catalogue tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("seed", range(4))
async def test_any_course_of_edits_ends_as_a_fresh_load(pool: Pool, seed: int) -> None:
    chance = random.Random(seed)
    chains = [await open_chain(pool, code) for code in ("kissa", "ramen")]
    keeper = CatalogueKeeper(pool)
    for _ in range(25):
        for _ in range(chance.randint(0, 3)):
            await chance.choice(chains).edit_at_random(chance)
        await keeper.refresh()
        assert known(keeper) == chains[0].fences | chains[1].fences
        if chance.random() < 0.2:
            await keeper._rebuild()
    fresh = CatalogueKeeper(pool)
    await fresh.refresh()
    assert known(fresh) == known(keeper)
    assert len(fresh.current.fences) == len(keeper.current.fences)


async def test_an_edit_reaches_two_processes_within_a_second_and_survives_lost_polls(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = await open_chain(pool)
    first, second = CatalogueKeeper(pool), CatalogueKeeper(pool)
    await asyncio.gather(first.refresh(), second.refresh())
    lost = 2
    read = second._read_changes

    async def lose_some(conn: Connection) -> object:
        nonlocal lost
        if lost > 0:
            lost -= 1
            raise DatabaseUnavailable("lost")
        return await read(conn)

    with kept_fresh(first, second):
        fence = await chain.draw()
        await asyncio.gather(until_known(first, chain.fences, 1), until_known(second, chain.fences, 1))
        monkeypatch.setattr(second, "_read_changes", lose_some)
        await chain.redraw(fence, "back door")
        await chain.draw()
        await until_known(first, chain.fences, 1)
        await until_known(second, chain.fences, 2)
        assert lost == 0
        await chain.remove(fence)
        await asyncio.gather(until_known(first, chain.fences, 1), until_known(second, chain.fences, 1))


async def test_a_new_base_is_built_while_edits_go_on(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay, "LARGEST_OVERLAY", 5)
    monkeypatch.setattr(catalogue, "GRACE_S", 0.0)
    chain = await open_chain(pool)
    keeper = CatalogueKeeper(pool)
    await keeper.refresh()
    before = keeper.current.fences.base
    chance = random.Random(1)
    with kept_fresh(keeper):
        for _ in range(60):
            await chain.edit_at_random(chance)
            await keeper.refresh()
            assert known(keeper) == chain.fences
        async with asyncio.timeout(5):
            while keeper.current.fences.is_overgrown:  # noqa: ASYNC110 - nor does a base
                await asyncio.sleep(0.01)
    assert keeper.current.fences.base is not before
    assert known(keeper) == chain.fences


async def test_an_edit_reads_nothing_but_the_edit(pool: Pool) -> None:
    chain = await open_chain(pool)
    for _ in range(3):
        await chain.draw()
    keeper = CatalogueKeeper(pool)
    await keeper.refresh()
    old = keeper.current
    fence = await chain.draw("new door")
    await keeper.refresh()
    assert keeper.current.fences.base is old.fences.base
    assert keeper.current.fences.overlay_size == 1
    assert keeper.current.fences.get(fence.geofence_id) == fence
    assert keeper.current.stores is old.stores


async def test_fences_and_stores_are_of_one_moment(pool: Pool) -> None:
    """A fence whose store is not known would earn nothing: they are written together and seen together."""
    chain = await open_chain(pool)
    keeper = CatalogueKeeper(pool)
    await keeper.refresh()
    done = False

    async def open_stores() -> None:
        nonlocal done
        for number in range(40):
            store = Store(new_id(), chain.program_id, f"store-{number}", "S", "Asia/Tokyo", None, None, 4, NOW, None)
            fence = Fence(new_id(), chain.program_id, store.id, "door", Circle(35.0, 139.0, 50.0), 50.0)
            async with pool.acquire() as conn, conn.transaction():
                await stores_repository.create_store(conn, store)
                version = await bump_fence_version(conn, chain.program_id)
                await bump_campaign_version(conn, chain.program_id)
                await geofences_repository.create_geofence(conn, fence, version, NOW)
        done = True

    opening = asyncio.create_task(open_stores())
    while not done:
        await keeper.refresh()
        current = keeper.current
        assert {fence.store_id for fence in current.fences.living()} <= set(current.stores)
    await opening
    await keeper.refresh()
    assert len(keeper.current.fences) == 40
