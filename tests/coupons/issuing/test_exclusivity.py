"""Which of several campaigns of one group gives: rank, age, and what hinders the better ones."""

import msgspec
import pytest

from coupons.issuing.exclusivity import Contender, find_winner
from coupons.issuing.rules import IssueOutcome
from ids import CampaignId
from kit.ids import new_id
from tests.support.campaigns import CAMPAIGN

IDS = [CampaignId(new_id()) for _ in range(3)]


@pytest.mark.parametrize(
    ("ranks", "hindrances", "winner"),
    [
        ((1, 5, 3), (None, None, None), 1),
        ((5, 5, 5), (None, None, None), 0),
        ((1, 5, 3), (None, "already_issued", None), 2),
        ((1, 5, 3), (None, "cap_reached", "cooling_down"), 0),
        ((1, 5, 3), ("already_issued", "cap_reached", "cooling_down"), 1),
    ],
)
def test_the_best_that_can_give_wins(
    ranks: tuple[int, ...], hindrances: tuple[IssueOutcome | None, ...], winner: int
) -> None:
    campaigns = [
        msgspec.structs.replace(CAMPAIGN, id=campaign_id, priority=priority)
        for campaign_id, priority in zip(IDS, ranks, strict=True)
    ]
    contenders = [Contender(*each) for each in zip(campaigns, hindrances, strict=True)]
    assert find_winner(contenders[::-1]) is contenders[winner]
