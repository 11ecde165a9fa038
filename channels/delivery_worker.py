"""The worker's part: lease what is due, send it, record it. A crash lets the lease run out, and it is sent again.

So a code may arrive twice and is never lost; both copies are the same. Nothing of a message is ever logged.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
import structlog
from prometheus_client import Counter as Metric

from channels.addressing import Addressing, Unsent
from channels.channel import (
    Channel,
    Envelope,
    PermanentDeliveryError,
    TransientDeliveryError,
    UnknownDeliveryError,
)
from channels.deliveries_repository import lease_staff_deliveries, record_delivery, unseal
from channels.messages import Message
from kit import tracing
from kit.clock import utc_now
from kit.database import DatabaseUnavailable, Pool
from kit.retry import backoff_s, with_jitter
from kit.rounds import run_rounds
from kit.sealing import Keyring, Unsealable
from outbox.delivery import Delivery, DeliveryOutcome, DeliveryRecord
from outbox.kinds import CHANNEL_KINDS, LANES, ChannelKind, Lane
from outbox.sealed_messages_repository import lease_sealed_messages

IDLE_S = 0.5
BULK_IDLE_S = 1.0
# Longer than any channel takes to give up, or another worker sends the same again.
LEASE_S = 60.0
# What has not gone by then is tried again.
SEND_S = 50.0
BATCH = 20
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 60.0
_LONGEST_WAIT_S = 5.0
_RECORD_RETRY_S = 0.5
# Pushes have a worker of their own (push/dispatch.py).
SEALED_KINDS: tuple[ChannelKind, ...] = tuple(kind for kind in CHANNEL_KINDS if kind != "push")

log = structlog.get_logger()

_DELIVERIES = Metric("noren_deliveries", "Attempts to deliver a message, by what they came to", ["channel", "outcome"])

Channels = Mapping[ChannelKind, Channel]
Clock = Callable[[], datetime]
Lease = Callable[[], Awaitable[Sequence[Delivery]]]


class _Work(NamedTuple):
    """With what messages are delivered, and until when."""

    pool: Pool
    keyring: Keyring
    channels: Channels
    clock: Clock
    stop: asyncio.Event | None = None
    addressing: Addressing | None = None


class _Attempt(NamedTuple):
    """What came of it. `retry_after_s`: what the provider asked for. `is_refusal`, `may_be_out`: see DeliveryRecord."""

    outcome: DeliveryOutcome
    failure: str | None = None
    retry_after_s: float | None = None
    provider_message_id: str | None = None
    is_refusal: bool = False
    may_be_out: bool = False


async def deliver_once(
    pool: Pool, keyring: Keyring, channels: Channels, *, clock: Clock = utc_now, addressing: Addressing | None = None
) -> Counter[str]:
    """Send what is due, by whatever channel, to members and to the staff, and count what came of it.

    `addressing`: without it messages of coupons wait.

    Raises DatabaseUnavailable; what was leased then waits.
    """
    leases = [_lease_of(pool, kind, LANES, clock) for kind in SEALED_KINDS] + [_lease_of_staff(pool, clock)]
    work = _Work(pool, keyring, channels, clock, addressing=addressing)
    rounds = [await _deliver_round(work, lease) for lease in leases]
    return sum(rounds, Counter())


async def run_deliveries(
    pool: Pool,
    keyring: Keyring,
    channels: Channels,
    *,
    stop: asyncio.Event,
    clock: Clock = utc_now,
    addressing: Addressing | None = None,
) -> None:
    """Deliver until `stop` is set. No fault ends it: it logs, waits and goes on.

    Each channel has two runners of its own, so no slow provider holds another: one sends what is urgent and nothing
    else, so that no code stands behind the round of a broadcast; the other one sends both, what is urgent first.
    """
    work = _Work(pool, keyring, channels, clock, stop, addressing)

    async def run(events: str, lease: Lease, idle_s: float) -> None:
        async def once() -> float:
            outcomes = await _deliver_round(work, lease)
            return idle_s if outcomes.total() == 0 else 0

        await run_rounds({events: once}, stop=stop, first_wait_s=idle_s, longest_wait_s=_LONGEST_WAIT_S)

    async with asyncio.TaskGroup() as group:
        for kind in SEALED_KINDS:
            group.create_task(run(f"deliveries.urgent.{kind}_", _lease_of(pool, kind, ("urgent",), clock), IDLE_S))
            group.create_task(run(f"deliveries.{kind}_", _lease_of(pool, kind, LANES, clock), BULK_IDLE_S))
        group.create_task(run("deliveries.staff_", _lease_of_staff(pool, clock), IDLE_S))


def _lease_of(pool: Pool, kind: ChannelKind, lanes: Sequence[Lane], clock: Clock) -> Lease:
    return lambda: lease_sealed_messages(pool, kind, clock(), limit=BATCH, lease_s=LEASE_S, lanes=lanes)


def _lease_of_staff(pool: Pool, clock: Clock) -> Lease:
    return lambda: lease_staff_deliveries(pool, clock(), limit=BATCH, lease_s=LEASE_S)


async def _deliver_round(work: _Work, lease: Lease) -> Counter[str]:
    """Raises DatabaseUnavailable; what was leased then waits for its lease."""
    deadline = time.monotonic() + LEASE_S
    return Counter(await asyncio.gather(*(_deliver(work, delivery, deadline) for delivery in await lease())))


def pause_s(attempts: int, jitter: float) -> float:
    """How long to wait after so many attempts: 2 s, 4 s, 8 s … to a minute, by up to half more."""
    return with_jitter(backoff_s(attempts, first_s=_FIRST_PAUSE_S, max_s=_LONGEST_PAUSE_S), jitter)


async def _deliver(work: _Work, delivery: Delivery, deadline: float) -> DeliveryOutcome:
    if work.stop is not None and work.stop.is_set():  # not begun: another worker has it at once
        now = work.clock()
        held_back = DeliveryRecord(delivery=delivery, outcome="retryable", at=now, retry_at=now, held_back=True)
        await _record(work, held_back, deadline)
        return "retryable"
    attempt = await _send_in_time(work, delivery)
    now = work.clock()
    outcome, retry_at = attempt.outcome, None
    if outcome == "retryable":
        wait_s = max(pause_s(delivery.attempts, random.random()), attempt.retry_after_s or 0)  # noqa: S311 - jitter
        retry_at = now + timedelta(seconds=wait_s)
        if retry_at >= delivery.expires_at:
            outcome, retry_at = "expired", None
    elif outcome == "deferred":
        retry_at = now
    record = DeliveryRecord(
        delivery=delivery,
        outcome=outcome,
        at=now,
        retry_at=retry_at,
        failure=attempt.failure,
        provider_message_id=attempt.provider_message_id,
        held_back=outcome == "deferred",
        is_refusal=attempt.is_refusal,
        may_be_out=attempt.may_be_out,
    )
    await _record(work, record, deadline)
    _DELIVERIES.labels(delivery.channel, outcome).inc()
    if outcome not in ("sent", "dropped", "deferred"):
        log.warning("deliveries.not_sent", outcome=outcome, channel=delivery.channel, failure=attempt.failure)
    return outcome


async def _send_in_time(work: _Work, delivery: Delivery) -> _Attempt:
    """Before the lease ends: a provider may be slow at each step, and a message wait for its turn on top of that."""
    try:
        async with asyncio.timeout(SEND_S):
            return await _send(work, delivery, work.clock())
    except TimeoutError:
        return _Attempt("retryable", "too_slow", may_be_out=True)


async def _record(work: _Work, record: DeliveryRecord, deadline: float) -> None:
    """In an outage on until the lease ends: what is not recorded will be sent once more."""
    while True:
        try:
            return await record_delivery(work.pool, record, work.addressing)
        except DatabaseUnavailable:
            if time.monotonic() >= deadline:
                raise
            await asyncio.sleep(_RECORD_RETRY_S)


async def _send(work: _Work, delivery: Delivery, now: datetime) -> _Attempt:
    if delivery.expires_at <= now:
        return _Attempt("expired")
    channel = work.channels.get(delivery.channel)
    if channel is None or (
        delivery.payload is not None and work.addressing is None
    ):  # another process knows of one that this one lacks
        return _Attempt("retryable", "no_channel")
    envelope = Envelope(
        message_id=delivery.id,
        program_id=delivery.program_id,
        member_id=delivery.member_id,
        attempts=delivery.attempts,
        expires_at=delivery.expires_at,
        is_essential=delivery.payload is None,
        may_be_out=delivery.may_be_out,
    )
    try:
        message = await _message_of(work, delivery, now)
        if isinstance(message, Unsent):
            return _Attempt(message.outcome, message.failure, is_refusal=message.is_refusal)
        with tracing.span(f"deliver {delivery.channel}"):
            return _Attempt("sent", provider_message_id=await channel.send(envelope, message))
    except (Unsealable, msgspec.DecodeError):
        return _Attempt("failed", "unreadable", is_refusal=True)
    except PermanentDeliveryError as error:
        return _Attempt("failed", error.reason, is_refusal=True)
    except TransientDeliveryError as error:
        return _Attempt("retryable", error.reason, error.retry_after_s, may_be_out=error.may_be_out)
    except UnknownDeliveryError as error:
        return _Attempt("unknown", error.reason)
    except Exception as error:
        # A fault of ours: only its type is recorded: its text may quote the message.
        return _Attempt("retryable", type(error).__name__, may_be_out=True)


async def _message_of(work: _Work, delivery: Delivery, now: datetime) -> Message | Unsent:
    """Raises Unsealable, msgspec.DecodeError, DatabaseUnavailable."""
    if delivery.payload is None or work.addressing is None:
        return unseal(work.keyring, delivery)
    return await work.addressing.address(delivery, now)
