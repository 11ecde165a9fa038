"""What APNs' answer to a pass's push means: sent, unregistered, to be tried again, or failed. Pure.

From Apple's "Handling notification responses from APNs". A push of a pass says nothing but "ask me"; so one that is
given up costs no more than that the phone asks later by itself.
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from kit.retry import backoff_s, with_jitter

MAX_ATTEMPTS = 12
_FIRST_WAIT_S, _LONGEST_WAIT_S = 2.0, 3600.0
_THROTTLED_WAIT_S = 60.0
# 410 means that the phone holds the pass no more; these, that the token was never one of this topic.
_UNUSABLE_TOKEN = frozenset({"BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken"})

ApnsState = Literal["sent", "unregistered", "retryable", "failed"]


class ApnsAnswer(msgspec.Struct, frozen=True):
    """`status` 0: none came; `reason` is then the kind of fault. `retry_after_s` where it was said."""

    status: int
    reason: str = ""
    retry_after_s: float | None = None


class ApnsOutcome(msgspec.Struct, frozen=True):
    """`retry_at` with `retryable` only. `is_our_fault`: the certificate or the request, so all others fail as well."""

    state: ApnsState
    retry_at: datetime | None = None
    is_our_fault: bool = False


def judge_apns(answer: ApnsAnswer, *, attempts: int, now: datetime, jitter: float) -> ApnsOutcome:
    """`attempts` counts this one; `jitter` from 0 to 1."""
    if answer.status == 200:
        return ApnsOutcome("sent")
    if answer.status == 410 or answer.reason in _UNUSABLE_TOKEN:
        return ApnsOutcome("unregistered")
    is_our_fault = 400 <= answer.status < 500 and answer.status != 429
    if attempts >= MAX_ATTEMPTS:
        return ApnsOutcome("failed", None, is_our_fault)
    wait_s = _LONGEST_WAIT_S if is_our_fault else backoff_s(attempts, first_s=_FIRST_WAIT_S, max_s=_LONGEST_WAIT_S)
    if answer.status == 429:
        wait_s = max(wait_s, _THROTTLED_WAIT_S)
    wait_s = max(with_jitter(wait_s, jitter, spread=1), min(answer.retry_after_s or 0.0, _LONGEST_WAIT_S))
    return ApnsOutcome("retryable", now + timedelta(seconds=wait_s), is_our_fault)
