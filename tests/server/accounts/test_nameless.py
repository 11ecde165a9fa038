"""Analysts read members without who they are."""

from tests.support.stage import AUDIENCE_TREE
from tests.support.world import Chain, campaign_body


async def test_an_analyst_lists_members_without_names_and_numbers(chain: Chain) -> None:
    member = await chain.enrol()
    await chain.owner.patch(f"/v1/members/{member.id}/profile", {"name": "佐藤花", "kana": "サトウハナ"})
    analyst = (await chain.add_person("analyst")).session
    (seen,) = (await chain.owner.get("/v1/members")).json()["items"]
    assert (seen["name"], seen["kana"], len(seen["card_number"])) == ("佐藤花", "サトウハナ", 13)
    (nameless,) = (await analyst.get("/v1/members")).json()["items"]
    assert nameless == seen | {"name": None, "kana": None, "card_number": None}
    summary = await analyst.get(f"/v1/members/{member.id}/summary")
    assert (summary.status_code, "佐藤" in summary.text) == (200, False)


async def test_only_an_owner_counts_an_audience_to_the_person(chain: Chain) -> None:
    await chain.enrol()
    tree = {"tree": AUDIENCE_TREE}
    counted = {}
    for role in ("owner", "marketer", "analyst"):
        answer = await (await chain.add_person(role)).session.post("/v1/audiences/count", tree)
        assert answer.status_code == 200, answer.text
        counted[role] = answer.json()
    assert counted["owner"]["in_steps_of"] != 10
    for role in ("marketer", "analyst"):
        assert (counted[role]["matching"], counted[role]["sample"], counted[role]["in_steps_of"]) == (0, None, 10)


async def test_a_marketer_makes_a_campaign_for_every_store(chain: Chain) -> None:
    marketer = (await chain.add_person("marketer")).session
    made = await marketer.post("/v1/campaigns", campaign_body())
    assert made.status_code == 201, made.text
    assert (await marketer.patch(f"/v1/campaigns/{made.json()['id']}", {"state": "paused"})).status_code == 200
