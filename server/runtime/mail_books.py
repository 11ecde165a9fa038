"""What is known of members' mailboxes, for the channel that writes to them: consent, suppressions, speed, refusals."""

from datetime import datetime

import msgspec

from channels.mail.bounce_reports import ReportKind
from channels.mail.tokens import MailOrigin
from channels.messages import MailOwner
from ids import MemberId, ProgramId
from kit.clock import utc_now
from kit.database import Connection, Pool, connect, in_transaction
from kit.sql import load_queries
from members.aliases_repository import lock_owner
from members.suppressions_repository import SuppressionReason, suppress_address
from programs.mail_settings_repository import take_mail_place
from push.receipts_repository import record_receipt

QUERIES = load_queries(__file__, "mail_books.sql")
_SUPPRESSING: dict[ReportKind, SuppressionReason] = {"bounced": "bounced", "complained": "complained"}


class Mailbox(msgspec.Struct, frozen=True):
    """A member's, at the address that an e-mail went to. `value_hash` None: it is not theirs any more."""

    program_id: ProgramId
    is_active: bool
    email_consent: bool
    value_hash: bytes | None
    is_suppressed: bool

    @property
    def refusal(self) -> str | None:
        if not self.is_active:
            return "member_closed"
        if not self.email_consent:
            return "no_consent"
        if self.value_hash is None:
            return "unreachable"
        return "suppressed" if self.is_suppressed else None


async def find_mailbox(conn: Connection, member_id: MemberId, address_tag: bytes) -> Mailbox | None:
    row = await conn.fetchrow(QUERIES.find_mailbox, member_id, address_tag)
    return Mailbox(**row) if row else None


async def record_report(conn: Connection, origin: MailOrigin, kind: ReportKind, now: datetime) -> None:
    """It is a receipt of that e-mail. An address without a mailbox, or whose reader complains, gets no more.

    Of an address that is not the member's any more, nor of who they became, nothing changes. The same report of the
    same e-mail counts once: its reader may have asked for e-mail again meanwhile.
    """
    owner_id = await lock_owner(conn, origin.member_id)
    if owner_id is None:
        return
    if origin.message_id is not None:
        told = await record_receipt(conn, origin.member_id, origin.message_id, kind, now)
        if told == "repeated":
            return
    mailbox = await find_mailbox(conn, owner_id, origin.address_tag)
    reason = _SUPPRESSING.get(kind)
    if mailbox is None or mailbox.value_hash is None or reason is None:
        return
    await suppress_address(conn, owner_id, mailbox.program_id, mailbox.value_hash, reason, now)


class StoredMailBooks:
    """channels.mail.smtp.MailBooks, over the database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find_refusal(self, owner: MailOwner) -> str | None:
        async with connect(self._pool) as conn:
            mailbox = await find_mailbox(conn, owner.member_id, owner.address_tag)
        return "member_closed" if mailbox is None else mailbox.refusal

    async def take_place(self, program_id: ProgramId) -> float:
        async with connect(self._pool) as conn:
            return await take_mail_place(conn, program_id, utc_now())

    async def record(self, origin: MailOrigin, kind: ReportKind) -> None:
        await in_transaction(self._pool, lambda conn: record_report(conn, origin, kind, utc_now()))
