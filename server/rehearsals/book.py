"""What would have been issued so far: keys, distances and caps, kept in memory as the tables would keep them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from coupons.campaigns.campaign import Campaign
from coupons.coupon import CouponKey, NewCoupon
from coupons.issuing.budgets import Budget, cap_of
from coupons.issuing.hindrances import find_hindrance, is_too_near
from coupons.issuing.rules import IssueOutcome
from ids import CampaignId, MemberId


class Book:
    """`share`: how many of all members are gone through, from 0 to 1: of a cap there is as large a part for them."""

    def __init__(self, players: Iterable[Campaign], share: float) -> None:
        self._campaigns: Mapping[CampaignId, Campaign] = {each.id: each for each in players}
        self._share = share
        self._issued: set[CouponKey] = set()
        self._earned_at: dict[tuple[MemberId, CampaignId], datetime] = {}
        self._taken: Counter[Budget] = Counter()
        self._former: defaultdict[Budget, float] = defaultdict(float)

    def find_hindrance(self, coupon: NewCoupon) -> IssueOutcome | None:
        return find_hindrance(
            is_too_near=is_too_near(coupon, self._earned_at.get(coupon.holder)),
            is_issued=coupon.key in self._issued,
            is_spent=any(self._is_spent(budget) for budget in coupon.budgets),
        )

    def note(self, coupon: NewCoupon) -> None:
        """It would have been issued."""
        self.note_former(coupon.key, coupon.event_at)
        self._taken.update(coupon.budgets)

    def note_former(self, key: CouponKey, earned_at: datetime) -> None:
        """It was issued before the time that is gone through."""
        member_id, campaign_id, _ = key
        self._issued.add(key)
        last = self._earned_at.get((member_id, campaign_id), earned_at)
        self._earned_at[member_id, campaign_id] = max(last, earned_at)

    def take_former(self, budgets: Iterable[Budget], coupons: int) -> None:
        """So many of all members' coupons took a place of these before."""
        for budget in budgets:
            self._former[budget] += coupons * self._share

    def _is_spent(self, budget: Budget) -> bool:
        cap = cap_of(self._campaigns[budget.campaign_id], budget)
        return self._taken[budget] + self._former[budget] >= cap * self._share
