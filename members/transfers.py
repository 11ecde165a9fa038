"""Transfers: somebody has confirmed a contact that leads to another member. Are they that member? Pure.

A phone number is given to somebody else some time after its owner has given it up, so who holds it proves only that
they hold it. `member_id` is who asks, `holder_id` the member to whom the contact leads.
"""

from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from ids import MemberId, ProgramId, TransferId
from members.contacts import ContactKind

# A number that was given up rests for 45 days at least in the United States (47 CFR 52.15(f)), in Japan longer.
SILENT_AFTER = timedelta(days=45)
# How long the member to whom the contact leads can object before what only somebody close would know is enough.
OBJECTION_PERIOD = timedelta(days=7)
LIFE = timedelta(days=30)
KEPT = timedelta(days=60)
# Wrong answers, and right ones, about one member's last visit in the time that transfers are open.
MAX_ANSWERS = 5
DAYS_OFF = 7

TransferState = Literal["open", "replaced", "proved", "declined", "objected"]


class Signs(msgspec.Struct, frozen=True):
    """Of a member's life: whether one of their phones may be in use, and when they were last seen."""

    has_phone: bool
    last_seen_at: datetime


class NewTransfer(msgspec.Struct, frozen=True, kw_only=True):
    member_id: MemberId
    id: TransferId
    program_id: ProgramId
    holder_id: MemberId
    kind: ContactKind
    value_hash: bytes
    objection_secret: bytes
    created_at: datetime


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """`answered_at`: when the question about the last visit was answered rightly. `approved_at`: when the staff made
    sure that it is the member who asks.
    """

    member_id: MemberId
    id: TransferId
    program_id: ProgramId
    holder_id: MemberId
    kind: ContactKind
    value_hash: bytes
    state: TransferState
    answered_at: datetime | None
    approved_at: datetime | None
    created_at: datetime

    @property
    def waits(self) -> bool:
        """It is believed as far as others than the member themselves could bring it: the week is still to pass."""
        return self.answered_at is not None or self.approved_at is not None

    @property
    def expires_at(self) -> datetime:
        return self.created_at + LIFE

    @property
    def completes_at(self) -> datetime:
        """From when on a right answer is enough, unless the member has objected."""
        return self.created_at + OBJECTION_PERIOD

    def is_open(self, now: datetime) -> bool:
        return self.state == "open" and now < self.expires_at


def is_doubtful(signs: Signs, now: datetime) -> bool:
    """Whether it must be proved that whoever has confirmed a member's contact is that member.

    A member who signed out on their last phone, or was at a till, a short while ago has not lost the number since.
    """
    return signs.has_phone or now - signs.last_seen_at > SILENT_AFTER


def is_near(answered: date, visited: date) -> bool:
    """People know about when they came, not on which day."""
    return abs((answered - visited).days) <= DAYS_OFF
