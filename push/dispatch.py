"""The push worker: lease, re-check, send, record.

A crash anywhere leaves messages leased; when the lease runs out another worker sends them again with the same
push id and tag. So a push goes out at least once, and its coupon exists exactly once whatever happens here.
Any number of workers may run, in any number of processes.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog
from prometheus_client import Counter as Metric

from ids import DeviceId
from kit.clock import utc_now
from kit.database import DatabaseUnavailable, Pool, in_statement
from kit.rounds import run_rounds
from outbox.kinds import LANES, Lane
from push.latencies import Latency
from push.latencies_repository import count_latencies
from push.latency_metrics import LATENCY_S
from push.messages import Push
from push.outbox_repository import CodeOf, find_targets, lease_messages, record_outcomes
from push.outcomes import Outcome, judge
from push.quota_repository import QuotaRequest, take_quota
from push.recheck import AttemptRecord, LeasedMessage, RetiredToken, Target, recheck
from push.sender import Sender, SendResult
from push.several_phones import sum_up

IDLE_S = 0.2
# Somebody stands at a door: half of this is what a push waits for on average until it is looked for. A look that finds
# nothing is one round trip and one read of an index.
URGENT_IDLE_S = 0.025
# A round that meets nothing but time-outs must end within its lease, or another worker sends the same again:
# BATCH / CONCURRENCY of either client, rounded up, times its TIMEOUT_S, and once more for the access token.
LEASE_S = 240.0
BATCH = 200
_LONGEST_WAIT_S = 5.0
_RECORD_RETRY_S = 0.5

log = structlog.get_logger()

_PUSHES = Metric("noren_pushes", "Attempts to push, by what they came to", ["outcome"])
_PUSH_ERRORS = Metric("noren_push_errors", "Errors that the push service answered with", ["code"])

Clock = Callable[[], datetime]
# Until when each platform rests; one for each worker.
Circuits = MutableMapping[str, datetime]
# The phones that a message goes to; a message without one has no device any more.
Targets = Mapping[UUID, Sequence[Target]]
# Of each phone that a message goes to, what is sent to it, or why nothing is.
Checked = Sequence[tuple[Target | None, Push | Outcome]]
Rechecked = Sequence[tuple[LeasedMessage, Checked]]


class Sending(NamedTuple):
    """With what, until when, and how many pushes at most."""

    sender: Sender
    stop: asyncio.Event | None
    limit: int


@dataclass(frozen=True, kw_only=True)
class DispatchCount:
    """What one round did. `refused`: another channel may take them. `lost`: another worker had leased
    them anew before their outcome was recorded."""

    leased: int = 0
    sent: int = 0
    retryable: int = 0
    failed: int = 0
    expired: int = 0
    deferred: int = 0
    dropped: int = 0
    refused: int = 0
    lost: int = 0


async def dispatch_once(
    pool: Pool,
    sender: Sender,
    *,
    code_of: CodeOf,
    circuits: Circuits,
    clock: Clock = utc_now,
    limit: int = BATCH,
    lanes: Sequence[Lane] = LANES,
    stop: asyncio.Event | None = None,
) -> DispatchCount:
    """Send what is due, up to `limit` messages and as many pushes, those of the first lane first. What is not on its
    way when `stop` is set goes back to the queue.

    Raises DatabaseUnavailable; what was leased then waits for its lease.
    """
    deadline = time.monotonic() + LEASE_S
    leased = await lease_messages(pool, clock(), limit=limit, lease_s=LEASE_S, code_of=code_of, lanes=lanes)
    if not leased:
        return DispatchCount()
    targets = await find_targets(pool, leased, clock())
    records = await _attempt(pool, leased, targets, Sending(sender, stop, limit), circuits, clock)
    handed_at = clock()
    recorded = await _record(pool, records, clock, deadline)
    await _count_handed(pool, records, targets, handed_at)
    for state, count in recorded.items():
        _PUSHES.labels(state).inc(count)
    return DispatchCount(
        leased=len(leased),
        sent=recorded["sent"],
        retryable=recorded["retryable"],
        failed=recorded["failed"],
        expired=recorded["expired"],
        deferred=recorded["deferred"],
        dropped=recorded["dropped"],
        refused=recorded["refused"],
        lost=len(leased) - recorded.total(),
    )


async def run_dispatcher(
    pool: Pool,
    sender: Sender,
    *,
    code_of: CodeOf,
    stop: asyncio.Event,
    clock: Clock = utc_now,
    idle_s: float = IDLE_S,
) -> None:
    """Dispatch until `stop` is set, then record what is on its way and hand the rest back. No fault ends it: it logs,
    waits and goes on.

    One runner sends what is urgent and nothing else, so it never stands behind a round of a broadcast that the push
    service keeps waiting; the other one sends both, what is urgent first.
    """
    circuits: dict[str, datetime] = {}

    async def run(events: str, lanes: Sequence[Lane], idle_s: float) -> None:
        async def once() -> float:
            count = await dispatch_once(
                pool, sender, code_of=code_of, circuits=circuits, clock=clock, lanes=lanes, stop=stop
            )
            return idle_s if count.leased == 0 else 0

        await run_rounds({events: once}, stop=stop, first_wait_s=idle_s, longest_wait_s=_LONGEST_WAIT_S)

    async with asyncio.TaskGroup() as group:
        group.create_task(run("push.urgent_", ("urgent",), min(idle_s, URGENT_IDLE_S)))
        group.create_task(run("push.dispatch_", LANES, idle_s))


async def _attempt(
    pool: Pool,
    leased: Sequence[LeasedMessage],
    targets: Targets,
    sending: Sending,
    circuits: Circuits,
    clock: Clock,
) -> list[AttemptRecord]:
    now = clock()
    checked = [(message, _recheck(message, targets, circuits, now)) for message in leased]
    rechecked = _hold_to_limit(checked, sending.limit, now)
    rechecked = await _hold_to_quota(pool, rechecked, now)
    pushes = [push for _, checked in rechecked for _, push in checked if isinstance(push, Push)]
    results = iter(await sending.sender.send(pushes, stop=sending.stop))
    now = clock()
    return [_settle(message, checked, results, circuits, now) for message, checked in rechecked]


def _recheck(message: LeasedMessage, targets: Targets, circuits: Circuits, now: datetime) -> Checked:
    phones = targets.get(message.id)
    if phones is None:
        return [(None, recheck(message, None, circuits, now))]
    return [(phone, recheck(message, phone, circuits, now)) for phone in phones]


def _hold_to_limit(rechecked: Rechecked, limit: int, now: datetime) -> Rechecked:
    """No more pushes than a lease is made for; where messages go to several phones, the next round has the rest."""
    pushes, held = 0, []
    for message, checked in rechecked:
        pushes += sum(isinstance(push, Push) for _, push in checked)
        is_over = pushes > limit and any(isinstance(push, Push) for _, push in checked)
        held.append((message, [(None, Outcome("retryable", retry_at=now, held_back=True))] if is_over else checked))
    return held


def _settle(
    message: LeasedMessage, checked: Checked, results: Iterator[SendResult], circuits: Circuits, now: datetime
) -> AttemptRecord:
    """`results`: of the pushes in their order, from the first one of this message on."""
    outcomes: list[Outcome] = []
    reached: list[DeviceId] = []
    retired: list[RetiredToken] = []
    provider_ids = []
    for phone, push in checked:
        if isinstance(push, Outcome):
            outcomes.append(push)
            continue
        assert phone is not None  # who has none is sent nothing
        result = next(results)
        outcome = _judge(message, phone, result, now)
        if result.error is not None:
            _PUSH_ERRORS.labels(result.error.code).inc()
        if outcome.state == "sent":
            reached.append(phone.device_id)
            provider_ids.append(result.message_id)
        if outcome.retire is not None:
            retired.append(RetiredToken(phone.device_id, push.token, outcome.retire))
        _open_circuits(circuits, outcome, result, now)
        outcomes.append(outcome)
    is_reached = any(phone is not None and phone.is_reached for phone, _ in checked)
    outcome = sum_up(outcomes, is_reached=is_reached)
    return AttemptRecord(message, outcome, next(iter(provider_ids), None), retired, reached)


async def _hold_to_quota(pool: Pool, rechecked: Rechecked, now: datetime) -> Rechecked:
    """Last of all. Only programs with a quota cost a transaction; a message takes one place, on however many phones."""
    requests = [
        QuotaRequest(
            program_id=target.program_id,
            day=now.astimezone(target.zone).date(),
            quota=target.quota,
            member_id=message.member_id,
            message_id=message.id,
            attempts=message.attempts,
            priority=message.priority,
        )
        for message, checked in rechecked
        if not message.is_in_quota
        for target in _first_pushed(checked)
        if target.quota is not None and not target.is_reached  # what a phone has is paid for
    ]
    refused = {each.message_id for each in requests} - await take_quota(pool, requests)
    over: Checked = [(None, Outcome("dropped", failure="quota"))]
    return [(message, over if message.id in refused else checked) for message, checked in rechecked]


def _first_pushed(checked: Checked) -> list[Target]:
    """The first phone that something is sent to, if there is one."""
    return [phone for phone, push in checked if phone is not None and isinstance(push, Push)][:1]


def _judge(message: LeasedMessage, target: Target, result: SendResult, now: datetime) -> Outcome:
    return judge(
        result,
        attempts=message.attempts - message.attempts_before,
        platform=target.platform,
        expires_at=message.expires_at,
        now=now,
        jitter=random.random(),  # noqa: S311 - jitter, not a secret
    )


def _open_circuits(circuits: Circuits, outcome: Outcome, result: SendResult, now: datetime) -> None:
    for platform in outcome.broken:
        if outcome.retry_at is None or result.error is None:
            continue
        if circuits.get(platform, now) <= now:
            circuits[platform] = outcome.retry_at
            log.error("push.circuit_open", platform=platform, code=result.error.code, until=str(outcome.retry_at))


async def _count_handed(pool: Pool, records: Sequence[AttemptRecord], targets: Targets, handed_at: datetime) -> None:
    """How long those took that were sent. For statistics: behind the outcomes, which no fault of it may undo."""
    latencies = [
        Latency(
            program_id=targets[message.id][0].program_id,
            stage="handed",
            at=handed_at,
            seconds=max(0.0, (handed_at - message.timed_from).total_seconds()),
        )
        for message, outcome in ((each.message, each.outcome) for each in records)
        if outcome.state == "sent" and message.timed_from is not None
    ]
    if not latencies:
        return
    histogram = LATENCY_S.labels("handed")
    for each in latencies:
        histogram.observe(each.seconds)
    with suppress(DatabaseUnavailable):
        await in_statement(pool, lambda conn: count_latencies(conn, latencies))


async def _record(pool: Pool, records: Sequence[AttemptRecord], clock: Clock, deadline: float) -> Counter[str]:
    """Record, and in an outage try on until the lease ends: what is not recorded will be sent once more."""
    while True:
        try:
            return await record_outcomes(pool, records, clock())
        except DatabaseUnavailable:
            if time.monotonic() >= deadline:
                raise
            await asyncio.sleep(_RECORD_RETRY_S)
