"""How many one-time codes go out: to a contact, for a member, from a network, and of a program. Pure.

A code by text message costs money, and each is a chance for five guesses: whoever asks for codes to many people's
contacts, or to numbers that are dear to reach, comes to the program's bounds, and its owners are told. A fifth of them
is kept for members who prove themselves by contacts that they have, so that such an attack does not shut them out.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import msgspec

from ids import MemberId
from members.contacts import ContactKind

# Of whom codes are counted. `phone_hour` and the like: of a program; `abroad_day`: to numbers of other countries;
# `phone_told`: how often its owners were told that it has come to its bound.
CountKind = Literal[
    "phone", "email", "member", "staff", "network",
    "phone_hour", "phone_day", "email_hour", "email_day", "abroad_day", "phone_told", "email_told",
]  # fmt: skip
Scope = Literal["contact", "member", "network", "program"]

# With 5 tries a code: 50 guesses a day at a million codes, however many people guess.
MAX_CODES = 10
WINDOW = timedelta(hours=24)
RESEND_AFTER = timedelta(seconds=60)
HOUR = timedelta(hours=1)
# A mobile network has many members behind one address.
_LEAST_OF_A_NETWORK = 20
_LEAST_ABROAD = 5


class CodeCaps(msgspec.Struct, frozen=True):
    """How many codes a program sends in an hour and in a day at most: so many by text message, as many by e-mail."""

    hour: int
    day: int


class CodeLimit(msgspec.Struct, frozen=True, kw_only=True):
    """At most so many in a window that begins with its first, and `pause` between two.

    `told_at`: at which counts the program's owners are told.
    """

    scope: Scope
    kind: CountKind
    value_hash: bytes
    most: int
    window: timedelta = WINDOW
    pause: timedelta = timedelta(0)
    told_at: Sequence[int] = ()


class CodeBound(msgspec.Struct, frozen=True, kw_only=True):
    """A code that is about to go to a contact. `network_hash`: of whoever asks; None: it is not known.

    `is_proof`: it goes to a contact that the member has, to prove by it that it is them. `is_abroad`: to a number of
    another country than the program's.
    """

    kind: ContactKind
    value_hash: bytes
    member_id: MemberId
    network_hash: bytes | None
    is_proof: bool
    is_abroad: bool


def limits_of(bound: CodeBound, caps: CodeCaps) -> list[CodeLimit]:
    """All that hold for it, in the order in which they are locked."""
    limits = [
        CodeLimit(scope="contact", kind=bound.kind, value_hash=bound.value_hash, most=MAX_CODES, pause=RESEND_AFTER),
        CodeLimit(scope="member", kind="member", value_hash=bound.member_id.bytes, most=MAX_CODES),
    ]
    if bound.network_hash is not None:
        most = max(_LEAST_OF_A_NETWORK, caps.hour // 5)
        limits.append(CodeLimit(scope="network", kind="network", value_hash=bound.network_hash, most=most, window=HOUR))
    if bound.is_abroad:
        limits.append(_of_program("abroad_day", max(_LEAST_ABROAD, caps.day // 10), WINDOW))
    hour: CountKind = "phone_hour" if bound.kind == "phone" else "email_hour"
    day: CountKind = "phone_day" if bound.kind == "phone" else "email_day"
    shares = ((hour, caps.hour, HOUR), (day, caps.day, WINDOW))
    return limits + [_share(kind, cap, window, is_proof=bound.is_proof) for kind, cap, window in shares]


def telling_limit(kind: ContactKind) -> CodeLimit:
    """Owners are told of a bound once a day."""
    return _of_program("phone_told" if kind == "phone" else "email_told", 1, WINDOW)


def staff_limit(address_hash: bytes) -> CodeLimit:
    """Of a new password, to an address of the staff."""
    return CodeLimit(scope="contact", kind="staff", value_hash=address_hash, most=MAX_CODES, pause=RESEND_AFTER)


def _share(kind: CountKind, cap: int, window: timedelta, *, is_proof: bool) -> CodeLimit:
    """The last fifth is for proofs alone; of a cap below five nothing is kept."""
    of_others = cap - cap // 5
    limit = _of_program(kind, cap if is_proof else of_others, window)
    return msgspec.structs.replace(limit, told_at=(of_others, cap))


def _of_program(kind: CountKind, most: int, window: timedelta) -> CodeLimit:
    return CodeLimit(scope="program", kind=kind, value_hash=b"", most=most, window=window, told_at=(most,))
