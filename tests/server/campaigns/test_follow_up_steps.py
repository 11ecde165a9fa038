"""Follow-up steps as the staff write them: what cannot be is refused, with the field named."""

from typing import Any

import pytest

from coupons.campaigns.follow_ups import find_loop
from ids import CampaignId
from kit.ids import new_id
from tests.support.expectations import expect_problem
from tests.support.world import Chain, Json, campaign_body

WORDS = {"kind": "message", "text": {"ja": {"title": "お忘れなく", "body": "金曜日まで"}}, "messages": {}}
UNFILLED = {"en": {"title": "{name}", "body": "b"}}
BY_STEP = {"kind": "follow_up"}


def step(**changes: Any) -> Json:
    return {"after_hours": 120, "when": "unused", "action": WORDS} | changes


def gives(campaign_id: object, **changes: Any) -> Json:
    return step(action={"kind": "offer", "campaign_id": str(campaign_id)}, **changes)


async def refuses(chain: Chain, field: str, **changes: Any) -> None:
    refused = await chain.owner.post("/v1/campaigns", campaign_body(**changes))
    expect_problem(refused, 400, "invalid-request")
    assert field in refused.json()["detail"]


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([step(after_hours=0)], "follow_ups[0].after_hours"),
        ([step(), step(after_hours=366 * 24 + 1)], "follow_ups[1].after_hours"),
        ([step(after_hours=1)] * 11, "follow_ups"),
        ([step(when="perhaps")], "follow_ups[0].when"),
        ([step(action={"kind": "message", "text": {}})], "follow_ups[0].action.text"),
        (
            [step(action=WORDS | {"text": UNFILLED})],
            "follow_ups[0].action.text.en.title",
        ),
        ([step(when="used"), step(after_hours=48)], "follow_ups[1]"),  # when the coupon is over, after a week
        ([gives(new_id())], "follow_ups[0].action.campaign_id"),
    ],
)
async def test_steps_that_cannot_be(chain: Chain, steps: list[Json], field: str) -> None:
    await refuses(chain, field, follow_ups=steps)
    assert await chain.world.count("campaigns", chain.id) == 0


async def test_what_a_step_offers_waits_for_steps_and_never_comes_back_to_itself(chain: Chain) -> None:
    plain, over = await chain.add_campaign(), await chain.add_campaign(trigger=BY_STEP, state="ended")
    for other in (plain, over):
        await refuses(chain, "follow_ups[0].action.campaign_id", follow_ups=[gives(other)])
    last = await chain.add_campaign(trigger=BY_STEP)
    middle = await chain.add_campaign(trigger=BY_STEP, follow_ups=[gives(last)])
    first = await chain.add_campaign(follow_ups=[step(), gives(middle, when="not_back")])
    shown = (await chain.owner.get(f"/v1/campaigns/{first}")).json()["follow_ups"]
    assert shown == [step(), gives(middle, when="not_back")]
    for offered in (middle, last):
        loop = await chain.owner.patch(f"/v1/campaigns/{last}", {"follow_ups": [step(), gives(offered)]})
        expect_problem(loop, 400, "invalid-request")
        assert "follow_ups[1].action.campaign_id" in loop.json()["detail"]
    other_trigger = await chain.owner.patch(f"/v1/campaigns/{last}", {"trigger": {"kind": "enter"}})
    expect_problem(other_trigger, 400, "invalid-request")
    assert (await chain.owner.patch(f"/v1/campaigns/{last}", {"state": "ended"})).status_code == 200


def test_a_loop_is_found_wherever_it_closes() -> None:
    a, b, c, d = sorted(CampaignId(new_id()) for _ in range(4))
    assert find_loop(a, {a: {b}, b: {c}, c: {d}}) is None
    assert find_loop(a, {a: {b, d}, b: {c}, c: {b}, d: set()}) is None  # not by way of this one
    assert find_loop(a, {a: {b}, b: {c, d}, d: {a}}) == [a, b, d, a]
    assert find_loop(a, {a: {a}}) == [a, a]
