"""What becomes of a message, its token and its platform's circuit after one attempt. Pure.

The table follows https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode and
https://firebase.google.com/docs/cloud-messaging/scale-fcm: 429 waits what Retry-After says, else a minute or
more; 500 and 503 wait what Retry-After says, else exponentially longer with jitter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from kit.retry import backoff_s, with_jitter
from push.sender import NO_ANSWER, PACED, STOPPED, SendError, SendResult

# Of the governor (push/governor.py): `deferred` goes back to it, `dropped` is its no, `refused` gets another channel.
State = Literal["sent", "retryable", "failed", "expired", "deferred", "dropped", "refused"]
Retirement = Literal["dropped", "disabled"]
Breaks = Literal["nothing", "platform", "project"]

PLATFORMS = ("ios", "android", "web")
BACKOFF_BASE_S = 1.0
BACKOFF_CAP_S = 900.0
# 1 s doubled up to the cap: sixteen attempts span about an hour and a half.
MAX_ATTEMPTS = 16


class Outcome(msgspec.Struct, frozen=True):
    """`retire` says what its token earned. `broken` platforms rest until `retry_at`.

    `held_back` marks a message that was not tried, which costs no attempt. `is_refusal`: it will never go this way.
    `may_be_out`: nobody knows that the phone did not get it.
    """

    state: State
    retry_at: datetime | None = None
    failure: str | None = None
    retire: Retirement | None = None
    broken: tuple[str, ...] = ()
    held_back: bool = False
    is_refusal: bool = False
    may_be_out: bool = False


@dataclass(frozen=True)
class Rule:
    """How one error is met: tried again after at least `floor_s`, or failed for good.

    `may_be_out`: perhaps it arrived.
    """

    retries: bool
    floor_s: float = 0.0
    retire: Retirement | None = None
    breaks: Breaks = "nothing"
    may_be_out: bool = False


RETRY = Rule(retries=True)
FAULTY = Rule(retries=True, may_be_out=True)
FAIL = Rule(retries=False)
SLOW_DOWN = Rule(retries=True, floor_s=60)
# The push may be on its way: a second copy comes only where nobody misses the first any more.
ASK_LATER = Rule(retries=True, floor_s=120, may_be_out=True)
# Our own credentials are refused: every message would meet the same answer.
CREDENTIALS = Rule(retries=True, floor_s=60, breaks="project")

RULES = {
    "UNREGISTERED": Rule(retries=False, retire="dropped"),
    "SENDER_ID_MISMATCH": Rule(retries=False, retire="disabled"),
    "INVALID_ARGUMENT": FAIL,
    "INVALID_MESSAGE": FAIL,
    # The project's APNs key is bad; only people can mend that, so try again now and then.
    "THIRD_PARTY_AUTH_ERROR": Rule(retries=True, floor_s=300, breaks="platform"),
    "APNS_AUTH_ERROR": Rule(retries=True, floor_s=300, breaks="platform"),
    "QUOTA_EXCEEDED": SLOW_DOWN,
    "RESOURCE_EXHAUSTED": SLOW_DOWN,
    "UNAUTHENTICATED": CREDENTIALS,
    "PERMISSION_DENIED": CREDENTIALS,
    "OAUTH_REFUSED": CREDENTIALS,
    "UNAVAILABLE": RETRY,
    "INTERNAL": FAULTY,
    "DEADLINE_EXCEEDED": FAULTY,
    NO_ANSWER: ASK_LATER,
}
_TOKEN_FIELDS = frozenset({"message.token", "message.fid"})


def judge(
    result: SendResult, *, attempts: int, platform: str, expires_at: datetime, now: datetime, jitter: float
) -> Outcome:
    """Decide what follows from one attempt.

    `attempts` counts this one; `jitter` is a random number in [0, 1) that spreads the retries of a batch.
    """
    error = result.error
    if error is None:
        return Outcome("sent")
    if error.code == STOPPED:
        return Outcome("retryable", retry_at=now, held_back=True)
    if error.code == PACED:
        retry_at = now + timedelta(seconds=error.retry_after_s or 0.0)
        return Outcome(
            "expired" if retry_at >= expires_at else "retryable", retry_at=retry_at, failure="paced", held_back=True
        )
    failure = error.code.lower()
    rule = rule_for(error)
    if not rule.retries:
        return Outcome("failed", failure=failure, retire=rule.retire, is_refusal=True)
    retry_at = now + timedelta(seconds=delay_s(error, rule, attempts, jitter))
    broken = {"nothing": (), "platform": (platform,), "project": PLATFORMS}[rule.breaks]
    state: State = "retryable"
    if attempts >= MAX_ATTEMPTS:
        state = "failed"
    elif retry_at >= expires_at:
        state = "expired"
    return Outcome(
        state, retry_at=retry_at, failure=failure, retire=rule.retire, broken=broken, may_be_out=rule.may_be_out
    )


def rule_for(error: SendError) -> Rule:
    if error.code == "INVALID_ARGUMENT" and _TOKEN_FIELDS.intersection(error.fields):
        return Rule(retries=False, retire="dropped")
    known = RULES.get(error.code)
    if known is not None:
        return known
    if error.status == 429:
        return SLOW_DOWN
    return FAULTY if error.status is None or error.status >= 500 else FAIL


def delay_s(error: SendError, rule: Rule, attempts: int, jitter: float) -> float:
    """Seconds to the next attempt: never less than the provider asked for, and up to half as much again."""
    wait_s = backoff_s(attempts, first_s=BACKOFF_BASE_S, max_s=BACKOFF_CAP_S)
    return with_jitter(max(wait_s, rule.floor_s if error.retry_after_s is None else error.retry_after_s), jitter)
