"""What a phone tells of its messages -> receipts. It is often late, and repeats itself until it is answered."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from ids import MemberId
from kit.database import Connection, Pool, in_transaction
from members.aliases_repository import find_aliases
from members.device import Device
from push.latencies import Latency
from push.latency_metrics import LATENCY_S
from push.receipts import OLDEST, Receipt, ReceiptKind, Recorded
from push.receipts_repository import record_receipts
from server.problems import unauthenticated
from server.web.device_guard import lock_active_devices
from server.web.fields import Body
from server.web.reported_records import MAX_REPORTED

EventKind = Literal["received", "displayed", "opened"]
_RECEIPTS: Mapping[EventKind, ReceiptKind] = {"received": "delivered", "displayed": "displayed", "opened": "opened"}
# Times beyond it are no times of messages; a phone's clock may be wrong by years, its count of seconds hardly.
_LONGEST_AGE_S = 10**9


class NewMessageEvent(Body, frozen=True):
    """What became of a message on this phone."""

    push_id: UUID
    """Which message: `push_id` of the push's data."""
    event: EventKind
    """`received`: the push reached the app. `displayed`: the phone showed it. `opened`: the member tapped it, or
    opened what it tells of."""
    age_s: Annotated[float, msgspec.Meta(ge=0, le=_LONGEST_AGE_S)]
    """How many seconds ago it happened, at the moment at which you send this: the difference of two readings of the
    phone's own clock, best of the one that counts on when the time is set. So it does not matter whether that clock is
    right."""


class MessageEventsRequest(Body, frozen=True):
    """What became of messages on this phone."""

    events: Annotated[list[NewMessageEvent], msgspec.Meta(min_length=1, max_length=MAX_REPORTED)]
    """In any order."""


class RefusedEvent(msgspec.Struct, frozen=True):
    """An event that was not taken."""

    index: int
    """Its place in the list, from 0."""
    reason: Literal["unreadable", "unknown", "too_old"]
    """`unreadable`: it is not as described. `unknown`: this member was sent no such message. `too_old`: it happened
    more than seven days ago. To send it again changes none of these."""


class MessageEventsResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the events. Each is counted once."""

    recorded: int
    """Those that were news."""
    repeated: int
    """Those that were known already: the first report of a message and an event counts."""
    no_consent: int
    """Those of `opened` that were dropped, because the member does not consent to profiling."""
    refused: list[RefusedEvent]
    """Those that cannot be used, with the reason."""


class ReportEvents(msgspec.Struct, frozen=True, kw_only=True):
    """What one phone reports. None stands for an event that could not be read."""

    device: Device
    events: Sequence[NewMessageEvent | None]
    now: datetime


class _Read(msgspec.Struct, frozen=True):
    """A report's receipts by the place of their event, and what is refused of it whatever the books say."""

    receipts: Mapping[int, Receipt]
    refused: list[RefusedEvent]


async def report_message_events(
    pool: Pool, reports: Sequence[ReportEvents]
) -> Sequence[MessageEventsResult | Exception]:
    """One answer a report, in order, of different phones: as long as they come together they share a transaction, and
    its one lock on each of the counts. What they tell is measured when it is committed.
    """
    results, latencies = await in_transaction(pool, partial(_record, reports=reports))
    for each in latencies:
        LATENCY_S.labels(each.stage).observe(each.seconds)
    return results


async def _record(
    conn: Connection, reports: Sequence[ReportEvents]
) -> tuple[list[MessageEventsResult | Exception], list[Latency]]:
    """Their members may have been somebody else when they were sent the messages."""
    active = await lock_active_devices(conn, [report.device for report in reports])
    taken = [report for report in reports if report.device.id in active]
    names = await _list_names(conn, [report.device.member_id for report in taken])
    read = [_read(report, names[report.device.member_id]) for report in taken]
    recorded = await record_receipts(conn, [receipt for each in read for receipt in each.receipts.values()])
    told = iter(recorded.results)
    answers = {report.device.id: _sum_up(each, told) for report, each in zip(taken, read, strict=True)}
    return [answers.get(report.device.id) or unauthenticated() for report in reports], recorded.latencies


async def _list_names(conn: Connection, member_ids: Sequence[MemberId]) -> dict[MemberId, tuple[MemberId, ...]]:
    """The members, each with all who became them."""
    names: dict[MemberId, tuple[MemberId, ...]] = {member_id: (member_id,) for member_id in member_ids}
    for former_id, member_id in (await find_aliases(conn, list(names))).items():
        names[member_id] += (former_id,)
    return names


def _read(report: ReportEvents, member_ids: tuple[MemberId, ...]) -> _Read:
    receipts: dict[int, Receipt] = {}
    refused: list[RefusedEvent] = []
    for index, event in enumerate(report.events):
        if event is None:
            refused.append(RefusedEvent(index, "unreadable"))
        elif event.age_s > OLDEST.total_seconds():
            refused.append(RefusedEvent(index, "too_old"))
        else:
            receipts[index] = Receipt(
                member_ids=member_ids,
                message_id=event.push_id,
                kind=_RECEIPTS[event.event],
                at=report.now - timedelta(seconds=event.age_s),
            )
    return _Read(receipts, refused)


def _sum_up(read: _Read, told: Iterator[Recorded]) -> MessageEventsResult:
    """`told`: of the receipts in their order, from the first one of this report on."""
    recorded = {index: next(told) for index in read.receipts}
    unknown = [RefusedEvent(index, "unknown") for index, result in recorded.items() if result == "unknown"]
    results = list(recorded.values())
    return MessageEventsResult(
        recorded=results.count("recorded"),
        repeated=results.count("repeated"),
        no_consent=results.count("no_consent"),
        refused=sorted([*read.refused, *unknown], key=lambda each: each.index),
    )
