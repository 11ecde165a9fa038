"""The worker's part: lease what is due, send it, record it. A crash lets the lease run out, and it is sent again.

So a code may arrive twice and is never lost; both copies are the same. Nothing of a message is ever logged.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import structlog
from prometheus_client import Counter as Metric

from channels.channel import (
    Channel,
    Envelope,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownDeliveryError,
)
from channels.deliveries_repository import lease_deliveries, record_delivery
from channels.delivery import Delivery, DeliveryOutcome
from kit import tracing
from kit.clock import utc_now
from kit.database import Pool
from kit.retry import backoff_s, with_jitter
from kit.rounds import run_rounds
from kit.sealing import Keyring, Unsealable
from outbox.kinds import ChannelKind

IDLE_S = 0.5
LEASE_S = 60.0
BATCH = 20
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 60.0
_LONGEST_WAIT_S = 5.0

log = structlog.get_logger()

_DELIVERIES = Metric("noren_deliveries", "Attempts to deliver a message, by what they came to", ["channel", "outcome"])

Channels = Mapping[ChannelKind, Channel]
Clock = Callable[[], datetime]


class _Attempt(NamedTuple):
    """What came of it. `retry_after_s`: what the provider asked for."""

    outcome: DeliveryOutcome
    failure: str | None = None
    retry_after_s: float | None = None
    provider_message_id: str | None = None


async def deliver_once(pool: Pool, keyring: Keyring, channels: Channels, *, clock: Clock = utc_now) -> Counter[str]:
    """Send what is due, and count what came of it. Raises DatabaseUnavailable; what was leased then waits."""
    leased = await lease_deliveries(pool, clock(), limit=BATCH, lease_s=LEASE_S)
    outcomes = await asyncio.gather(*(_deliver(pool, keyring, channels, delivery, clock) for delivery in leased))
    return Counter(outcomes)


async def run_deliveries(
    pool: Pool, keyring: Keyring, channels: Channels, *, stop: asyncio.Event, clock: Clock = utc_now
) -> None:
    """Deliver until `stop` is set. No fault ends it: it logs, waits and goes on."""

    async def once() -> float:
        outcomes = await deliver_once(pool, keyring, channels, clock=clock)
        return IDLE_S if outcomes.total() == 0 else 0

    await run_rounds({"deliveries.": once}, stop=stop, first_wait_s=IDLE_S, longest_wait_s=_LONGEST_WAIT_S)


def pause_s(attempts: int, jitter: float) -> float:
    """How long to wait after so many attempts: 2 s, 4 s, 8 s … to a minute, by up to half more."""
    return with_jitter(backoff_s(attempts, first_s=_FIRST_PAUSE_S, max_s=_LONGEST_PAUSE_S), jitter)


async def _deliver(
    pool: Pool, keyring: Keyring, channels: Channels, delivery: Delivery, clock: Clock
) -> DeliveryOutcome:
    attempt = await _send(keyring, channels, delivery, clock())
    now = clock()
    outcome, retry_at = attempt.outcome, None
    if outcome == "retryable":
        wait_s = max(pause_s(delivery.attempts, random.random()), attempt.retry_after_s or 0)  # noqa: S311 - jitter
        retry_at = now + timedelta(seconds=wait_s)
        if retry_at >= delivery.expires_at:
            outcome, retry_at = "expired", None
    await record_delivery(
        pool,
        delivery,
        outcome,
        now,
        retry_at=retry_at,
        failure=attempt.failure,
        provider_message_id=attempt.provider_message_id,
    )
    _DELIVERIES.labels(delivery.channel, outcome).inc()
    if outcome != "sent":
        log.warning("deliveries.not_sent", outcome=outcome, channel=delivery.channel, failure=attempt.failure)
    return outcome


async def _send(keyring: Keyring, channels: Channels, delivery: Delivery, now: datetime) -> _Attempt:
    if delivery.expires_at <= now:
        return _Attempt("expired")
    channel = channels.get(delivery.channel)
    if channel is None:  # another process knows of one that this one lacks
        return _Attempt("retryable", "no_channel")
    envelope = Envelope(
        message_id=delivery.id,
        program_id=delivery.program_id,
        attempts=delivery.attempts,
        expires_at=delivery.expires_at,
    )
    try:
        message = delivery.unseal(keyring)
        with tracing.span(f"deliver {delivery.channel}"):
            return _Attempt("sent", provider_message_id=await channel.send(envelope, message))
    except (Unsealable, msgspec.DecodeError):
        return _Attempt("failed", "unreadable")
    except PermanentDeliveryError as error:
        return _Attempt("failed", error.reason)
    except TransientDeliveryError as error:
        return _Attempt("retryable", error.reason, error.retry_after_s)
    except UnknownDeliveryError as error:
        return _Attempt("unknown", error.reason)
    except Exception as error:
        # A fault of ours: only its type is recorded: its text may quote the message.
        return _Attempt("retryable", type(error).__name__)
