"""A round of the worker: the texts that answer calls are sent. Their recipients are nobody's members, so they wait in a
table of their own, with the leases and the fence of the outbox.
"""

import asyncio
import random
from datetime import datetime, timedelta

import msgspec
import structlog

from channels.channel import (
    Channel,
    Envelope,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownDeliveryError,
)
from channels.phone.incoming_calls_repository import LeasedReply, ReplyOutcome, lease_replies, record_reply
from kit.clock import utc_now
from kit.database import Pool, connect
from kit.retry import backoff_s, with_jitter
from kit.rounds import run_rounds
from kit.sealing import Keyring, Unsealable

_BATCH, _LEASE_S = 20, 60.0
_IDLE_S, _LONGEST_WAIT_S = 1.0, 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 60.0

log = structlog.get_logger()


async def run_replies(pool: Pool, keyring: Keyring, channel: Channel, *, stop: asyncio.Event) -> None:
    """Send until `stop` is set. No fault ends it: it logs, waits and goes on."""

    async def once() -> float:
        return 0 if await send_replies(pool, keyring, channel) else _IDLE_S

    await run_rounds({"call_replies.": once}, stop=stop, first_wait_s=_IDLE_S, longest_wait_s=_LONGEST_WAIT_S)


async def send_replies(pool: Pool, keyring: Keyring, channel: Channel) -> int:
    """How many were tried. Raises DatabaseUnavailable; what was leased then waits."""
    leased = await lease_replies(pool, utc_now(), limit=_BATCH, lease_s=_LEASE_S)
    # At once: one after the other, a slow provider would outlast the leases of the last.
    await asyncio.gather(*(_send_and_record(pool, keyring, channel, reply) for reply in leased))
    return len(leased)


async def _send_and_record(pool: Pool, keyring: Keyring, channel: Channel, reply: LeasedReply) -> None:
    outcome, failure, wait_s = await _send(keyring, channel, reply)
    retry_at = None
    if outcome == "retryable":
        retry_at = _next_attempt_at(reply, wait_s, utc_now())
        if retry_at >= reply.expires_at:
            outcome, retry_at = "expired", None
    async with connect(pool) as conn:
        await record_reply(conn, reply, outcome, retry_at=retry_at, failure=failure)
    if outcome != "sent":
        log.warning("call_replies.not_sent", outcome=outcome, failure=failure)


async def _send(
    keyring: Keyring, channel: Channel, reply: LeasedReply
) -> tuple[ReplyOutcome, str | None, float | None]:
    if reply.expires_at <= utc_now():
        return "expired", None, None
    envelope = Envelope(
        message_id=reply.id,
        program_id=reply.program_id,
        member_id=None,
        attempts=reply.attempts,
        expires_at=reply.expires_at,
    )
    try:
        await channel.send(envelope, reply.unseal(keyring))
    except (Unsealable, msgspec.DecodeError):
        return "failed", "unreadable", None
    except PermanentDeliveryError as error:
        return "failed", error.reason, None
    except TransientDeliveryError as error:
        return "retryable", error.reason, error.retry_after_s
    except UnknownDeliveryError as error:
        return "unknown", error.reason, None
    except Exception as error:  # a fault of ours: its text may quote the message
        return "retryable", type(error).__name__, None
    return "sent", None, None


def _next_attempt_at(reply: LeasedReply, asked_s: float | None, now: datetime) -> datetime:
    pause_s = backoff_s(reply.attempts, first_s=_FIRST_PAUSE_S, max_s=_LONGEST_PAUSE_S)
    wait_s = max(with_jitter(pause_s, random.random()), asked_s or 0.0)  # noqa: S311 - jitter
    return now + timedelta(seconds=wait_s)
