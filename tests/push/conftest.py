"""Rows for the outbox's tests: one program with one campaign, and members with a device and messages as asked for."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from coupons.campaigns.campaigns_repository import create_campaign
from devtools.fcm_double import FcmDouble
from devtools.socket_double import Answer, Scope
from ids import CampaignId, CouponId, DeviceId, MemberId, ProgramId, StoreId
from kit.database import Pool
from kit.ids import new_id
from push.fcm import FcmClient, FcmSender, open_fcm
from push.fcm_sdk import SdkSender
from push.sender import Sender
from tests.support.campaigns import CAMPAIGN
from tests.support.tallies import expect_counted
from tests.support.waiting import PATIENCE_S

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
PAYLOAD = '{"title": "t", "body": "b", "locale": "ja", "data": {"kind": "coupon"}, "tag": "coupon-1"}'


@dataclass(frozen=True)
class Outbox:
    pool: Pool
    program_id: ProgramId
    store_id: StoreId
    campaign_id: CampaignId

    async def add(
        self,
        token: str,
        *,
        platform: str = "android",
        payload: str = PAYLOAD,
        lives_s: float = 3600,
        lane: str = "urgent",
    ) -> tuple[MemberId, UUID]:
        """A member with one device and one due message. Returns (member_id, message id)."""
        member_id, device_id = MemberId(new_id()), DeviceId(new_id())
        await self.pool.execute(
            "INSERT INTO members (member_id, program_id, state, locale, location_consent, push_consent, created_at)"
            " VALUES ($1, $2, 'active', 'ja', true, true, $3)",
            *(member_id, self.program_id, NOW),
        )
        await self.pool.execute(
            "INSERT INTO devices (member_id, id, program_id, platform, locale, token_hash, push_token,"
            " push_token_kind, push_token_state, created_at, last_seen_at)"
            " VALUES ($1, $2, $3, $4, 'ja', '\\x00', $5, 'registration', 'active', $6, $6)",
            *(member_id, device_id, self.program_id, platform, token, NOW),
        )
        return member_id, await self.add_message(member_id, device_id, payload=payload, lives_s=lives_s, lane=lane)

    async def add_message(
        self,
        member_id: MemberId,
        device_id: DeviceId,
        *,
        payload: str = PAYLOAD,
        period_key: str = "once",
        lives_s: float = 3600,
        lane: str = "urgent",
    ) -> UUID:
        coupon_id, message_id, expires_at = CouponId(new_id()), new_id(), NOW + timedelta(seconds=lives_s)
        await self.pool.execute(
            "INSERT INTO coupons (member_id, id, program_id, campaign_id, period_key, store_id, event_at, issued_at,"
            " expires_at, business_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $7::timestamptz::date)",
            *(member_id, coupon_id, self.program_id, self.campaign_id, period_key, self.store_id, NOW),
            NOW + timedelta(days=1),
        )
        await self.pool.execute(
            "INSERT INTO outbox (member_id, id, program_id, device_id, coupon_id, payload, state, next_attempt_at,"
            " expires_at, created_at, lane, campaign_id)"
            " VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, 'pending', $7, $8, $7, $9, $10)",
            *(member_id, message_id, self.program_id, device_id, coupon_id, payload, NOW, expires_at, lane),
            self.campaign_id,
        )
        return message_id

    async def device_of(self, member_id: MemberId) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT * FROM devices WHERE member_id = $1", member_id)
        assert row is not None
        return row

    async def message(self, member_id: MemberId, message_id: UUID) -> asyncpg.Record:
        row = await self.pool.fetchrow("SELECT * FROM outbox WHERE member_id = $1 AND id = $2", member_id, message_id)
        assert row is not None
        return row

    async def let_leases_run_out(self) -> None:
        await self.pool.execute(
            "UPDATE outbox SET lease_until = current_timestamp - interval '1 s' WHERE state = 'sending'"
        )


async def open_outbox(pool: Pool) -> Outbox:
    program_id, store_id, campaign_id = ProgramId(new_id()), StoreId(new_id()), CampaignId(new_id())
    await pool.execute(
        "INSERT INTO programs (id, code, name, created_at) VALUES ($1, 'noren', 'Noren', $2)", program_id, NOW
    )
    await pool.execute(
        "INSERT INTO stores (id, program_id, code, name, time_zone, created_at)"
        " VALUES ($1, $2, 's-1', 'Ginza', 'Asia/Tokyo', $3)",
        *(store_id, program_id, NOW),
    )
    campaign = msgspec.structs.replace(CAMPAIGN, id=campaign_id, program_id=program_id, created_at=NOW)
    async with pool.acquire() as conn:
        await create_campaign(conn, campaign, 1)
    return Outbox(pool, program_id, store_id, campaign_id)


@pytest_asyncio.fixture
async def outbox(pool: Pool) -> AsyncIterator[Outbox]:
    """Whatever a test does, the campaign's counts are those of its messages."""
    yield await open_outbox(pool)
    await expect_counted(pool)


class Late:
    """Holds back what the double makes of a request with these words, until it is let go."""

    def __init__(self) -> None:
        self.held, self.let_go = b"", threading.Event()
        self.asked = 0  # how often to send something


@pytest.fixture
def late(double: FcmDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Late]:
    late, answer = Late(), double.answer

    async def hold(scope: Scope, body: bytes) -> Answer:
        late.asked += scope["path"].endswith("messages:send")
        if late.held and late.held in body:
            await asyncio.to_thread(late.let_go.wait, PATIENCE_S)
        return await answer(scope, body)

    monkeypatch.setattr(double, "answer", hold)
    yield late
    late.let_go.set()


def impatient(double: FcmDouble, client: FcmClient = "direct") -> FcmSender | SdkSender:
    """A sender that soon gives a push up, but not its access token."""
    kind = FcmSender if client == "direct" else SdkSender
    sender = kind(double.service_account, endpoint=double.endpoint, timeout_s=0.3)
    sender._account.timeout_s = PATIENCE_S
    return sender


@pytest.fixture(scope="session")
def running_double() -> Iterator[FcmDouble]:
    with FcmDouble() as double:
        yield double


@pytest.fixture
def double(running_double: FcmDouble) -> FcmDouble:
    running_double.received.clear()
    running_double.phones.clear()
    running_double.issuer.refusing = False
    return running_double


@pytest_asyncio.fixture
async def sender(double: FcmDouble) -> AsyncIterator[Sender]:
    opened = await open_fcm(double.service_account, endpoint=double.endpoint)
    yield opened
    await opened.close()
