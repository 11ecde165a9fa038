"""A check-in: evidence that a member was at a store, what it earned, and the visit that it belongs to."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ids import CouponId, DeviceId, MemberId, ProgramId, ScanId, StoreId, TillId
from purchases.purchase import Purchase
from server.rewards.earn import FullCard
from server.runtime.snapshot import Snapshot
from visits.business_days import business_day
from visits.trust import (
    Doubt,
    EvidenceKind,
    SeenBefore,
    Trust,
)
from visits.visit import Visit


class CheckIn(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence; a till's or a phone's. `at` is the event's time, `now` ours. `purchase`: written already.

    `doubts`: those that are known when the evidence is taken. `is_verified`: whether the member is, where that was seen
    as they were held; None: it is still to be asked. `seen_before`: what was known before anything was
    written; None: it is still to be looked up.
    """

    id: ScanId
    visit: Visit
    kind: EvidenceKind
    till_id: TillId | None = None
    device_id: DeviceId | None = None
    doubts: Sequence[Doubt] = ()
    is_verified: bool | None = None
    seen_before: SeenBefore | None = None
    at: datetime
    now: datetime
    purchase: Purchase | None = None

    @property
    def actor(self) -> str:
        return f"device:{self.device_id}" if self.till_id is None else f"till:{self.till_id}"


class CheckInOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """`scan_id` is its evidence's. `is_first`: it made the visit; else it only adds evidence.

    `points_balance`: after all check-ins of the list; None where nothing was posted, or the program has no points.
    `full_cards`: the stamp cards that it has filled.
    """

    scan_id: ScanId
    is_first: bool
    trust: Trust
    coupon_ids: Sequence[CouponId]
    points_earned: int
    points_balance: int | None
    full_cards: Sequence[FullCard]


def make_visit(
    snapshot: Snapshot, program_id: ProgramId, member_id: MemberId, store_id: StoreId, at: datetime
) -> Visit | None:
    """The visit that evidence of that moment belongs to; None where the store is closed for good."""
    store = snapshot.stores.get(store_id)
    if store is None:
        return None
    day = business_day(at.astimezone(store.time_zone), store.day_start_hour)
    return Visit(
        member_id=member_id,
        store_id=store_id,
        business_day=day,
        program_id=program_id,
        first_at=at,
    )


def visit_source_key(visit: Visit) -> str:
    """Under which it earns points and stamps."""
    return f"visit:{visit.store_id}:{visit.business_day}"
