"""`settle_report`: what a provider reports of a text or call is kept, and tells what became of the message."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from channels.phone.account import hash_number
from channels.phone.incoming_calls_repository import settle_unknown_reply
from channels.phone.outcomes import SendState, costs_nothing
from channels.phone.phone_accounts_repository import opt_out
from channels.phone.phone_sends_repository import Send, record_progress
from kit.database import Connection
from kit.sealing import Keyring
from kit.sql import load_queries
from outbox.sealed_messages_repository import settle_unknown
from push.fallback_repository import refuse_sent
from push.receipts import ReceiptKind
from push.receipts_repository import record_receipt
from server.phone.numbers import read_number

QUERIES = load_queries(__file__, "late_reports.sql")
_LATE = timedelta(hours=6)
# What all channels' messages are counted by. A text that was handed to the network has not arrived yet.
_RECEIPTS: dict[SendState, ReceiptKind] = {
    "accepted": "accepted",
    "delivered": "delivered",
    "answered": "delivered",
    "machine": "delivered",
    "failed": "failed",
    "busy": "failed",
    "no_answer": "failed",
}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`recipient`: the number, as it was reported. `failure`: a word for why it failed, where that was told."""

    state: SendState
    recipient: str | None
    failure: str | None = None
    provider_message_id: str | None = None


async def settle_report(conn: Connection, keyring: Keyring, send: Send, report: Report, now: datetime) -> None:
    """What is known already, or behind what is known, changes nothing."""
    changed = await record_progress(
        conn,
        send.id,
        send.kind,
        report.state,
        now,
        costs_nothing=costs_nothing(send.kind, report.state),
        failure=(report.failure or "failed") if report.state == "failed" else None,
        provider_message_id=report.provider_message_id,
    )
    if changed is None:
        return
    if (report.state, report.failure) == ("failed", "opted_out") and report.recipient is not None:
        number_hash = hash_number(keyring, send.program_id, read_number(report.recipient))
        await opt_out(conn, send.program_id, number_hash, send.kind, "provider", now)
    await _settle(conn, changed, now)


async def settle_late_reports(conn: Connection, now: datetime) -> None:
    """Of the last hours: reports that came before the message was known as one whose outcome is unknown."""
    for row in await conn.fetch(QUERIES.list_late_reports, now - _LATE):
        await _settle(conn, Send(**row), now)


async def _settle(conn: Connection, send: Send, now: datetime) -> None:
    """What was sent and cannot be delivered may go by another channel; what was unknown is known, and never does."""
    outcome: Literal["sent", "failed"] = "failed" if send.state == "failed" else "sent"
    if send.member_id is None:
        await settle_unknown_reply(conn, send.id, outcome, send.failure)
        return
    receipt = _RECEIPTS.get(send.state)
    if receipt is not None:
        await record_receipt(conn, send.member_id, send.id, receipt, now, send.provider_message_id)
    if send.state == "failed" and await refuse_sent(
        conn, send.member_id, send.id, send.kind, send.failure or "failed", now
    ):
        return
    await settle_unknown(
        conn, send.kind, send.provider_message_id, outcome, message_id=send.id, at=now, failure=send.failure
    )
