"""Of several campaigns of one exclusive group that answer one event of a member, the best one gives. Pure.

The best is the one with the highest priority, of those the first by id, among those that can give: whose coupon the
member has not had in this period or too lately, and of which there are some left. So when the hundred breakfasts of the
best campaign are gone, the hundred and first guest gets what the next one has, as a manager who ranks them expects.
Where none can give, the best by rank says why.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.issuing.rules import IssueOutcome


class Contender(msgspec.Struct, frozen=True):
    """`hindrance`: why it could not give; None: nothing is known."""

    campaign: Campaign
    hindrance: IssueOutcome | None


def find_winner(contenders: Sequence[Contender]) -> Contender:
    able = [each for each in contenders if each.hindrance is None]
    return min(able or contenders, key=_rank)


def _rank(contender: Contender) -> tuple[int, UUID]:
    return -contender.campaign.priority, contender.campaign.id
