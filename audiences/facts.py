"""The facts of a member: one narrow row, which the flows that change them keep (facts.sql). Pure."""

from datetime import date, datetime

import msgspec

from ids import MemberId, ProgramId, StoreId


class MemberFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Of one person: a member, and all who became them.

    `is_active`: not blocked and not closed. `last_purchase_at`: of what was not given back whole, as `purchases` and
    `spend` (minor units). `points`: as posted. `rank_code`: as written down. `stamps`: all that stand, on all cards.
    `coupons_used`: how often one was used at a till: a coupon may be used several times.
    """

    member_id: MemberId
    program_id: ProgramId
    is_active: bool
    may_profile: bool
    home_store_id: StoreId | None
    joined_at: datetime
    visits: int
    first_visit_on: date | None
    last_visit_on: date | None
    purchases: int
    spend: int
    last_purchase_at: datetime | None
    points: int
    rank_code: str | None
    stamps: int
    coupons_issued: int
    coupons_used: int


def begin_facts(member_id: MemberId, program_id: ProgramId, joined_at: datetime) -> MemberFacts:
    """Of somebody active who lets themself be profiled, and has done nothing yet."""
    return MemberFacts(
        member_id=member_id,
        program_id=program_id,
        is_active=True,
        may_profile=True,
        home_store_id=None,
        joined_at=joined_at,
        visits=0,
        first_visit_on=None,
        last_visit_on=None,
        purchases=0,
        spend=0,
        last_purchase_at=None,
        points=0,
        rank_code=None,
        stamps=0,
        coupons_issued=0,
        coupons_used=0,
    )


class FactsDelta(msgspec.Struct, kw_only=True):
    """What a flow has added to a member's facts. `has_rewards`: points, stamps or rank may have changed too; then the
    flow holds the lock of the member's account. `points`: what stands there by then; None: it is asked, or the same.
    `is_of_one_member`: the flow holds the member and knows that nobody became them; false: it is asked.
    """

    visits: int = 0
    first_visit_on: date | None = None
    last_visit_on: date | None = None
    purchases: int = 0
    spend: int = 0
    last_purchase_at: datetime | None = None
    coupons_issued: int = 0
    coupons_used: int = 0
    has_rewards: bool = False
    points: int | None = None
    is_of_one_member: bool = False

    @property
    def is_of_coupons_alone(self) -> bool:
        others = self.visits or self.purchases or self.spend or self.coupons_used or self.has_rewards
        return not others and self.points is None

    def add_visit(self, business_day: date) -> None:
        self.visits += 1
        self.first_visit_on = min(business_day, self.first_visit_on or business_day)
        self.last_visit_on = max(business_day, self.last_visit_on or business_day)

    def note_points(self, held_points: int | None, *, alone: bool) -> None:
        """What a member's account holds after they have earned. None: their program has no accounts. `alone`: it has no
        stamps and no ranks.
        """
        if held_points is not None:
            self.has_rewards, self.points = self.has_rewards or not alone, held_points

    def add_purchase(self, amount: int, at: datetime) -> None:
        self.purchases += 1
        self.spend += amount
        self.last_purchase_at = max(at, self.last_purchase_at or at)


def visit_cycle_days(facts: MemberFacts) -> float | None:
    """The days between two visits, on average; None before the second."""
    if facts.visits < 2 or facts.first_visit_on is None or facts.last_visit_on is None:
        return None
    return (facts.last_visit_on - facts.first_visit_on).days / (facts.visits - 1)
