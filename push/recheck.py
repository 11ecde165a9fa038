"""Whether a leased message may still be sent, to its device as it is now. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from uuid import UUID

import msgspec

from ids import CampaignId, CouponId, DeviceId, MemberId, ProgramId
from push.governor import WAY_REFUSALS, CouponFate, DropReason, WayRefusal, find_refusal
from push.messages import IMAGE_BYTES, MAX_PAYLOAD_BYTES, MAX_TTL_S, Payload, Push, PushLook, TokenKind, payload_bytes
from push.outcomes import Outcome, Retirement


class LeasedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that this worker holds the lease of; `attempts` counts the one that begins.

    `coupon_code` is what a till scans. A test of the staff's has no coupon.
    `payload` is None where the stored one cannot be read: one bad row must not stop the others.
    `rings_until`: when quiet hours begin; None: never. `counted_on`: the member's day to whose cap it counts.
    `is_in_quota`: it has its place in the program's quota of a day. `attempts_before`: of before it was sent again.
    `reached`: the phones that have it already.
    `timed_from`: when what earned its coupon was received; None: something has held it back, so that how long it takes
    tells nothing. `outlives_use`: it is told though the coupon is used or was withdrawn.
    """

    member_id: MemberId
    id: UUID
    device_id: DeviceId
    coupon_id: CouponId | None
    campaign_id: CampaignId | None
    coupon_code: str | None
    payload: Payload | None
    attempts: int
    expires_at: datetime
    rings_until: datetime | None = None
    counted_on: date | None = None
    is_in_quota: bool = False
    priority: int = 0
    attempts_before: int = 0
    timed_from: datetime | None = None
    outlives_use: bool = False
    reached: Sequence[DeviceId] = ()


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A phone, the member's word on pushes and what became of the coupon, read after the lease.

    `quota`: how many messages its program sends a day, by the clock of `zone`; None: any number. `is_reached`: another
    phone of the member's has the message already.
    """

    device_id: DeviceId
    platform: str
    push_token: str | None
    push_token_kind: TokenKind | None
    is_reachable: bool
    is_active: bool
    push_consent: bool
    fate: CouponFate | None
    program_id: ProgramId
    quota: int | None
    zone: tzinfo
    is_reached: bool = False


class RetiredToken(msgspec.Struct, frozen=True):
    device_id: DeviceId
    push_token: str
    state: Retirement


class AttemptRecord(msgspec.Struct, frozen=True):
    """What became of a leased message. `reached`: the phones that have it now, where others are to be tried again."""

    message: LeasedMessage
    outcome: Outcome
    provider_message_id: str | None = None
    retired: Sequence[RetiredToken] = ()
    reached: Sequence[DeviceId] = ()


def recheck(
    message: LeasedMessage, target: Target | None, circuits: Mapping[str, datetime], now: datetime
) -> Push | Outcome:
    """Return the push to send, or what becomes of the message unsent. `circuits` says until when a platform rests."""
    reason = _find_refusal(message, target, now)
    if target is None or reason is not None:
        return Outcome("dropped", failure=reason, is_refusal=reason in WAY_REFUSALS)
    if message.rings_until is not None and now >= message.rings_until:
        return Outcome("deferred", retry_at=now, failure="quiet_hours", held_back=True)
    rests_until = circuits.get(target.platform, now)
    if rests_until >= message.expires_at:
        return Outcome("expired", failure="circuit_open")
    if rests_until > now:
        return Outcome("retryable", retry_at=rests_until, failure="circuit_open", held_back=True)
    if message.payload is None:
        return Outcome("failed", failure="payload_unreadable", is_refusal=True)
    if target.push_token is None or target.push_token_kind is None:
        return Outcome("dropped", failure="unreachable", is_refusal=True)
    push = Push(
        token=target.push_token,
        token_kind=target.push_token_kind,
        title=message.payload.title,
        body=message.payload.body,
        locale=message.payload.locale,
        # A push may arrive twice (FCM knows no idempotency key); by these two the app drops the second copy.
        data={
            **message.payload.data,
            "push_id": str(message.id),
            **_coupon_data(message),
        },
        tag=message.payload.tag,
        ttl_s=_ttl_s(message, message.payload.look, now),
        image_path=message.payload.image_path,
        look=message.payload.look,
        is_web=target.platform == "web",
    )
    size = payload_bytes(push)
    if size > MAX_PAYLOAD_BYTES:
        return Outcome("failed", failure="payload_too_large", is_refusal=True)
    if size > MAX_PAYLOAD_BYTES - IMAGE_BYTES:
        push = msgspec.structs.replace(push, image_path=None)  # the words are worth more
    return push


def _coupon_data(message: LeasedMessage) -> Mapping[str, str]:
    if message.coupon_code is None:
        return {}
    return {"coupon_id": str(message.coupon_id), "coupon_code": message.coupon_code}


def _find_refusal(message: LeasedMessage, target: Target | None, now: datetime) -> DropReason | None:
    if target is None:
        return "unreachable"
    return find_refusal(
        fate=target.fate,
        is_active=target.is_active,
        way_refusal=_way_refusal(target),
        good_until=message.expires_at,
        now=now,
    )


def _way_refusal(target: Target) -> WayRefusal | None:
    if not target.push_consent:
        return "no_consent"
    return None if target.is_reachable else "unreachable"


def _ttl_s(message: LeasedMessage, look: PushLook, now: datetime) -> int:
    longest = MAX_TTL_S if look.expires_after_s is None else min(MAX_TTL_S, look.expires_after_s)
    return min(longest, int((_rings_until(message) - now).total_seconds()))


def _rings_until(message: LeasedMessage) -> datetime:
    """A phone that was off must not ring for it later: the push service gives it up then."""
    return min(message.expires_at, message.rings_until or message.expires_at)
