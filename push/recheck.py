"""Whether a leased message may still be sent, to its device as it is now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from ids import CouponId, DeviceId, MemberId
from push.messages import IMAGE_BYTES, MAX_PAYLOAD_BYTES, MAX_TTL_S, Payload, Push, TokenKind, payload_bytes
from push.outcomes import Outcome


@dataclass(frozen=True, kw_only=True)
class LeasedMessage:
    """A message that this worker holds the lease of; `attempts` counts the one that begins.

    `coupon_code` is what a till scans.
    `payload` is None where the stored one cannot be read: one bad row must not stop the others.
    """

    member_id: MemberId
    id: UUID
    device_id: DeviceId
    coupon_id: CouponId
    coupon_code: str
    payload: Payload | None
    attempts: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Target:
    """The device, the member's word on pushes and what became of the coupon, read after the lease."""

    platform: str
    push_token: str | None
    push_token_kind: TokenKind | None
    push_token_state: str | None
    revoked_at: datetime | None
    member_state: str
    push_consent: bool
    is_coupon_withdrawn: bool


@dataclass(frozen=True)
class AttemptRecord:
    """What became of a leased message. `push_token` is the token that was used, None where nothing was sent."""

    message: LeasedMessage
    outcome: Outcome
    push_token: str | None = None
    provider_message_id: str | None = None


def recheck(
    message: LeasedMessage, target: Target | None, circuits: Mapping[str, datetime], now: datetime
) -> Push | Outcome:
    """Return the push to send, or what becomes of the message unsent. `circuits` says until when a platform rests."""
    if now >= message.expires_at:
        return Outcome("expired", failure="expired")
    if target is None:
        return Outcome("failed", failure="device_gone")
    refusal = _refuse(target)
    if refusal is not None:
        return refusal
    rests_until = circuits.get(target.platform, now)
    if rests_until >= message.expires_at:
        return Outcome("expired", failure="circuit_open")
    if rests_until > now:
        return Outcome("retryable", retry_at=rests_until, failure="circuit_open", deferred=True)
    if message.payload is None:
        return Outcome("failed", failure="payload_unreadable")
    if target.push_token is None or target.push_token_kind is None:
        return Outcome("failed", failure="no_token")
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
            "coupon_id": str(message.coupon_id),
            "coupon_code": message.coupon_code,
        },
        tag=message.payload.tag,
        ttl_s=min(MAX_TTL_S, int((message.expires_at - now).total_seconds())),
        image_path=message.payload.image_path,
    )
    if payload_bytes(push) > MAX_PAYLOAD_BYTES - IMAGE_BYTES:
        push = replace(push, image_path=None)  # the words are worth more
    if payload_bytes(push) > MAX_PAYLOAD_BYTES:
        return Outcome("failed", failure="payload_too_large")
    return push


def _refuse(target: Target) -> Outcome | None:
    if target.is_coupon_withdrawn:
        return Outcome("expired", failure="coupon_withdrawn")
    reason = _find_reason(target)
    return None if reason is None else Outcome("failed", failure=reason)


def _find_reason(target: Target) -> str | None:
    if target.revoked_at is not None:
        return "device_revoked"
    if target.member_state != "active":
        return "member_closed"
    if not target.push_consent:
        return "consent_withdrawn"
    if target.push_token_state in {"dropped", "disabled"}:
        return f"token_{target.push_token_state}"
    return None
