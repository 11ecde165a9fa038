"""The code of a coupon, which a till scans from the phone. Pure.

    N1K + base32(member_id 16 B, coupon_id 16 B, MAC 13 B)     75 characters

It carries the member's id, so that the look-up is one of a primary key and, on a cluster, of one shard. The ids are no
secrets: the answer to an upload names the coupon and a locate token the member. The MAC is one, under a key of the
installation: whoever shows it was given it by us, as the member's app. 13 bytes end with a whole character, and make
the same QR as 8. Base32 without padding is what a QR code packs well (alphanumeric mode). The card's codes are in
cards.rotating_codes and cards.totp.
"""

import hmac
from base64 import b32decode, b32encode
from uuid import UUID

import msgspec

from ids import CouponId, MemberId
from kit.scanned_text import clean_scanned
from kit.sealing import Keyring

_COUPON = "N1K"
_IDS_BYTES = 16 + 16
_MAC_BYTES = 13
_PURPOSE = "coupon-code"
CODE_LENGTH = len(_COUPON) + (_IDS_BYTES + _MAC_BYTES) * 8 // 5


class CouponCode(msgspec.Struct, frozen=True):
    member_id: MemberId
    coupon_id: CouponId


def make_coupon_code(keyring: Keyring, member_id: MemberId, coupon_id: CouponId) -> str:
    """The same whenever it is made."""
    ids = member_id.bytes + coupon_id.bytes
    return _COUPON + spell(ids + _mac(keyring, ids))


def read_coupon_code(keyring: Keyring, text: str) -> CouponCode | None:
    """None for what is not a code that we made."""
    raw = read_spelling(text, _COUPON, _IDS_BYTES + _MAC_BYTES)
    if raw is None:
        return None
    ids, mac = raw[:_IDS_BYTES], raw[_IDS_BYTES:]
    if not hmac.compare_digest(mac, _mac(keyring, ids)):
        return None
    return CouponCode(MemberId(UUID(bytes=ids[:16])), CouponId(UUID(bytes=ids[16:])))


def _mac(keyring: Keyring, ids: bytes) -> bytes:
    return keyring.mac(_PURPOSE, ids)[:_MAC_BYTES]


def spell(raw: bytes) -> str:
    """In base32 without padding."""
    return b32encode(raw).rstrip(b"=").decode()


def read_spelling(text: str, prefix: str, length: int) -> bytes | None:
    """So many bytes, as a scanner read them; None for anything else."""
    body = clean_scanned(text).upper()
    if not body.startswith(prefix):
        return None
    body = body.removeprefix(prefix)
    try:
        raw = b32decode(body + "=" * (-len(body) % 8))
    except ValueError:
        return None
    # Only the spelling that we write is taken.
    return raw if len(raw) == length and spell(raw) == body else None
