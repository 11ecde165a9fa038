"""How often a campaign gives, by its trigger: what means nothing is refused, and says what to write."""

from typing import Any

import msgspec
import pytest

from coupons.campaigns.triggers import TRIGGERS, TriggerKind
from kit.ids import new_id
from server.campaigns.bodies import CampaignRequest
from server.campaigns.check_campaign import _check_frequency
from server.problems import Problem
from tests.support.world import campaign_body

SETTINGS: dict[str, dict[str, Any]] = {
    "stay": {"minutes": 30},
    "nth_visit": {"n": 5},
    "every_nth_visit": {"n": 5},
    "schedule": {"first_at": "2026-12-04T18:00"},
    "lapsed": {"days": 30},
    "coupon_expiring": {"campaign_id": str(new_id())},
}
ROLLING: dict[str, Any] = {"frequency": "rolling", "every_days": 7}
# What is said of how often, and the trigger's own say (`TriggerRule.once`) with which it means something.
SAID: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"frequency", "event", "event_apart"}),
    ({"frequency": "once"}, {"frequency", "event", "event_apart"}),
    ({"frequency": "daily"}, {"frequency"}),
    ({"frequency": "weekly"}, {"frequency"}),
    ({"frequency": "monthly", "cooldown_s": 3600}, {"frequency"}),
    (ROLLING, {"frequency", "event_apart"}),
    (ROLLING | {"cooldown_s": 3600}, {"frequency", "event_apart"}),
    ({"cooldown_s": 3600}, set()),
    ({"every_days": 7}, set()),
    ({"frequency": "rolling"}, set()),
]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_what_means_nothing_with_a_trigger_is_refused(trigger: TriggerKind) -> None:
    for said, with_these in SAID:
        body = campaign_body(trigger={"kind": trigger} | SETTINGS.get(trigger, {}), **said)
        data = msgspec.convert(body, CampaignRequest)
        if TRIGGERS[trigger].once in with_these:
            _check_frequency(data)
            continue
        with pytest.raises(Problem, match=r": (Leave out|Give) .*(frequency|every_days|cooldown_s)") as refused:
            _check_frequency(data)
        assert refused.value.slug == "invalid-request"
