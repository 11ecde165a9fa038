"""Which visit is the n-th: by stores, trust and what was before; and which of them a campaign answers."""

from typing import Any

import msgspec
import pytest

from coupons.campaigns.campaign_triggers import CountedTrigger, EveryNthVisit, FirstVisit, NthVisit
from coupons.campaigns.visit_counts import VisitCounts
from coupons.issuing.rules import CouponTerms, listens
from ids import StoreId
from kit.ids import new_id
from tests.support.campaigns import CAMPAIGN, EVENT, PLACE, STORE, decide

ELSEWHERE = StoreId(new_id())
COUNTS = VisitCounts({(STORE, 1): 2, (STORE, 5): 1, (ELSEWHERE, 5): 4}, before=10)


@pytest.mark.parametrize(
    ("store_ids", "min_trust", "number"),
    [(None, 0, 17), (None, 5, 15), ([STORE], 0, 3), ([STORE], 2, 1), ([ELSEWHERE], 1, 4), ([STORE, ELSEWHERE], 5, 5)],
)
def test_what_counts(store_ids: list[StoreId] | None, min_trust: int, number: int) -> None:
    assert COUNTS.number(store_ids, min_trust) == number


def test_before_a_visit_and_before_its_rise() -> None:
    assert COUNTS.without(STORE, 5, None).number([STORE], 0) == 2
    lower = COUNTS.without(STORE, 5, 1)
    assert (lower.number([STORE], 0), lower.number([STORE], 2)) == (3, 0)


@pytest.mark.parametrize(
    ("trigger", "visits", "event", "key"),
    [
        (FirstVisit(), 1, {}, "visit-1"),
        (FirstVisit(), 2, {}, None),
        (NthVisit(n=5), 4, {}, None),
        (NthVisit(n=5), 5, {}, "visit-5"),
        (NthVisit(n=5), 10, {}, None),
        (EveryNthVisit(n=5), 5, {}, "visit-5"),
        (EveryNthVisit(n=5), 10, {}, "visit-10"),
        (EveryNthVisit(n=5), 11, {}, None),
        (NthVisit(n=5), 5, {"trust_level": 0}, None),  # it does not count yet, so the fifth was the one before
        (NthVisit(n=5), 5, {"former_trust_level": 1}, None),  # it has counted before
        (NthVisit(n=5), 5, {"visits": None}, None),
        (NthVisit(n=5), 5, {"trigger": "enter"}, None),
    ],
)
def test_which_visit_a_campaign_answers(
    trigger: CountedTrigger, visits: int, event: dict[str, Any], key: str | None
) -> None:
    campaign = msgspec.structs.replace(CAMPAIGN, trigger=trigger)
    visit: dict[str, Any] = {"trigger": "visit", "trust_level": 1, "visits": VisitCounts({(STORE, 1): visits})}
    happened = msgspec.structs.replace(EVENT, **visit | event)
    assert listens(campaign, happened) is (key is not None)
    if key is not None:
        terms = decide(campaign, happened, PLACE)
        assert isinstance(terms, CouponTerms)
        assert terms.period_key == key
