"""What Meta posts to a page's webhook, and what may be answered. Pure.

https://developers.facebook.com/docs/messenger-platform/webhooks. Only what a person does opens the window: a message,
a button, a link that they followed. What the page itself wrote comes back as an echo, and receipts say nothing new.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

# Free text may be sent for so long after the person's last message (Meta's "standard messaging window").
WINDOW = timedelta(hours=24)
MAX_TEXT = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = 253_402_300_799_000  # 9999-12-31

Json = dict[str, Any]


class Unreadable(Exception):
    """Signed, and yet not what Meta sends."""


class Contacted(msgspec.Struct, frozen=True, kw_only=True):
    """A person did something in the chat with the page. `ref`: of the link by which they came; None: by none."""

    page_id: str
    user_id: str
    at: datetime
    ref: str | None


class _Entry(msgspec.Struct):
    id: str
    messaging: list[Json] = []


class _Body(msgspec.Struct):
    object: str
    entry: list[_Entry]


def read_webhook(body: bytes) -> list[Contacted]:
    """Raises Unreadable. Events of kinds that open no window are left out."""
    try:
        read = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(str(error)) from None
    if read.object != "page":
        raise Unreadable("not of a page")
    found = (_read(entry.id, event) for entry in read.entry for event in entry.messaging)
    return [each for each in found if each is not None]


def is_open(last_wrote_at: datetime, now: datetime) -> bool:
    """Whether Meta still takes an answer. A moment is left for the way there."""
    return now < last_wrote_at + WINDOW - timedelta(minutes=1)


def _read(page_id: str, event: Json) -> Contacted | None:
    user_id, timestamp = _at(event, "sender", "id"), event.get("timestamp")
    if not isinstance(user_id, str) or not 0 < len(user_id) <= 100:
        return None
    if not isinstance(timestamp, int) or isinstance(timestamp, bool) or not 0 <= timestamp <= _LAST_MS:
        return None
    is_theirs = any(kind in event for kind in ("message", "postback", "referral", "optin", "reaction"))
    if not is_theirs or _at(event, "message", "is_echo") is True:
        return None
    refs = (_at(event, "referral", "ref"), _at(event, "postback", "referral", "ref"))
    ref = next((each for each in (*refs, _at(event, "message", "referral", "ref")) if isinstance(each, str)), None)
    return Contacted(page_id=page_id, user_id=user_id, at=_EPOCH + timedelta(milliseconds=timestamp), ref=ref)


def _at(event: Any, *path: str) -> Any:
    for name in path:
        event = event.get(name) if isinstance(event, dict) else None
    return event
