"""What campaigns that hear of one event have in common is worked out once: each is decided as if it were alone."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import EveryNthVisit, NthVisit, Visit, read_trigger
from coupons.campaigns.event_hours import EventHours
from coupons.campaigns.triggers import COUNTED, TriggerEvent, TriggerKind, event_of
from coupons.campaigns.visit_counts import VisitCounts
from coupons.issuing.rules import EventRules, is_for_all_who_hear, listens
from coupons.issuing.validity import ForDays, ForSeconds, UntilMoment
from kit.ids import new_id
from tests.support.campaigns import CAMPAIGN, EVENT, NOON, PLACE, STORE, at, decide

# Of every field that a rule reads several values, those that refuse and those that make other terms.
VALUES: Mapping[str, tuple[Any, ...]] = {
    "starts_at": (at(1), NOON),
    "ends_at": (NOON, at(1), None),
    "max_event_age_s": (0, 30, 900),
    "on_first_fix": (False, True),
    "only_when_open": (True, False),
    "hours": ([EventHours([6, 7])], [EventHours([5])], ()),
    "except_days": ([NOON.date()], ()),
    "min_trust_level": (4, 1),
    "allow_anonymous": (False, True),
    "coupon_validity": (UntilMoment(NOON), UntilMoment(at(60)), ForSeconds(2), ForDays(2)),
    "frequency": ("once", "daily", "weekly", "monthly", "rolling"),
    "every_days": (3, 4),
    "cooldown_s": (60, 600),
    "trigger": (Visit(), NthVisit(n=2), EveryNthVisit(n=2)),
    "store_ids": (frozenset([STORE]), frozenset([new_id()])),
}
STEPS: tuple[TriggerKind, ...] = ("enter", "exit", "visit", "stay", "cross")
EVENTS: tuple[dict[str, Any], ...] = (
    {},
    {"event_at": at(-20)},
    {"is_first_fix": True},
    {"is_verified": False},
    {"period_key": "card:1"},
    {"trigger": "birthday"},
    {"trigger": "visit", "trust_level": 2, "visits": VisitCounts({(STORE, 2): 3, (STORE, 5): 1})},
)


@pytest.mark.parametrize("changes", EVENTS, ids=",".join)
@pytest.mark.parametrize("is_open", [True, False])
def test_each_campaign_is_decided_as_if_it_were_alone(changes: dict[str, Any], is_open: bool) -> None:
    event, place = msgspec.structs.replace(EVENT, **changes), msgspec.structs.replace(PLACE, is_open=is_open)
    # A counted visit is looked at by each of them, so that numbers meet all else that may differ.
    campaigns = [
        msgspec.structs.replace(CAMPAIGN, **{"trigger": trigger, name: value})
        for trigger in VALUES["trigger"]
        for name, values in VALUES.items()
        for value in values
    ]
    for ordered in (campaigns, campaigns[::-1]):
        rules = EventRules(event, place)
        assert [rules.decide(each) for each in ordered] == [decide(each, event, place) for each in ordered]


def a_campaign(kind: TriggerKind) -> Campaign:
    settings = {"stay": '{"minutes": 30}', "nth_visit": '{"n": 2}', "every_nth_visit": '{"n": 2}'}
    return msgspec.structs.replace(CAMPAIGN, trigger=read_trigger(kind, settings.get(kind, "{}")))


@pytest.mark.parametrize(
    "changes",
    [{}, {"campaign_id": new_id()}, {"trust_level": 3, "former_trust_level": 2}, {"minutes": 20}],
    ids=",".join,
)
def test_nobody_is_left_unasked_who_might_not_listen(changes: dict[str, Any]) -> None:
    for kind in (*COUNTED, *STEPS):
        event: TriggerEvent = msgspec.structs.replace(EVENT, trigger=event_of(kind), **changes)
        assert listens(a_campaign(kind), event) or not is_for_all_who_hear(event)
    assert is_for_all_who_hear(EVENT)
