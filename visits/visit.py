"""A visit: a member was at a store on a business day. Values only."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from ids import MemberId, ProgramId, StoreId
from visits.trust import Doubt, EvidenceKind, Trust, reaches

VisitKey = tuple[MemberId, StoreId, date]


class Days(msgspec.Struct, frozen=True):
    """From a store's business day to another, both included; None: without a bound."""

    first: date | None = None
    last: date | None = None


EVERY_DAY = Days()


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """`first_at`: the time of the earliest evidence."""

    member_id: MemberId
    store_id: StoreId
    business_day: date
    program_id: ProgramId
    first_at: datetime

    @property
    def key(self) -> VisitKey:
        return self.member_id, self.store_id, self.business_day


class RecordedVisit(msgspec.Struct, frozen=True):
    """A visit that evidence has made or changed. `former` None: it was not there (`is_new`), or undone."""

    former: Trust | None
    earning_round: int
    is_new: bool


class LockedVisit(msgspec.Struct, frozen=True):
    """A visit under its lock. `remaining_*`: of the evidence that is not undone; None: nothing is left."""

    trust: Trust
    earning_round: int
    remaining_trust: Trust | None
    remaining_first_at: datetime | None

    def falls_below(self, min_trust: Trust) -> bool:
        """Whether what remains is not enough any more for what asked for `min_trust`."""
        if self.remaining_trust is None:
            return True
        return reaches(self.trust, min_trust) and not reaches(self.remaining_trust, min_trust)


class VisitTime(msgspec.Struct, frozen=True):
    """A visit as far as ranks count it."""

    member_id: MemberId
    store_id: StoreId
    business_day: date
    at: datetime


class MemberVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit of a member."""

    id: UUID
    """The id of the first evidence for the visit."""
    store_id: StoreId
    """The store."""
    business_day: date
    """The store's business day: a bar counts its last guests to the evening before."""
    first_at: datetime
    """The time of the earliest evidence."""
    trust: Trust
    """How far the visit is believed: as far as the best evidence for it."""
    reasons: list[EvidenceKind | Doubt]
    """The kinds of evidence for the visit, and what makes some of it doubtful."""
