"""What LINE posts to a webhook, read from the raw JSON. Pure.

The SDK's parser gives an event whose type or details it does not know as an UnknownEvent, without user and reply token;
LINE adds such details at any time (https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects).
So the few fields that are used are read here, whatever stands beside them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

# How long ids of handled events are kept. What says that it is older may be a replay of one that is forgotten.
REMEMBERED = timedelta(days=7)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = 253_402_300_799_000  # 9999-12-31

Json = dict[str, Any]


class Unreadable(Exception):
    """Signed, and yet not what LINE sends."""


class LineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """`raw` is the event whole, as it came, and `details` what it says. `user_id` None: an event of a group, or of the
    channel itself.

    `reply_token`: good once, for about a minute, without cost. Not every event has one.
    """

    id: str
    type: str
    at: datetime
    user_id: str | None
    reply_token: str | None
    is_active: bool
    details: Json
    raw: bytes

    def text_of(self, *path: str) -> str | None:
        """A text of the event's details; None where it is missing or something else."""
        found: Any = self.details
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str) else None


class Webhook(msgspec.Struct, frozen=True):
    """`destination`: the user id of the bot that it is for. None where LINE names none."""

    destination: str | None
    events: list[LineEvent]


class _Body(msgspec.Struct):
    events: list[msgspec.Raw]
    destination: str | None = None


class _Frame(msgspec.Struct, rename="camel"):
    type: str
    webhook_event_id: str
    timestamp: int
    source: Json | None = None
    reply_token: str | None = None
    mode: str = "active"


def read_webhook(body: bytes) -> Webhook:
    """Raises Unreadable. An event without type, id or time is left out: nobody could handle it."""
    try:
        read = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(str(error)) from None
    return Webhook(read.destination, [event for raw in read.events if (event := read_event(bytes(raw))) is not None])


def read_event(raw: bytes) -> LineEvent | None:
    try:
        frame, details = msgspec.json.decode(raw, type=_Frame), msgspec.json.decode(raw, type=Json)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    is_id = 0 < len(frame.webhook_event_id) <= 64 and "\0" not in frame.webhook_event_id
    if not is_id or not 0 <= frame.timestamp <= _LAST_MS:
        return None
    user_id = (frame.source or {}).get("userId")
    return LineEvent(
        id=frame.webhook_event_id,
        type=frame.type,
        at=_EPOCH + timedelta(milliseconds=frame.timestamp),
        user_id=user_id if isinstance(user_id, str) else None,
        reply_token=frame.reply_token,
        is_active=frame.mode == "active",
        details=details,
        raw=raw,
    )
