"""What a process knows: it follows the database, whole and without a stall, whatever it has missed."""

import asyncio
import random

import pytest

import programs.open_stores
from geo import geofences_repository, overlay
from geo.geofence import Circle, Fence
from ids import GeofenceId, StoreId
from kit.database import Connection, DatabaseUnavailable, Pool
from kit.ids import new_id
from programs import stores_repository
from programs.programs_repository import bump_campaign_version, bump_fence_version
from programs.store import Store
from server.runtime import snapshot_keeper
from server.runtime.snapshot_keeper import SnapshotKeeper
from tests.support.edited_chains import NOW, kept_fresh, known, known_campaigns, known_stores, open_chain, until_known
from tests.support.matcher_model import list_current
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def _small_overlays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs.open_stores, "MAX_OVERLAY_SIZE", 4)


@pytest.mark.parametrize("seed", range(4))
async def test_any_course_of_edits_ends_as_a_fresh_load(pool: Pool, seed: int) -> None:
    chance = random.Random(seed)
    chains = [await open_chain(pool, code) for code in ("kissa", "ramen")]
    keeper = SnapshotKeeper(pool)
    for _ in range(40):
        for _ in range(chance.randint(0, 3)):
            chain = chance.choice(chains)
            await (chain.edit_at_random(chance) if chance.random() < 0.5 else chain.trade_at_random(chance))
        await keeper.refresh()
        assert known(keeper) == chains[0].fences | chains[1].fences
        assert known_stores(keeper) == chains[0].store_names | chains[1].store_names
        for chain in chains:
            assert known_campaigns(keeper, chain) == chain.running
        if chance.random() < 0.2:
            await keeper._rebuild()
    fresh = SnapshotKeeper(pool)
    await fresh.refresh()
    assert known(fresh) == known(keeper)
    assert len(fresh.current.fences) == len(keeper.current.fences)
    assert dict(fresh.current.stores) == dict(keeper.current.stores)
    for chain in chains:
        assert known_campaigns(fresh, chain) == chain.running


async def test_an_edit_reaches_two_processes_and_survives_lost_polls(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = await open_chain(pool)
    first, second = SnapshotKeeper(pool), SnapshotKeeper(pool)
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
        await asyncio.gather(until_known(first, chain.fences), until_known(second, chain.fences))
        monkeypatch.setattr(second, "_read_changes", lose_some)
        await chain.redraw(fence, "back door")
        await chain.draw()
        await until_known(first, chain.fences)
        await until_known(second, chain.fences)
        assert lost == 0
        await chain.remove(fence)
        await asyncio.gather(until_known(first, chain.fences), until_known(second, chain.fences))


async def test_a_new_base_is_built_while_edits_go_on(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay, "MAX_OVERLAY_SIZE", 5)
    monkeypatch.setattr(snapshot_keeper, "GRACE_S", 0.0)
    chain = await open_chain(pool)
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    before = keeper.current.fences.base
    chance = random.Random(1)
    with kept_fresh(keeper):
        for _ in range(60):
            await chain.edit_at_random(chance)
            await keeper.refresh()
            assert known(keeper) == chain.fences
        await until(lambda: not keeper.current.fences.needs_rebuild)
    assert keeper.current.fences.base is not before
    assert known(keeper) == chain.fences


async def test_an_edit_reads_nothing_but_the_edit(pool: Pool) -> None:
    chain = await open_chain(pool)
    for _ in range(3):
        await chain.draw()
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    old = keeper.current
    fence = await chain.draw("new door")
    await keeper.refresh()
    assert keeper.current.fences.base is old.fences.base
    assert keeper.current.fences.overlay_size == 1
    assert keeper.current.fences.get(fence.geofence_id) == fence
    assert keeper.current.stores is old.stores
    kept = old.stores[chain.store_id]
    await chain.open_store("Two")
    await keeper.refresh()
    assert keeper.current.fences is not old.fences
    assert keeper.current.stores[chain.store_id] == kept


async def test_who_waits_shares_a_reading_that_began_after_them(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = await open_chain(pool)
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    readings = 0
    read = keeper._read_changes

    async def count(conn: Connection) -> object:
        nonlocal readings
        readings += 1
        return await read(conn)

    monkeypatch.setattr(keeper, "_read_changes", count)

    async def draw_and_look() -> None:
        fence = await chain.draw()
        await keeper.refresh()
        assert keeper.current.fences.get(fence.geofence_id) == fence

    await asyncio.gather(*(draw_and_look() for _ in range(20)))
    await asyncio.gather(*(keeper.refresh() for _ in range(20)))
    assert readings <= 22


async def test_a_reading_that_failed_is_shared_with_nobody(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = await open_chain(pool)
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    read, failures = keeper._read_changes, [DatabaseUnavailable("lost"), DatabaseUnavailable("lost")]

    async def fail_twice(conn: Connection) -> object:
        if failures:
            raise failures.pop()
        return await read(conn)

    monkeypatch.setattr(keeper, "_read_changes", fail_twice)
    fence = await chain.draw()
    outcomes = await asyncio.gather(*(keeper.refresh() for _ in range(5)), return_exceptions=True)
    assert [isinstance(each, DatabaseUnavailable) for each in outcomes] == [True, True, False, False, False]
    assert keeper.current.fences.get(fence.geofence_id) == fence


async def test_fences_and_stores_are_of_one_moment(pool: Pool) -> None:
    """A fence whose store is not known would earn nothing: they are written together and seen together."""
    chain = await open_chain(pool)
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    done = False

    async def open_stores() -> None:
        nonlocal done
        for number in range(40):
            store = Store(
                StoreId(new_id()), chain.program_id, f"store-{number}", "S", "Asia/Tokyo", None, None, 4, NOW, None
            )
            fence = Fence(GeofenceId(new_id()), chain.program_id, store.id, "door", Circle(35.0, 139.0, 50.0), 50.0)
            async with pool.acquire() as conn, conn.transaction():
                version = await bump_campaign_version(conn, chain.program_id)
                await stores_repository.create_store(conn, store, version)
                version = await bump_fence_version(conn, chain.program_id)
                await geofences_repository.create_geofence(conn, fence, version, NOW)
        done = True

    opening = asyncio.create_task(open_stores())
    while not done:
        await keeper.refresh()
        current = keeper.current
        assert {fence.store_id for fence in list_current(current.fences)} <= set(current.stores)
    await opening
    await keeper.refresh()
    assert len(keeper.current.fences) == 40
