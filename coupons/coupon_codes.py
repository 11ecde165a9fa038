"""The code of a coupon, which a till scans from the phone. Pure.

    N1K + base32(member_id 16 B, coupon_id 16 B)               55 characters

It carries the member's id, so that the look-up is one of a primary key and, on a cluster, of one shard. Base32 without
padding is what a QR code packs well (alphanumeric mode). The card's codes are in cards.rotating_codes and cards.totp.
"""

from base64 import b32decode, b32encode
from uuid import UUID

import msgspec

from ids import CouponId, MemberId
from kit.scanned_text import clean_scanned

_COUPON = "N1K"
_COUPON_BYTES = 16 + 16


class CouponCode(msgspec.Struct, frozen=True):
    member_id: MemberId
    coupon_id: CouponId


def make_coupon_code(member_id: MemberId, coupon_id: CouponId) -> str:
    return _COUPON + _encode(member_id.bytes + coupon_id.bytes)


def read_coupon_code(text: str) -> CouponCode | None:
    raw = _decode(text, _COUPON, _COUPON_BYTES)
    return None if raw is None else CouponCode(MemberId(UUID(bytes=raw[:16])), CouponId(UUID(bytes=raw[16:])))


def _encode(raw: bytes) -> str:
    return b32encode(raw).rstrip(b"=").decode()


def _decode(text: str, prefix: str, length: int) -> bytes | None:
    body = clean_scanned(text).upper()
    if not body.startswith(prefix):
        return None
    body = body.removeprefix(prefix)
    try:
        raw = b32decode(body + "=" * (-len(body) % 8))
    except ValueError:
        return None
    # The last character carries unused bits: only the spelling that we write is taken.
    return raw if len(raw) == length and _encode(raw) == body else None
