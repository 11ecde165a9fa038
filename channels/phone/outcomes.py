"""What providers of SMS and calls answer and report, and what each means for a message. The one table. Pure.

They know no idempotency key: a message whose POST may have been taken is never posted again. So an answer counts as
"not taken" only where the provider says so, by a refusal of its own, or where no connection came about.
"""

import re
from typing import Literal

import msgspec

PhoneKind = Literal["sms", "voice"]
# `waiting`: not taken, and tried again. `sending`: being posted; one that is found so by the next attempt was posted by
# a process that died. `unknown`: it may have been taken. `accepted`, `sent`: by the provider, by it to the network.
SendState = Literal[
    "waiting", "sending", "unknown", "accepted", "sent",
    "delivered", "failed", "answered", "machine", "busy", "no_answer", "opted_out",
]  # fmt: skip
_ID = re.compile(r"[!-~]{1,200}", re.ASCII)
Fate = Literal["permanent", "transient", "unknown"]

# How far a message has come. Reports come in any order and more than once: none takes a message back. Of two final ones
# the first counts; only a "9" that was pressed goes beyond the end of its call.
_PROGRESS: dict[SendState, int] = {
    "waiting": 0, "sending": 1, "unknown": 2, "accepted": 3, "sent": 4, "delivered": 5, "failed": 5,
    "answered": 5, "machine": 5, "busy": 5, "no_answer": 5, "opted_out": 6,
}  # fmt: skip


class Verdict(msgspec.Struct, frozen=True):
    """`reason`: a word for the record."""

    fate: Fate
    reason: str


_NUMBER = "number_unusable"
_OURS = "sender_or_account"  # an owner can mend it; the message may still go then
# Error codes of the dialect (https://www.twilio.com/docs/api/errors), of answers and of reports alike.
_CODES: dict[int, Verdict] = {
    13223: Verdict("permanent", _NUMBER),
    13224: Verdict("permanent", _NUMBER),
    13227: Verdict("transient", _OURS),  # calls to this country are not allowed to the account
    14107: Verdict("transient", "rate"),
    20003: Verdict("transient", "credentials"),
    20005: Verdict("transient", _OURS),  # the account is not active
    20429: Verdict("transient", "rate"),
    20503: Verdict("transient", "unavailable"),
    21201: Verdict("permanent", _NUMBER),
    21205: Verdict("permanent", "bad_request"),
    21210: Verdict("transient", _OURS),
    21211: Verdict("permanent", _NUMBER),
    21212: Verdict("transient", _OURS),
    21214: Verdict("permanent", "unreachable"),
    21215: Verdict("transient", _OURS),
    21216: Verdict("permanent", "blocked"),
    21217: Verdict("permanent", _NUMBER),
    21219: Verdict("permanent", "not_allowed_on_trial"),
    21220: Verdict("permanent", "bad_request"),
    21401: Verdict("permanent", _NUMBER),
    21408: Verdict("transient", _OURS),  # messages to this country are not allowed to the account
    21421: Verdict("permanent", _NUMBER),
    21601: Verdict("transient", _OURS),
    21602: Verdict("permanent", "bad_request"),
    21603: Verdict("transient", _OURS),
    21604: Verdict("permanent", "bad_request"),
    21606: Verdict("transient", _OURS),
    21608: Verdict("permanent", "not_allowed_on_trial"),
    21610: Verdict("permanent", "opted_out"),
    21611: Verdict("transient", "queue_full"),
    21612: Verdict("permanent", "unreachable"),
    21614: Verdict("permanent", "landline"),
    21617: Verdict("permanent", "too_long"),
    21635: Verdict("permanent", "landline"),
    21659: Verdict("transient", _OURS),
    21660: Verdict("transient", _OURS),
    30001: Verdict("permanent", "queue_full"),
    30002: Verdict("permanent", _OURS),
    30003: Verdict("permanent", "unreachable"),
    30004: Verdict("permanent", "blocked"),
    30005: Verdict("permanent", _NUMBER),
    30006: Verdict("permanent", "landline"),
    30007: Verdict("permanent", "filtered"),
    30008: Verdict("permanent", "unknown_error"),
    30009: Verdict("permanent", "part_missing"),
    30010: Verdict("permanent", "too_dear"),
    30022: Verdict("transient", "rate"),
    30023: Verdict("transient", "day_limit"),
    30032: Verdict("transient", _OURS),
    30034: Verdict("transient", _OURS),
    30036: Verdict("permanent", "expired"),
    30410: Verdict("permanent", "unreachable"),
    30450: Verdict("permanent", "fraud_guard"),
    30453: Verdict("permanent", "fraud_guard"),
    32203: Verdict("permanent", "blocked"),
    60410: Verdict("permanent", "fraud_guard"),
    63038: Verdict("transient", "day_limit"),
}
# What an answer without a code that we know means. 500, 502 and 504 come from behind the door: what is behind it may
# have taken the message. 503 and 429 are the door itself.
_STATUSES: dict[int, Verdict] = {
    401: Verdict("transient", "credentials"),
    403: Verdict("transient", "credentials"),
    404: Verdict("transient", _OURS),
    408: Verdict("unknown", "http_408"),
    429: Verdict("transient", "rate"),
    503: Verdict("transient", "unavailable"),
}


def judge_answer(status: int, code: int | None) -> Verdict:
    """Of an answer to a POST that is no 2xx; `code` of its body, where it has one."""
    if status >= 500 and status != 503:
        return Verdict("unknown", f"http_{status}")
    if code in _CODES:
        return _CODES[code]
    if status in _STATUSES:
        return _STATUSES[status]
    if status < 400:  # something in front of the provider leads elsewhere: an operator can mend it
        return Verdict("transient", "redirected")
    return Verdict("permanent", f"http_{status}")


def read_provider_id(given: object) -> str | None:
    """The provider's id of a message; None for what cannot be one."""
    return given if isinstance(given, str) and _ID.fullmatch(given) else None


def reason_of(code: int | None) -> str | None:
    """The word for an error that a report names; None for none."""
    if code is None or code == 0:
        return None
    return _CODES[code].reason if code in _CODES else f"code_{code}"


_SMS_STATUSES: dict[str, SendState] = {
    "accepted": "accepted", "scheduled": "accepted", "queued": "accepted", "sending": "accepted", "sent": "sent",
    "delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed", "canceled": "failed",
}  # fmt: skip
_CALL_STATUSES: dict[str, SendState] = {
    "queued": "accepted", "initiated": "accepted", "ringing": "accepted", "in-progress": "accepted",
    "completed": "answered", "busy": "busy", "no-answer": "no_answer", "failed": "failed", "canceled": "failed",
}  # fmt: skip


def read_sms_status(status: str) -> SendState | None:
    """None for one that this table does not know: it says nothing."""
    return _SMS_STATUSES.get(status)


def read_call_status(status: str, answered_by: str | None) -> SendState | None:
    """`answered_by`: what the detection of answering machines found (`human`, `machine_end_beep`, `fax` …)."""
    state = _CALL_STATUSES.get(status)
    is_machine = answered_by is not None and answered_by.startswith(("machine", "fax"))
    return "machine" if state == "answered" and is_machine else state


def costs_nothing(kind: PhoneKind, state: SendState) -> bool:
    """Of what a provider took and reports on: a call that nobody took. A text that did not arrive was sent."""
    return kind == "voice" and state in ("busy", "no_answer", "failed")


def states_before(state: SendState) -> list[SendState]:
    """What a message may be in when `state` is reported of it, for that to be news."""
    return [each for each, progress in _PROGRESS.items() if progress < _PROGRESS[state]]
