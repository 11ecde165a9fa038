"""Devices: app installations. Each holds an opaque token of which only the SHA-256 is stored. Pure."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from ids import DeviceId, MemberId, ProgramId
from kit.locales import Locale

# How long the former token still works after a rotation: a phone whose answer got lost may ask again with it.
FORMER_TOKEN_LIFE = timedelta(hours=1)
# How exactly it is known when a device was last seen: it is written once in so long.
SEEN_EVERY = timedelta(days=1)
# `web`: a browser, which gets web push through FCM.
Platform = Literal["ios", "android", "web"]
PushTokenKind = Literal["registration", "fid"]
# `dropped`: FCM knows it no longer. `disabled`: it belongs to another Firebase project.
PushTokenState = Literal["active", "dropped", "disabled"]


class NewDevice(msgspec.Struct, frozen=True, kw_only=True):
    member_id: MemberId
    id: DeviceId
    program_id: ProgramId
    platform: Platform
    locale: Locale
    token_hash: bytes
    created_at: datetime
    language: str | None = None
    app_version: str | None = None


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """`language`: a BCP 47 tag, where the phone speaks another than our own texts; None: that of `locale`.
    `app_version`: as the app tells it; None: it has told none.

    `last_seen_at`: when it last asked for something, or up to `SEEN_EVERY` before.
    """

    member_id: MemberId
    id: DeviceId
    program_id: ProgramId
    platform: Platform
    locale: Locale
    language: str | None = None
    app_version: str | None = None
    push_token_kind: PushTokenKind | None
    push_token_state: PushTokenState | None
    created_at: datetime
    last_seen_at: datetime
    token_hash: bytes


def is_news(last_seen_at: datetime, now: datetime) -> bool:
    """Whether it is to be written that a device that was last seen then is seen now."""
    return last_seen_at <= now - SEEN_EVERY
