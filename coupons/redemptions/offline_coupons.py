"""A coupon that a till without a line can judge: what the program signs of it, and how a till verifies that. Pure.

docs/offline-coupons.md specifies every byte. The program signs with the key that signs the cards' certificates
(Ed25519, RFC 8032), so a till needs public keys, the terms of the campaigns and what it knows of used coupons.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from coupons.coupon_codes import read_spelling, spell
from coupons.redemptions.conditions import UseHours, is_within
from ids import CampaignId, CouponId, MemberId

PREFIX = "N1F"
VERSION = 1
# Tills' clocks may differ from the program's by so much: a coupon may be used as soon as it is issued.
CLOCK_LAG = timedelta(seconds=60)

_BODY_BYTES = 1 + 2 + 3 * 16 + 2 * 4 + 1 + 2 * 5
_SIGNATURE_BYTES = 64
_SIGNED = b"noren-offline-coupon-1\0"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

OfflineRefusal = Literal[
    "foreign_program", "forged", "revoked", "terms_unknown", "voided", "withdrawn", "expired", "too_early",
    "other_store", "outside_hours", "redeemed",
]  # fmt: skip


class OfflineCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """`variant_version` 0: none. `usable_from` and `expires_at` are whole seconds."""

    key_id: bytes
    member_id: MemberId
    coupon_id: CouponId
    campaign_id: CampaignId
    campaign_version: int
    variant_version: int
    uses: int
    usable_from: datetime
    expires_at: datetime
    signature: bytes = b""

    @property
    def body(self) -> bytes:
        """What the program signs, without the prefix."""
        ids = self.member_id.bytes + self.coupon_id.bytes + self.campaign_id.bytes
        versions = self.campaign_version.to_bytes(4) + self.variant_version.to_bytes(4)
        times = _seconds(self.usable_from).to_bytes(5) + _seconds(self.expires_at).to_bytes(5)
        return bytes([VERSION]) + self.key_id + ids + versions + bytes([self.uses]) + times

    @property
    def terms_key(self) -> tuple[CampaignId, int, int]:
        return self.campaign_id, self.campaign_version, self.variant_version

    def to_text(self) -> str:
        return PREFIX + spell(self.body + self.signature)


class ProgramKey(msgspec.Struct, frozen=True):
    """One of the program's public keys, 32 bytes."""

    public_key: bytes
    is_revoked: bool


class OfflineTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a till has of the coupons of one version of a campaign. `is_here`: its store takes them."""

    is_here: bool
    time_zone: str
    hours: Sequence[UseHours] = ()
    withdrawn_at: datetime | None = None


def sign_offline_coupon(signing_key: Ed25519PrivateKey, bare: OfflineCoupon) -> OfflineCoupon:
    return msgspec.structs.replace(bare, signature=signing_key.sign(_SIGNED + bare.body))


def read_offline_coupon(text: str) -> OfflineCoupon | None:
    """None for what is not spelled as we spell it. Says nothing of the signature."""
    raw = read_spelling(text, PREFIX, _BODY_BYTES + _SIGNATURE_BYTES)
    if raw is None or raw[0] != VERSION:
        return None
    usable_from, expires_at = (_moment(int.from_bytes(raw[at : at + 5])) for at in (60, 65))
    if usable_from is None or expires_at is None:
        return None
    return OfflineCoupon(
        key_id=raw[1:3],
        member_id=MemberId(UUID(bytes=raw[3:19])),
        coupon_id=CouponId(UUID(bytes=raw[19:35])),
        campaign_id=CampaignId(UUID(bytes=raw[35:51])),
        campaign_version=int.from_bytes(raw[51:55]),
        variant_version=int.from_bytes(raw[55:59]),
        uses=raw[59],
        usable_from=usable_from,
        expires_at=expires_at,
        signature=raw[_BODY_BYTES:],
    )


def judge_signature(
    coupon: OfflineCoupon, keys: Mapping[bytes, ProgramKey]
) -> Literal["foreign_program", "forged", "revoked"] | None:
    """Whether the program of these keys has signed it."""
    key = keys.get(coupon.key_id)
    if key is None:
        return "foreign_program"
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(coupon.signature, _SIGNED + coupon.body)
    except InvalidSignature:
        return "forged"
    return "revoked" if key.is_revoked else None


def judge_offline(
    coupon: OfflineCoupon,
    keys: Mapping[bytes, ProgramKey],
    terms: OfflineTerms | None,
    uses_left: int | Literal["voided"] | None,
    now: datetime,
) -> OfflineRefusal | None:
    """What a till does before it takes a coupon. `terms` None: it has none for `coupon.terms_key`, and must sync.

    `uses_left`: as its list has it, less what it has taken since; None: neither knows anything of the coupon. The list
    also says that the staff have voided it.
    """
    refusal = judge_signature(coupon, keys)
    if refusal is not None:
        return refusal
    if coupon.expires_at <= now:  # terms are not kept for ever
        return "expired"
    if terms is None:
        return "terms_unknown"
    if uses_left == "voided":
        return "voided"
    left = coupon.uses if uses_left is None else uses_left
    reasons: tuple[tuple[OfflineRefusal, bool], ...] = (
        ("redeemed", left <= 0),
        ("withdrawn", terms.withdrawn_at is not None and terms.withdrawn_at <= now),
        ("other_store", not terms.is_here),
        ("too_early", is_before_use(coupon, now)),
        ("outside_hours", not is_within(terms.hours, now.astimezone(ZoneInfo(terms.time_zone)))),
    )
    return next((reason for reason, applies in reasons if applies), None)


def is_before_use(coupon: OfflineCoupon, at: datetime) -> bool:
    return at < coupon.usable_from - CLOCK_LAG


def _seconds(at: datetime) -> int:
    return int((at - _EPOCH) / timedelta(seconds=1))


def _moment(seconds: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None
