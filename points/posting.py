"""What is read of a member's points, beside the account itself (points.ledger). Values only."""

from datetime import datetime
from uuid import UUID

import msgspec

from ids import MemberId, StoreId
from points.ledger import Cause, Kind


class PointPosting(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a member's points. A posting is never changed; a mistake is posted the other way."""

    id: UUID
    """The id of the posting. Ids grow with time."""
    kind: Kind
    """What was done: points were earned, spent, expired, adjusted by staff, reversed, or moved to another member."""
    points: int
    """The change of the balance; below zero: points went."""
    owed_change: int
    """The change of what the member owes; below zero: the posting settled a debt with points that came."""
    balance_after: int
    """The balance right after the posting."""
    cause: Cause
    """What it was done for."""
    store_id: StoreId | None
    """The store, where there is one."""
    reason: str | None
    """What the staff wrote, where they adjusted the points."""
    at: datetime
    """When it happened."""


class ExpiredPoints(msgspec.Struct, frozen=True):
    """Of points that expired at one moment: what was earned, less what was reversed, and what expired unspent.

    `id` is a posting of `member_id` by which they expired.
    """

    member_id: MemberId
    id: UUID
    earned: int
    expired: int


class Balance(msgspec.Struct, frozen=True):
    """The points that a member has."""

    balance: int
    """The points that can be spent now."""
    owed: int
    """Points that a refund could not take because they were spent: the next points that come settle them."""
    expiring_points: int
    """How many points of the balance expire first."""
    expires_at: datetime | None
    """When those expire; null: none do."""
