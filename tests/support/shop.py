"""One program with stores along a street, each with a round fence, and what the flows' tests do there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

import asyncpg
import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import read_trigger
from coupons.campaigns.campaigns_repository import create_campaign
from coupons.campaigns.triggers import TriggerKind
from coupons.issuing.budgets import budget_of
from coupons.issuing.validity import ForSeconds
from coupons.offers import OfferText
from coupons.redemptions.benefits import PLAIN, Grant
from devtools.card.phone import IssuedCertificate, ReferencePhone
from geo.fix import Fix
from geo.geodesy import WGS84
from geo.geofence import Circle, Fence
from geo.geofences_repository import create_geofence, delete_geofence, update_geofence
from geo.presences_repository import create_presences
from ids import CampaignId, DeviceId, GeofenceId, MemberId, ProgramId, StoreId, TillId
from kit.daily_hours import DailyHours
from kit.database import Connection, Pool, in_transaction
from kit.ids import from_text, new_id, new_secret
from kit.sealing import Keyring
from members import devices_repository
from members.consent import Consent, ConsentPurpose
from members.device import NewDevice
from programs import programs_repository
from programs.programs_repository import Program
from programs.store import Place, Store
from programs.stores_repository import create_store
from programs.tills_repository import Till, create_till
from server.accounts.enrol import EnrolCommand, EnrolmentResult, enrol
from server.credentials.register_key import register_key
from server.credentials.sign_cards import CardCertificate
from server.locations.locate import LocateCommand, LocateResult, locate
from server.runtime.snapshot_keeper import SnapshotKeeper
from server.web.idempotency import Answer
from server.web.tokens import DeviceToken, TillKey, read_bearer, write_token
from tests.support.answers import expect_located
from tests.support.databases import SECRET_KEY
from tests.support.issued import read_decisions, read_issued
from visits.trust import level

# A Friday, noon in Tokyo.
NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
LAT, LON = 35.69, 139.70
RADIUS_M = 50.0
# So far apart that no fix is in two fences.
BLOCK_M = 1000.0
OFFER = {"ja": OfferText("ようこそ {store}", "一杯"), "en": OfferText("Welcome to {store}", "a cup")}


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def fix(
    when: datetime, block: int = 0, *, away_m: float = 0.0, accuracy_m: float | None = 10.0, mocked: bool = False
) -> Fix:
    """A fix at the store of that block, or so many metres north of its centre."""
    lat, lon = place(block, away_m)
    return Fix(lat, lon, accuracy_m, when, mocked)


def place(block: int, away_m: float = 0.0) -> tuple[float, float]:
    lon, lat, _ = WGS84.fwd(LON, LAT, 90, block * BLOCK_M)
    lon, lat, _ = WGS84.fwd(lon, lat, 0, away_m)
    return lat, lon


@dataclass(frozen=True)
class Shopper:
    member_id: MemberId
    device_id: DeviceId
    token: str
    number: str = ""

    @property
    def token_hash(self) -> bytes:
        token = read_bearer(f"Bearer {self.token}")
        assert isinstance(token, DeviceToken)
        return token.secret_hash

    def sends(self, *fixes: Fix, received_at: datetime | None = None) -> LocateCommand:
        when = received_at or max(fix.recorded_at for fix in fixes)
        return LocateCommand(
            member_id=self.member_id,
            device_id=self.device_id,
            token_hash=self.token_hash,
            fixes=fixes,
            received_at=when,
        )


@dataclass(frozen=True)
class Shop:
    """Values of one program; the rows are in the database behind `pool`."""

    pool: Pool
    program: Program
    stores: list[Store]
    fences: list[Fence]
    keyring: Keyring = field(default_factory=lambda: Keyring(SECRET_KEY))

    async def keeper(self) -> SnapshotKeeper:
        keeper = SnapshotKeeper(self.pool)
        await keeper.refresh()
        return keeper

    async def write_campaign(self, kind: TriggerKind = "enter", *, grant: Grant = PLAIN, **changes: Any) -> Campaign:
        campaign = Campaign(
            id=CampaignId(new_id()),
            program_id=self.program.id,
            name="welcome",
            state="running",
            trigger=read_trigger(kind, "{}"),
            store_ids=None,
            starts_at=NOON - timedelta(days=30),
            ends_at=None,
            frequency="once",
            quiet_hours=None,
            only_when_open=False,
            on_first_fix=True,
            allow_anonymous=True,
            max_event_age_s=900,
            min_trust_level=level("low"),
            offer=OFFER,
            coupon_validity=ForSeconds(7 * 86_400),
            cap=None,
            created_at=NOON,
        )
        campaign = msgspec.structs.replace(campaign, grant=grant, **changes)
        async with self.pool.acquire() as conn, conn.transaction():
            version = await programs_repository.bump_campaign_version(conn, self.program.id)
            await create_campaign(conn, campaign, version)
        return campaign

    async def draw_fence(self, block: int) -> Fence:
        fence = _fence(self.program.id, self.stores[block].id, block)
        async with self.pool.acquire() as conn, conn.transaction():
            version = await programs_repository.bump_fence_version(conn, self.program.id)
            await create_geofence(conn, fence, version, NOON)
        return fence

    async def move_fence(self, fence: Fence, away_m: float) -> None:
        """So many metres north of its store."""
        circle = Circle(*place(0, away_m), RADIUS_M)
        async with self.pool.acquire() as conn, conn.transaction():
            version = await programs_repository.bump_fence_version(conn, self.program.id)
            await update_geofence(conn, msgspec.structs.replace(fence, shape=circle), version)

    async def remove_fence(self, fence: Fence) -> None:
        async with self.pool.acquire() as conn, conn.transaction():
            version = await programs_repository.bump_fence_version(conn, self.program.id)
            await delete_geofence(conn, self.program.id, fence.geofence_id, version, NOON)

    async def enrol(self, count: int = 1, *, location: bool = True, push: bool = True) -> list[Shopper]:
        """New members, each with one phone that can be pushed to, if they consent to pushes."""
        consents = [consent("location", location), consent("push", push)]
        commands = [
            EnrolCommand(
                program_code=self.program.code,
                platform="ios",
                locale="en",
                consents=consents,
                idempotency_key=None,
                now=NOON,
            )
        ] * count
        answers = await in_transaction(self.pool, lambda conn: enrol(conn, self.keyring, commands))
        shoppers = [read_shopper(answer) for answer in answers]
        await self._give_push_tokens(shoppers)
        return shoppers

    async def put_card_on(
        self, shopper: Shopper, now: datetime = NOON, phone: ReferencePhone | None = None
    ) -> ReferencePhone:
        """Register the phone's key; a new one where no phone is given."""
        phone = phone or ReferencePhone(shopper.member_id, shopper.device_id)
        body = phone.registration()

        async def register(conn: Connection) -> CardCertificate:
            device = await devices_repository.find_device(conn, shopper.member_id, shopper.device_id)
            assert device is not None
            key, proof = from_text(body["public_key"]), from_text(body["proof"])
            return await register_key(conn, self.keyring, device, key, proof, now)

        view = await in_transaction(self.pool, register)
        phone.accept(IssuedCertificate(view.serial, view.certificate, view.expires_at, view.renew_from))
        return phone

    async def add_devices(self, shopper: Shopper, count: int) -> list[Shopper]:
        """More phones of the same member."""
        more, rows = [], []
        for _ in range(count):
            token = DeviceToken(shopper.member_id, DeviceId(new_id()), new_secret())
            more.append(Shopper(shopper.member_id, token.device_id, write_token(token)))
            rows.append(
                NewDevice(
                    member_id=shopper.member_id,
                    id=token.device_id,
                    program_id=self.program.id,
                    platform="android",
                    locale="ja",
                    token_hash=token.secret_hash,
                    created_at=NOON,
                )
            )
        async with self.pool.acquire() as conn, conn.transaction():
            await devices_repository.create_devices(conn, rows)
            await create_presences(conn, [(row.member_id, row.id, row.program_id) for row in rows])
        await self._give_push_tokens(more)
        return more

    async def _give_push_tokens(self, shoppers: Sequence[Shopper]) -> None:
        await self.pool.execute(
            "UPDATE devices SET push_token = id::text, push_token_kind = 'registration', push_token_state = 'active'"
            " WHERE id = ANY ($1)",
            [shopper.device_id for shopper in shoppers],
        )

    async def install_tills(self, count: int, block: int = 0) -> list[tuple[Till, str]]:
        """Tills of a store, each with its key."""
        tills = []
        async with self.pool.acquire() as conn:
            for number in range(count):
                till = Till(TillId(new_id()), self.program.id, self.stores[block].id, f"till {number}", NOON, None)
                secret = new_secret()
                await create_till(conn, till, secret)
                tills.append((till, write_token(TillKey(till.id, secret))))
        return tills

    async def locate(self, *commands: LocateCommand) -> list[LocateResult]:
        """As a server that has just read its snapshot would."""
        answers = await locate(self.pool, await self.keeper(), commands)
        return [expect_located(answer) for answer in answers]

    async def rows(self, table: str, order_by: str = "id") -> list[asyncpg.Record]:
        return await self.pool.fetch(f"SELECT * FROM {table} ORDER BY {order_by}")

    async def decisions(self) -> list[asyncpg.Record]:
        return await read_decisions(self.pool)

    async def outcomes(self) -> list[str]:
        """What campaigns made of what happened, in the order in which it did."""
        return [row["outcome"] for row in await self.decisions()]

    async def count(self, table: str) -> int:
        number: int = await self.pool.fetchval(f"SELECT count(*) FROM {table}")
        return number

    async def budget(self, campaign: Campaign) -> int:
        """How many coupons of the campaign as a whole take a place."""
        return (await read_issued(self.pool)).get(budget_of(campaign.id, None, None).id, 0)


