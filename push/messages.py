"""The push that goes to one device. Pure."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

TokenKind = Literal["registration", "fid"]

# https://firebase.google.com/docs/cloud-messaging/concept-options: 4096 bytes of notification and data, 28 days.
MAX_PAYLOAD_BYTES = 4096
MAX_TTL_S = 28 * 24 * 3600
# A picture's address: what is left of a payload before a push carries one.
IMAGE_BYTES = 512


class PushLook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How phones treat a push; None: as the app has set it. `expires_after_s`: how long the push service keeps it for a
    phone that is off, if that is shorter than it is worth sending.
    """

    android_channel: str | None = None
    thread_id: str | None = None
    interruption_level: Literal["passive", "active", "time-sensitive"] = "active"
    badge: int | None = None
    expires_after_s: int | None = None


PLAIN = PushLook()


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rendered text as the outbox stores it (`outbox.payload`)."""

    title: str
    body: str
    locale: str
    data: Mapping[str, str]
    tag: Annotated[str, msgspec.Meta(max_length=64)]  # APNs takes 64 bytes
    image_path: str | None = None
    look: PushLook = PLAIN


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one push token. `data` carries what lets the app drop a second copy of the same push.

    `image_path`: of a picture on our own server, which the phone loads and shows.
    `is_web`: to a browser. A notification with the same `tag` replaces the one that is shown, so a second copy is not
    seen as one.
    """

    token: str
    token_kind: TokenKind
    title: str
    body: str
    locale: str
    data: Mapping[str, str]
    tag: str
    ttl_s: int
    image_path: str | None = None
    look: PushLook = PLAIN
    is_web: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.ttl_s <= MAX_TTL_S:
            raise ValueError(f"ttl_s lies outside 0..{MAX_TTL_S}: {self.ttl_s}")


def payload_bytes(push: Push) -> int:
    """The size in bytes that FCM's limit speaks of: notification and data as JSON."""
    return len(msgspec.json.encode({"notification": {"title": push.title, "body": push.body}, "data": push.data}))
