"""A program that reaches its members by each channel, over doubles of all providers."""

from collections import Counter
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from channels.delivery_worker import deliver_once
from coupons.coupon_codes import make_coupon_code
from devtools.line_double import LineDouble
from devtools.twilio_double import TwilioDouble
from kit.clock import utc_now
from kit.database import Connection, Pool, in_transaction
from members.contacts import ContactKind, seal_contact
from members.devices_repository import find_device
from members.handles_repository import reserve_contact
from push.dispatch import DispatchCount, dispatch_once
from push.sender import Sender
from server.accounts.merge import merge
from server.issuing.release_messages import release_messages
from server.messages.address_messages import CouponAddressing
from server.runtime.snapshot_keeper import SnapshotKeeper
from tests.support.line import link
from tests.support.lives import ok
from tests.support.mail_server import MailServer
from tests.support.proving import KEYRING
from tests.support.world import Chain, Member, Till

PUBLIC_URL = "https://noren.example"
MAIL = {"sender_name": "喫茶さくら", "postal_address": "東京都", "contact": "03-1234-5678"}
PLAIN = {"ja": {"title": "ようこそ", "body": "珈琲を一杯"}}
WORDS = {
    "email": {"ja": {"subject": "{store}から珈琲を一杯", "body": "# ありがとうございます\n\n{link}"}},
    "line": {"ja": {"text": "珈琲を一杯どうぞ。", "button": "クーポンを見る"}},
    "sms": {"ja": {"text": "珈琲を一杯 {link}"}},
    "voice": {"ja": {"text": "珈琲を一杯どうぞ。"}},
    "link": "https://card.example/coupons/{coupon_id}",
}


def consent(purpose: str, *, granted: bool = True) -> dict[str, Any]:
    return {"purpose": purpose, "granted": granted, "text_version": "7"}


class Street(msgspec.Struct, kw_only=True):
    """With a till, a LINE account, a mail server and a telephone; members are given addresses as they are needed."""

    chain: Chain
    till: Till
    line: LineDouble
    line_channel: Any
    mail: MailServer
    twilio: TwilioDouble
    channels: dict[Any, Any]

    @property
    def pool(self) -> Pool:
        return self.chain.world.pool

    async def enrol(
        self, *, email: str | None = None, line: str | None = None, phone: str | None = None, push: str | None = None
    ) -> Member:
        """Reached by these addresses, and consenting to each; `push`: a token of the phone's."""
        granted = [("email", email), ("sms", phone), ("voice", phone), ("push", push)]
        member = await self.chain.enrol(consents=[consent(purpose) for purpose, value in granted if value is not None])
        contacts: list[tuple[ContactKind, str | None]] = [("email", email), ("phone", phone)]
        for kind, value in contacts:
            if value is not None:
                contact = seal_contact(KEYRING, self.chain.id, kind, value)
                async with self.pool.acquire() as conn:
                    await reserve_contact(conn, self.chain.id, member.id, contact, utc_now())
        if line is not None:
            self.line_channel.friends.add(line)
            await link(self.chain, self.line_channel, self.line, member, line)
        if push is not None:
            ok(await member.app.put("/v1/me/device/push-token", {"token": push, "kind": "registration"}))
        return member

    async def become(self, gone: Member, stays: Member) -> None:
        """As a transfer does in its last step."""
        keeper = SnapshotKeeper(self.pool)
        await keeper.refresh()

        async def work(conn: Connection) -> None:
            device = await find_device(conn, gone.id, gone.device_id)
            assert device is not None
            await merge(conn, keeper.current, device, stays.id, utc_now())

        await in_transaction(self.pool, work)

    async def put_off_others(self) -> None:
        """What other tests have left waiting in this world is not due while this street is looked at."""
        for table in ("outbox", "staff_deliveries"):
            await self.pool.execute(
                f"UPDATE {table} SET next_attempt_at = now() + interval '1 day'"
                " WHERE state IN ('pending', 'sending', 'retryable', 'refused', 'deferred') AND program_id <> $1",
                self.chain.id,
            )

    async def write(self, *channels: str, **changes: Any) -> str:
        """A campaign of visits, which reaches its members by these channels."""
        body = {"trigger": {"kind": "visit"}, "quiet_hours": None, "messages": WORDS, "channels": channels} | changes
        return str(await self.chain.add_campaign(**body))

    async def visit(self, *members: Member) -> None:
        for member in members:
            ok(await self.till.at.post("/v1/scans", {"card": member.card_number}))

    async def deliver(self) -> Counter[str]:
        addressing = CouponAddressing(self.pool, KEYRING, PUBLIC_URL)
        return await deliver_once(self.pool, KEYRING, self.channels, addressing=addressing)

    async def push(self, sender: Sender) -> DispatchCount:
        code_of = partial(make_coupon_code, KEYRING)
        return await dispatch_once(self.pool, sender, code_of=code_of, circuits={})

    async def release(self) -> int:
        """What was refused goes to the next channel, and what was held back is decided on."""
        return await release_messages(self.pool, utc_now())

    async def fates(self, campaign_id: str) -> list[tuple[str, str, str | None]]:
        """Channel, state and reason of each message, the oldest first."""
        query = "SELECT channel, state, failure FROM outbox WHERE campaign_id = $1 ORDER BY id"
        return [tuple(row) for row in await self.pool.fetch(query, UUID(campaign_id))]

    def mailed(self, recipient: str) -> list[Any]:
        return [each for each in self.mail.messages if each["To"] == recipient]

    async def change(self, query: str, *values: object) -> None:
        await self.pool.execute(query, *values)

    async def counted(self, member: Member) -> int:
        """In how many places of the caps the member is."""
        query = "SELECT coalesce(max(cardinality(days)), 0) FROM message_counts WHERE member_id = $1"
        return int(await self.pool.fetchval(query, member.id))
