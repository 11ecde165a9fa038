"""A coupon's message by another channel than a push, as it is sent: whether it still may, to whom, and how it looks.

Its words were written with the coupon. Where it goes is looked up now, so that no address is stored with it, and a
consent that was withdrawn or an address that changed meanwhile is kept to.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from channels.addressing import Unsent
from channels.line.credentials import unseal_user
from channels.mail.frame import MailSender, make_frame, sign_campaign_mail
from channels.mail.links import unsubscribe_url
from channels.mail.tokens import TAG_BYTES
from channels.messages import EmailMessage, MailOwner, Message
from ids import MemberId, ProgramId
from kit.database import Connection, Pool, connect
from kit.sealing import Keyring
from kit.sql import load_queries
from members.contacts import Contact, unseal_contact
from outbox.delivery import Delivery
from programs.mail_settings import MailSettings
from programs.mail_settings_repository import find_mail_settings
from push.counts_repository import give_back
from push.fallback_repository import RefusedAttempt, refuse_messages
from push.governor import WAY_REFUSALS, DropReason, WayRefusal, find_refusal
from push.quota_repository import QuotaRequest, take_quota
from server.messages.write_message import Draft, Target, finish_draft

QUERIES = load_queries(__file__, "addressees.sql")
_DRAFT = msgspec.json.Decoder(Draft)


class CouponAddressing:
    """channels.addressing.Addressing, over the database. `public_url`: of this server, for links and pictures."""

    def __init__(self, pool: Pool, keyring: Keyring, public_url: str | None) -> None:
        self._pool = pool
        self._keyring = keyring
        self._public_url = public_url

    async def address(self, delivery: Delivery, now: datetime) -> Message | Unsent:
        """Raises DatabaseUnavailable, kit.sealing.Unsealable, msgspec.DecodeError."""
        assert delivery.member_id is not None
        assert delivery.payload is not None
        async with connect(self._pool) as conn:
            row = await conn.fetchrow(QUERIES.find_addressee, delivery.member_id, delivery.id)
            mail = await find_mail_settings(conn, delivery.program_id) if delivery.channel == "email" else None
        refusal = _find_refusal(delivery, row, mail, now)
        if row is None or refusal is not None:
            return Unsent("dropped", refusal or "unreachable", is_refusal=refusal in WAY_REFUSALS)
        if delivery.rings_until is not None and now >= delivery.rings_until:
            return Unsent("deferred", "quiet_hours")
        message = self._write(delivery, row, mail)
        if isinstance(message, Unsent) or await self._is_in_quota(delivery, row, now):
            return message
        return Unsent("dropped", "quota")

    async def hand_on(self, conn: Connection, delivery: Delivery, reason: str, now: datetime) -> bool:
        if delivery.member_id is None or delivery.payload is None:
            return False
        attempt = RefusedAttempt(
            member_id=delivery.member_id, id=delivery.id, attempts=delivery.attempts, reason=reason
        )
        return bool(await refuse_messages(conn, [attempt], now))

    async def give_back(self, conn: Connection, delivery: Delivery) -> None:
        if delivery.member_id is not None and delivery.counted_on is not None:
            await give_back(conn, [(delivery.member_id, delivery.counted_on)])

    def _write(self, delivery: Delivery, row: Any, mail: MailSettings | None) -> Message | Unsent:
        draft = _DRAFT.decode(delivery.payload or "")
        if delivery.channel == "line":
            user_id = unseal_user(self._keyring, delivery.program_id, row["sealed_user_id"])
            public = self._public_url
            picture_url = None if public is None or draft.image_path is None else public + draft.image_path
            return finish_draft(draft, "line", Target(recipient=user_id, link=draft.link, picture_url=picture_url))
        if delivery.channel in ("sms", "voice"):
            contact = Contact("phone", row["value_hash"], row["sealed_value"])
            number = unseal_contact(self._keyring, delivery.program_id, contact)
            target = Target(recipient=number, link=draft.link, takes_replies=bool(row["takes_replies"]))
            return finish_draft(draft, delivery.channel, target)
        if mail is None or self._public_url is None:  # nobody could unsubscribe
            return Unsent("failed", "not_set_up", is_refusal=True)
        assert delivery.member_id is not None
        return self._write_mail(draft, delivery.member_id, delivery.program_id, row, mail, self._public_url)

    def _write_mail(
        self, draft: Draft, member_id: MemberId, program_id: ProgramId, row: Any, mail: MailSettings, public_url: str
    ) -> Message:
        contact = Contact("email", row["value_hash"], row["sealed_value"])
        owner = MailOwner(member_id, contact.value_hash[:TAG_BYTES])
        sender = MailSender(name=mail.sender_name, postal_address=mail.postal_address, contact=mail.contact)
        unsubscribe = unsubscribe_url(self._keyring, public_url, owner)
        frame = make_frame(sender, draft.language, draft.parts["subject"] or "", unsubscribe)
        target = Target(recipient=unseal_contact(self._keyring, program_id, contact), link=draft.link, frame=frame)
        message = finish_draft(draft, "email", target)
        assert isinstance(message, EmailMessage)
        return sign_campaign_mail(message, sender, owner, unsubscribe, is_counted=row["profiling_consent"])

    async def _is_in_quota(self, delivery: Delivery, row: Any, now: datetime) -> bool:
        """Last of all: it takes a place. Only programs with a quota cost a transaction."""
        if row["message_quota"] is None or delivery.quota_day is not None:
            return True
        assert delivery.member_id is not None
        asked = QuotaRequest(
            program_id=delivery.program_id,
            day=now.astimezone(ZoneInfo(row["time_zone"])).date(),
            quota=row["message_quota"],
            member_id=delivery.member_id,
            message_id=delivery.id,
            attempts=delivery.attempts,
            priority=delivery.priority,
        )
        return delivery.id in await take_quota(self._pool, [asked])


def _find_refusal(delivery: Delivery, row: Any, mail: MailSettings | None, now: datetime) -> DropReason | None:
    if row is None:
        return "unreachable"
    return find_refusal(
        fate=row["fate"],
        is_active=row["is_active"],
        way_refusal=_way_refusal(delivery, row, mail),
        good_until=delivery.expires_at,
        now=now,
    )


def _way_refusal(delivery: Delivery, row: Any, mail: MailSettings | None) -> WayRefusal | None:
    if delivery.channel == "line":
        return "unreachable" if row["sealed_user_id"] is None else None
    if not row[f"{delivery.channel}_consent"]:
        return "no_consent"
    is_set_up = mail is not None or delivery.channel != "email"
    return None if is_set_up and row["value_hash"] is not None else "unreachable"