async def open_shop(pool: Pool, code: str = "kissa", blocks: int = 1, **store_changes: Any) -> Shop:
    async with pool.acquire() as conn, conn.transaction():
        program = await programs_repository.create_program(conn, code, "Kissa", "ja", NOON)
        stores, fences = [], []
        for block in range(blocks):
            store = Store(
                StoreId(new_id()), program.id, f"s-{block}", f"Store {block}", "Asia/Tokyo", None, None, 4, NOON, None
            )
            store = msgspec.structs.replace(store, location=Place(*place(block)), **store_changes)
            await create_store(conn, store, await programs_repository.bump_campaign_version(conn, program.id))
            fence = _fence(program.id, store.id, block)
            await create_geofence(conn, fence, await programs_repository.bump_fence_version(conn, program.id), NOON)
            stores.append(store)
            fences.append(fence)
    return Shop(pool, program, stores, fences)


def consent(purpose: ConsentPurpose, granted: bool) -> Consent:
    return Consent(purpose=purpose, granted=granted, text_version="1", source="app", at=NOON)


def quiet_hours(start: str, end: str) -> DailyHours:
    return DailyHours(time.fromisoformat(start), time.fromisoformat(end))


def _fence(program_id: ProgramId, store_id: StoreId, block: int) -> Fence:
    """Its dwell is so long that only enters and exits happen in these tests."""
    lat, lon = place(block)
    return Fence(
        GeofenceId(new_id()), program_id, store_id, "door", Circle(lat, lon, RADIUS_M), RADIUS_M, dwell_s=86_400
    )


def read_shopper(answer: Answer | Exception) -> Shopper:
    assert isinstance(answer, Answer), answer
    enrolled = msgspec.json.decode(answer.body, type=EnrolmentResult)
    return Shopper(enrolled.member_id, enrolled.device_id, enrolled.device_token, enrolled.card.number)
