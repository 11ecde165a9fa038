"""What a process knows: it follows the database, whole and without a stall, whatever it has missed."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import pytest

import kit.overlay
from coupons import campaigns_repository
from coupons.campaign_triggers import Enter
from coupons.campaigns import Campaign, ChosenState
from coupons.offers import OfferText
from coupons.validity import ForSeconds
from geo import geofences_repository, overlay
from geo.geofence import Circle, Fence
from ids import CampaignId, GeofenceId, ProgramId, StoreId
from kit.database import Connection, DatabaseUnavailable, Pool
from kit.ids import new_id
from programs import programs_repository, stores_repository
from programs.programs_repository import bump_campaign_version, bump_fence_version
from programs.stores_repository import Store
from server.runtime import snapshot
from server.runtime.snapshot import SnapshotKeeper
from tests.support.waiting import until

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Chain:
    """A program with a store, whose fences a test draws, changes and removes; and further stores and campaigns."""

    def __init__(self, pool: Pool, program_id: ProgramId, store_id: StoreId) -> None:
        self.pool, self.program_id, self.store_id = pool, program_id, store_id
        self.fences: dict[GeofenceId, Fence] = {}
        self.store_names = {store_id: "One"}
        self.running: dict[CampaignId, str] = {}
        self.paused: set[CampaignId] = set()

    async def draw(self, name: str = "door", lat: float = 35.0, *, tells: bool = False) -> Fence:
        circle = Circle(lat, 139.0, 50.0)
        fence = Fence(GeofenceId(new_id()), self.program_id, self.store_id, name, circle, 50.0, report_crossings=tells)
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_fence_version(conn, self.program_id)
            await geofences_repository.create_geofence(conn, fence, version, NOW)
        self.fences[fence.geofence_id] = fence
        return fence

    async def redraw(self, fence: Fence, name: str, *, tells: bool = False) -> None:
        changed = msgspec.structs.replace(fence, name=name, report_crossings=tells)
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_fence_version(conn, self.program_id)
            assert await geofences_repository.update_geofence(conn, changed, version)
        self.fences[fence.geofence_id] = changed

    async def remove(self, fence: Fence) -> None:
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_fence_version(conn, self.program_id)
            await geofences_repository.delete_geofence(conn, self.program_id, fence.geofence_id, version, NOW)
        del self.fences[fence.geofence_id]

    async def open_store(self, name: str) -> None:
        store = self._store(StoreId(new_id()), name)
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_campaign_version(conn, self.program_id)
            await stores_repository.create_store(conn, store, version)
        self.store_names[store.id] = name

    async def rename_store(self, store_id: StoreId, name: str) -> None:
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_campaign_version(conn, self.program_id)
            assert await stores_repository.update_store(conn, self._store(store_id, name), version)
        self.store_names[store_id] = name

    async def close_store(self, store_id: StoreId) -> None:
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_campaign_version(conn, self.program_id)
            assert await stores_repository.close_store(conn, self.program_id, store_id, version, NOW)
        del self.store_names[store_id]

    async def import_stores(self, names: Sequence[str]) -> None:
        stores = [self._store(StoreId(new_id()), name) for name in names]
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_campaign_version(conn, self.program_id)
            await stores_repository.write_stores(conn, self.program_id, stores, version)
        self.store_names |= {store.id: store.name for store in stores}

    def _store(self, store_id: StoreId, name: str) -> Store:
        code = f"store-{store_id}"
        return Store(store_id, self.program_id, code, name, "Asia/Tokyo", None, {"mon": []}, 4, NOW, None)

    async def write_campaign(self, name: str, state: ChosenState, campaign_id: CampaignId | None = None) -> None:
        campaign = Campaign(
            id=campaign_id or CampaignId(new_id()), program_id=self.program_id, name=name, state=state, trigger=Enter(),
            store_ids=None, starts_at=NOW, ends_at=None, frequency="once", quiet_hours=None, only_when_open=False,
            on_first_fix=True, allow_anonymous=True, max_event_age_s=900, min_trust_level=1,
            offer={"en": OfferText("Tea", "A cup")}, coupon_validity=ForSeconds(3600), cap=None, created_at=NOW,
        )  # fmt: skip
        async with self.pool.acquire() as conn, conn.transaction():
            version = await bump_campaign_version(conn, self.program_id)
            if campaign_id is None:
                await campaigns_repository.create_campaign(conn, campaign, version)
            else:
                campaign = msgspec.structs.replace(campaign, version=version + 1)
                await campaigns_repository.update_campaign(conn, campaign, version, NOW)
        self.running.pop(campaign.id, None)
        self.paused.discard(campaign.id)
        if state == "running":
            self.running[campaign.id] = name
        else:
            self.paused.add(campaign.id)

    async def trade_at_random(self, chance: random.Random) -> None:
        """Change something of stores or campaigns."""
        name, store = f"name {chance.random()}", chance.choice([*self.store_names, None])
        match chance.randrange(5) if store is not None else 0:
            case 0:
                await self.open_store(name)
            case 1:
                await self.import_stores([f"{name} {n}" for n in range(3)])
            case 2 if store is not None:
                await self.rename_store(store, name)
            case 3 if store is not None:
                await self.close_store(store)
            case _:
                known = chance.choice([*self.running, *self.paused, None])
                await self.write_campaign(name, chance.choice(["running", "paused"]), known)

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
        store = Store(StoreId(new_id()), program.id, "one", "One", "Asia/Tokyo", None, None, 4, NOW, None)
        await stores_repository.create_store(conn, store, await bump_campaign_version(conn, program.id))
    return Chain(pool, program.id, store.id)


def known(keeper: SnapshotKeeper) -> dict[GeofenceId, Fence]:
    """All fences; those that tell of crossings must stand beside them once more."""
    crossable = {fence.geofence_id: fence for fence in keeper.current.crossable.iterate_current()}
    assert crossable == {
        fence.geofence_id: fence for fence in keeper.current.fences.iterate_current() if fence.report_crossings
    }
    return {fence.geofence_id: fence for fence in keeper.current.fences.iterate_current()}


def known_stores(keeper: SnapshotKeeper) -> dict[StoreId, str]:
    return {store_id: store.name for store_id, store in keeper.current.stores.items()}


def known_campaigns(keeper: SnapshotKeeper, chain: Chain) -> dict[CampaignId, str]:
    return {campaign.id: campaign.name for campaign in keeper.current.campaigns.get(chain.program_id, ())}


@contextmanager
def kept_fresh(*keepers: SnapshotKeeper) -> Iterator[None]:
    tasks = [asyncio.create_task(keeper.keep_fresh()) for keeper in keepers]
    yield
    for task in tasks:
        task.cancel()


async def until_known(keeper: SnapshotKeeper, fences: dict[GeofenceId, Fence]) -> None:
    await until(lambda: known(keeper) == fences)


@pytest.fixture(autouse=True)
def _small_overlays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit.overlay, "MAX_OVERLAY_SIZE", 4)


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
    monkeypatch.setattr(snapshot, "GRACE_S", 0.0)
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
    assert keeper.current.stores[chain.store_id] is kept


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
        assert {fence.store_id for fence in current.fences.iterate_current()} <= set(current.stores)
    await opening
    await keeper.refresh()
    assert len(keeper.current.fences) == 40
