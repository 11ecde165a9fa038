"""Chains whose fences, stores and campaigns are edited, and what a keeper knows of them."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import Campaign, ChosenState
from coupons.campaigns.campaign_triggers import Enter
from coupons.issuing.validity import ForSeconds
from coupons.offers import OfferText
from geo import geofences_repository
from geo.geofence import Circle, Fence
from ids import CampaignId, GeofenceId, ProgramId, StoreId
from kit.database import Pool
from kit.ids import new_id
from programs import programs_repository, stores_repository
from programs.programs_repository import bump_campaign_version, bump_fence_version
from programs.store import Store
from server.runtime.snapshot_keeper import SnapshotKeeper
from tests.support.matcher_model import list_current
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
    crossable = {fence.geofence_id: fence for fence in list_current(keeper.current.crossable)}
    assert crossable == {
        fence.geofence_id: fence for fence in list_current(keeper.current.fences) if fence.report_crossings
    }
    return {fence.geofence_id: fence for fence in list_current(keeper.current.fences)}


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
