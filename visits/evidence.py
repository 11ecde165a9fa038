"""Evidence that a member was at a store: what a till scanned, or what the member's phone showed. Values only."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from ids import CouponId, DeviceId, MemberId, ProgramId, ScanId, StoreId, TillId
from visits.trust import Doubt, EvidenceKind, Trust
from visits.visit import Visit


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """`coupon_ids`: what it earned."""

    id: ScanId
    visit: Visit
    kind: EvidenceKind
    till_id: TillId | None
    device_id: DeviceId | None
    trust: Trust
    doubts: Sequence[Doubt]
    coupon_ids: Sequence[CouponId]
    at: datetime


class Scan(msgspec.Struct, frozen=True):
    """A till's scan, as far as a purchase asks for it."""

    kind: EvidenceKind
    at: datetime


class TillScan(msgspec.Struct, frozen=True, kw_only=True):
    """A till's scan that may be undone. `undo_result`: the answer to its undo; None: it is not undone."""

    id: ScanId
    member_id: MemberId
    store_id: StoreId
    business_day: date
    program_id: ProgramId
    at: datetime
    undo_result: str | None

    @property
    def visit(self) -> Visit:
        return Visit(
            member_id=self.member_id,
            store_id=self.store_id,
            business_day=self.business_day,
            program_id=self.program_id,
            first_at=self.at,
        )


class StoreScan(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence for a visit at a store: a card that a till read, a store QR that a member scanned, or a dwell."""

    id: ScanId
    """The id of the evidence."""
    member_id: MemberId
    """The member."""
    store_id: StoreId
    """The store."""
    business_day: date
    """The store's business day to which it belongs."""
    kind: EvidenceKind
    """How the member was seen."""
    at: datetime
    """When."""
    trust: Trust
    """How far this evidence is believed."""
    doubts: list[Doubt]
    """What speaks against it."""
    undone_at: datetime | None
    """When the till undid it: it counts for nothing since. Null: it counts."""
