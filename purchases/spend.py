"""Points that were spent at a till, and how many of them have been given back. Values only."""

from datetime import datetime
from uuid import UUID

import msgspec

from ids import MemberId, StoreId, TillId


class Spend(msgspec.Struct, frozen=True, kw_only=True):
    """Points that a member paid with under a receipt."""

    id: UUID
    member_id: MemberId
    store_id: StoreId
    till_id: TillId
    receipt: str
    points: int
    spent_at: datetime


class SpendState(msgspec.Struct, frozen=True):
    """How many points were spent, and how many of them have been given back in all."""

    points: int
    voided: int

    @property
    def left(self) -> int:
        return self.points - self.voided
