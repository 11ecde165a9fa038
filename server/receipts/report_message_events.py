"""What a phone tells of its messages -> receipts. It is often late, and repeats itself until it is answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from kit.database import Connection
from members.aliases_repository import history_ids
from members.device import Device
from push.latencies import Latency
from push.receipts import OLDEST, Receipt, ReceiptKind, Recorded
from push.receipts_repository import record_receipts
from server.web.device_guard import lock_active_device
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


class ReportedEvents(msgspec.Struct, frozen=True):
    """`latencies`: how long the messages took that were displayed, as it is learned now."""

    result: MessageEventsResult
    latencies: list[Latency]


async def report_message_events(
    conn: Connection, device: Device, events: Sequence[NewMessageEvent | None], now: datetime
) -> ReportedEvents:
    """None stands for an event that could not be read. Their member may have been somebody else when they were sent it.

    Raises Problem where the device was signed out meanwhile.
    """
    await lock_active_device(conn, device)
    member_ids = tuple(await history_ids(conn, device.member_id))
    receipts: dict[int, Receipt] = {}
    refused: list[RefusedEvent] = []
    for index, event in enumerate(events):
        if event is None:
            refused.append(RefusedEvent(index, "unreadable"))
        elif event.age_s > OLDEST.total_seconds():
            refused.append(RefusedEvent(index, "too_old"))
        else:
            receipts[index] = Receipt(
                member_ids=member_ids,
                message_id=event.push_id,
                kind=_RECEIPTS[event.event],
                at=now - timedelta(seconds=event.age_s),
            )
    recorded = await record_receipts(conn, list(receipts.values()))
    refused += [
        RefusedEvent(index, "unknown")
        for index, result in zip(receipts, recorded.results, strict=True)
        if result == "unknown"
    ]
    result = _sum_up(recorded.results, sorted(refused, key=lambda each: each.index))
    return ReportedEvents(result, recorded.latencies)


def _sum_up(recorded: Sequence[Recorded], refused: list[RefusedEvent]) -> MessageEventsResult:
    return MessageEventsResult(
        recorded=recorded.count("recorded"),
        repeated=recorded.count("repeated"),
        no_consent=recorded.count("no_consent"),
        refused=refused,
    )
