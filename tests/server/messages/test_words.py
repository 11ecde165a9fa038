"""Words of a campaign that nobody could fill are refused as it is written, with the field named."""

from typing import Any

import pytest

from tests.support.expectations import expect_problem
from tests.support.world import Chain, campaign_body

AT_STORE = {"ja": {"title": "ようこそ", "body": "珈琲"}, "en": {"title": "Welcome", "body": "A cup at {store}"}}
BIRTHDAY = {"kind": "birthday"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"trigger": BIRTHDAY, "offer": AT_STORE}, "offer.en.body"),
        ({"offer": {"ja": {"title": "{name}様", "body": "珈琲"}}}, "offer.ja.title"),
    ],
)
async def test_a_placeholder_that_nothing_fills_is_refused(chain: Chain, changes: dict[str, Any], field: str) -> None:
    refused = await chain.owner.post("/v1/campaigns", campaign_body(**changes))
    expect_problem(refused, 400, "invalid-request")
    assert field in refused.json()["detail"]
    assert await chain.world.count("campaigns", chain.id) == 0


async def test_a_change_of_the_trigger_asks_for_other_words_of_the_campaign_and_its_variants(chain: Chain) -> None:
    path = f"/v1/campaigns/{await chain.add_campaign(offer=AT_STORE)}"
    refused = await chain.owner.patch(path, {"trigger": BIRTHDAY})
    expect_problem(refused, 400, "invalid-request")
    plain = {"en": {"title": "Welcome", "body": "A cup"}}
    variant = {"code": "b", "share": 1, "offer": AT_STORE}
    tried = await chain.owner.put(f"{path}/experiment", {"variants": [variant]})
    assert tried.status_code == 200, tried.text
    refused = await chain.owner.patch(path, {"trigger": BIRTHDAY, "offer": plain})
    expect_problem(refused, 400, "invalid-request")
    assert "variants[b].offer.en.body" in refused.json()["detail"]
    other = f"/v1/campaigns/{await chain.add_campaign(trigger=BIRTHDAY)}/experiment"
    expect_problem(await chain.owner.put(other, {"variants": [variant]}), 400, "invalid-request")
