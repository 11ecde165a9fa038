"""The codes that a till scans: of a card, and of a coupon. Pure.

Each carries the member's id, so that the look-up is one of a primary key and, on a cluster, of one shard:

    card     N1C + base32(member_id 16 B, generation 2 B, mac 16 B)     58 characters
    coupon   N1K + base32(member_id 16 B, coupon_id 16 B)               55 characters

Base32 without padding is what a QR code packs best (alphanumeric mode). The card's mac is HMAC-SHA256 under the
installation's key, so nobody else can make a card; taking a new generation revokes the former code.
"""

import hmac
from base64 import b32decode, b32encode
from typing import Literal
from uuid import UUID

import msgspec

from kit.sealing import Keyring

_CARD, _COUPON = "N1C", "N1K"
_MAC_BYTES = 16
_CARD_BYTES = 16 + 2 + _MAC_BYTES
_COUPON_BYTES = 16 + 16
# Purpose of the derived key; changing it would void every card.
_PURPOSE = "card-code"


class CardCode(msgspec.Struct, frozen=True):
    member_id: UUID
    generation: int


class CouponCode(msgspec.Struct, frozen=True):
    member_id: UUID
    coupon_id: UUID


Fault = Literal["not_a_code", "forged"]


def make_card_code(keyring: Keyring, member_id: UUID, generation: int) -> str:
    body = member_id.bytes + generation.to_bytes(2)
    return _CARD + _encode(body + keyring.mac(_PURPOSE, body)[:_MAC_BYTES])


def read_card_code(keyring: Keyring, text: str) -> CardCode | Fault:
    """`not_a_code` for what was never a card's code, `forged` for what looks like one and is not ours."""
    raw = _decode(text, _CARD, _CARD_BYTES)
    if raw is None:
        return "not_a_code"
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not hmac.compare_digest(keyring.mac(_PURPOSE, body)[:_MAC_BYTES], mac):
        return "forged"
    return CardCode(UUID(bytes=body[:16]), int.from_bytes(body[16:]))


def make_coupon_code(member_id: UUID, coupon_id: UUID) -> str:
    return _COUPON + _encode(member_id.bytes + coupon_id.bytes)


def read_coupon_code(text: str) -> CouponCode | None:
    raw = _decode(text, _COUPON, _COUPON_BYTES)
    return None if raw is None else CouponCode(UUID(bytes=raw[:16]), UUID(bytes=raw[16:]))


def _encode(raw: bytes) -> str:
    return b32encode(raw).rstrip(b"=").decode()


def _decode(text: str, prefix: str, length: int) -> bytes | None:
    body = text.strip().upper()
    if not body.startswith(prefix):
        return None
    body = body.removeprefix(prefix)
    try:
        raw = b32decode(body + "=" * (-len(body) % 8))
    except ValueError:
        return None
    # The last character carries unused bits: only the spelling that we write is taken.
    return raw if len(raw) == length and _encode(raw) == body else None
