"""The worker's part of LINE's webhook: each event has its effect in one transaction, and then the chat is answered.

An event that is handled again, because a worker died, changes nothing and says the same. A reply costs nothing and its
token is good for about a minute; what cannot be said by then is not said by a push, which would cost a message.
"""

import asyncio
import random
from datetime import timedelta
from functools import partial

import structlog
from prometheus_client import Counter

from channels.line.credentials import unseal_credentials
from channels.line.line_channels_repository import LineChannelRow, find_channel, record_fault
from channels.line.line_events_repository import EventOutcome, LeasedEvent, lease_events, record_event
from channels.line.outcomes import LineBusy, LineFailure, LineTokenRefused
from channels.line.webhook import LineEvent, read_event
from kit.database import Connection, connect, describe_failure, in_statement, in_transaction
from kit.retry import backoff_s, with_jitter
from kit.sealing import Unsealable
from server.line.apply_event import Reply, apply_event
from server.line.compose_reply import Asked, compose_reply
from server.line.line_work import LineWork
from server.line.link_member import AccountTaken

BATCH = 20
LEASE_S = 60.0
# A chat that was not served for so long is not worth an answer; what an event changes was tried ten times by then.
GIVE_UP_AFTER = timedelta(hours=1)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 300.0

log = structlog.get_logger()

_EVENTS = Counter("noren_line_events", "Events of LINE's webhooks, by what they came to", ["outcome"])


async def handle_events(work: LineWork) -> int:
    """Handle what is due; returns how many there were. Raises DatabaseUnavailable: what was leased is due again."""
    now = work.clock()
    leased = await in_statement(work.pool, lambda conn: lease_events(conn, now, limit=BATCH, lease_s=LEASE_S))
    await asyncio.gather(*(_handle(work, each) for each in leased))
    return len(leased)


async def _handle(work: LineWork, leased: LeasedEvent) -> None:
    outcome, retry_at = await _try(work, leased), None
    if outcome == "retryable":
        pause_s = backoff_s(leased.attempts, first_s=_FIRST_PAUSE_S, max_s=_LONGEST_PAUSE_S)
        retry_at = work.clock() + timedelta(seconds=with_jitter(pause_s, random.random()))  # noqa: S311 - jitter
        if retry_at > leased.received_at + GIVE_UP_AFTER:
            outcome, retry_at = "failed", None
    async with connect(work.pool) as conn:
        await record_event(conn, leased, outcome, retry_at=retry_at)
    _EVENTS.labels(outcome).inc()


async def _try(work: LineWork, leased: LeasedEvent) -> EventOutcome:
    try:
        event = read_event(leased.unseal(work.keyring))
        async with connect(work.pool) as conn:
            channel = await find_channel(conn, leased.program_id)
        if event is None or channel is None or not event.is_active:
            return "handled"
        reply = await _apply(work, channel, event)
        if reply is not None and event.reply_token is not None:
            await _answer(work, channel, event, reply)
    except Unsealable:
        return "failed"
    except LineBusy as busy:
        log.warning("line.busy", reason=busy.reason)
        return "retryable"
    except Exception as error:
        log.warning("line.event_failed", **describe_failure(error))
        return "retryable"
    return "handled"


async def _apply(work: LineWork, channel: LineChannelRow, event: LineEvent) -> Reply | None:
    async def run(conn: Connection) -> Reply | None:
        return await apply_event(conn, work.keyring, channel, event, work.clock())

    try:
        return await in_transaction(work.pool, run)
    except AccountTaken:
        return "taken"


async def _answer(work: LineWork, channel: LineChannelRow, event: LineEvent, reply: Reply) -> None:
    """Raises LineBusy."""
    token = unseal_credentials(work.keyring, channel.program_id, channel.sealed_credentials).access_token
    try:
        asked = Asked(channel=channel, user_id=event.user_id or "", reply=reply)
        messages = await compose_reply(work, token, asked)
        if messages:
            await work.api.reply(token, event.reply_token or "", messages)
    except LineBusy:
        raise
    except LineTokenRefused as refused:
        log.warning("line.token_refused", program=str(channel.program_id))
        await in_transaction(
            work.pool, partial(record_fault, channel=channel, fault=refused.reason, next_check_at=work.clock())
        )
    except LineFailure as refused:  # the reply token was used by an attempt before, or its minute is over
        log.info("line.not_answered", reason=refused.reason)
