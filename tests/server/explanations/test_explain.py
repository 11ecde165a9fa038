"""Explanations over the API: of decisions that are kept, of what kept any from being made, and who may ask."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.expectations import expect_problem
from tests.support.stage import set_stage, walk_in
from tests.support.world import Chain, Json

NEVER: Json = {"mon": []}


def about(**body: object) -> Json:
    return {name: str(value) for name, value in body.items()}


async def test_a_decision_is_told_with_its_rule_and_what_would_have_to_differ(chain: Chain) -> None:
    store_id = await chain.add_store(opening_hours=NEVER)
    await chain.add_geofence(store_id)
    picky = await chain.add_campaign(only_when_open=True)
    audience = {"name": "Regulars", "tree": {"type": "and", "of": [
        {"type": "consent", "purpose": "push"}, {"type": "coupon", "state": "used"}]}}  # fmt: skip
    audience_id = (await chain.owner.post("/v1/audiences", audience)).json()["id"]
    chosen = await chain.add_campaign(audience_id=audience_id, only_when_open=False)
    her, him = await chain.enrol(), await chain.enrol()
    for member in (her, him):
        await walk_in(member)

    told = (await chain.owner.post(f"/v1/campaigns/{picky}/explain", about(member_id=her.id))).json()
    (decision,) = told["decisions"]
    assert (decision["outcome"], decision["store_id"], told["absences"]) == ("store_closed", str(store_id), [])
    assert "entered" in decision["happened"]["en"]
    assert "the store was closed" in decision["why"]["en"]
    assert "営業時間内" in decision["change"]["ja"]

    told = (await chain.owner.post(f"/v1/campaigns/{chosen}/explain", about(member_id=him.id))).json()
    (refused,) = told["decisions"]
    assert refused["outcome"] == "not_in_audience"
    assert refused["change"]["en"] == "This would have to hold before the event: a coupon was used."

    counted = (await chain.owner.post(f"/v1/campaigns/{picky}/explain", about(store_id=store_id))).json()
    assert [(each["outcome"], each["times"]) for each in counted["outcomes"]] == [("store_closed", 2)]
    assert "…" in counted["outcomes"][0]["why"]["ja"]


async def test_where_there_is_no_decision_it_is_told_what_stood_in_the_way(chain: Chain) -> None:
    here = await chain.add_store()
    await chain.add_geofence(here)
    elsewhere = await chain.add_store()
    anywhere, there = await chain.add_campaign(), await chain.add_campaign(store_ids=[str(elsewhere)])
    draft = await chain.add_campaign(state="draft")
    exits = await chain.add_campaign(trigger={"kind": "exit"})
    her, shy, absent = await chain.enrol(), await chain.enrol(), await chain.enrol()
    await walk_in(her)
    refusal = {"consents": [{"purpose": "location", "granted": False, "text_version": "2"}]}
    assert (await shy.app.put("/v1/me/consents", refusal)).is_success

    async def reasons(campaign_id: object, **body: object) -> list[str]:
        told = (await chain.owner.post(f"/v1/campaigns/{campaign_id}/explain", about(**body))).json()
        return [each["reason"] for each in told["absences"]]

    assert await reasons(there, member_id=her.id) == ["came_elsewhere"]
    assert await reasons(exits, member_id=her.id) == ["something_else_happened"]
    assert await reasons(anywhere, member_id=shy.id) == ["no_location_consent"]
    assert await reasons(anywhere, member_id=absent.id) == ["no_location"]
    assert await reasons(draft, store_id=here) == ["not_started"]
    assert await reasons(there, store_id=here) == ["other_store"]
    assert await reasons(anywhere, store_id=elsewhere) == ["no_geofence"]
    long_ago = datetime.now(UTC) - timedelta(days=40)
    assert await reasons(anywhere, member_id=her.id, at=long_ago.isoformat()) == ["not_kept"]


async def test_a_coupon_is_told_with_its_variant_and_what_became_of_its_message(chain: Chain) -> None:
    store_id = await chain.add_store()
    await chain.add_geofence(store_id)
    campaign_id = await chain.add_campaign()
    tried = {"variants": [{"code": "coffee", "share": 1}]}
    assert (await chain.owner.put(f"/v1/campaigns/{campaign_id}/experiment", tried)).is_success
    path, member = f"/v1/campaigns/{campaign_id}/explain", await chain.enrol()
    await walk_in(member)
    (decision,) = (await chain.owner.post(path, about(member_id=member.id))).json()["decisions"]
    assert (decision["outcome"], decision["variant"]) == ("issued", "coffee")
    assert (decision["message"]["state"], decision["message"]["reason"]) == ("dropped", "unreachable")
    assert decision["message"]["told"]["ja"].startswith("メッセージは送信していません")
    manager = (await chain.add_person("store_manager", store_id)).session
    (decision,) = (await manager.post(path, about(member_id=member.id, store_id=store_id))).json()["decisions"]
    assert decision["message"] is None, "why no phone rang is the member's affair"


async def test_a_campaign_is_told_as_it_was_then(chain: Chain) -> None:
    campaign_id = await chain.add_campaign(state="paused")
    member = await chain.enrol()
    path = f"/v1/campaigns/{campaign_id}/explain"

    async def absences() -> list[tuple[str, str]]:
        told = (await chain.owner.post(path, about(member_id=member.id))).json()
        return [(each["reason"], each["why"]["en"]) for each in told["absences"]]

    assert [reason for reason, _ in await absences()] == ["paused", "no_location"]
    assert (await chain.owner.patch(f"/v1/campaigns/{campaign_id}", {"state": "running"})).is_success
    (off, sentence), *_ = await absences()
    assert off == "off_for_a_while"
    assert "for the whole of that time: not from 20" in sentence


async def test_what_happened_elsewhere_hides_nothing_of_the_store_that_is_asked_about(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all that happened so much is read; what is asked about is not among the newest."""
    monkeypatch.setattr("server.explanations.explain.MOST", 1)
    here, elsewhere = await chain.add_store(), await chain.add_store()
    for store_id in (here, elsewhere):
        await chain.add_geofence(store_id)  # a door for all of them
    exits = await chain.add_campaign(trigger={"kind": "exit"}, store_ids=[str(here)])
    enters = await chain.add_campaign()
    her = await chain.enrol()
    await walk_in(her)
    manager = (await chain.add_person("store_manager", here)).session
    for table, moment in (("transitions", "received_at"), ("decisions", "decided_at")):
        await chain.world.pool.execute(
            f"UPDATE {table} SET {moment} = {moment} - interval '1 minute' WHERE store_id = $1", here
        )

    for caller, body in ((manager, {"store_id": here}), (chain.owner, {"store_id": here}), (chain.owner, {})):
        told = (await caller.post(f"/v1/campaigns/{exits}/explain", about(member_id=her.id, **body))).json()
        assert [each["reason"] for each in told["absences"]] == ["something_else_happened"]
    (decision,) = (
        await manager.post(f"/v1/campaigns/{enters}/explain", about(member_id=her.id, store_id=here))
    ).json()["decisions"]
    assert decision["store_id"] == str(here)


async def test_a_manager_is_not_told_which_condition_somebody_misses(chain: Chain) -> None:
    store_id = await chain.add_store()
    await chain.add_geofence(store_id)
    audience = {"name": "Regulars", "tree": {"type": "coupon", "state": "used"}}
    audience_id = (await chain.owner.post("/v1/audiences", audience)).json()["id"]
    path = f"/v1/campaigns/{await chain.add_campaign(audience_id=audience_id)}/explain"
    her = await chain.enrol()
    await walk_in(her)
    manager = (await chain.add_person("store_manager", store_id)).session
    asked = about(member_id=her.id, store_id=store_id)
    assert "a coupon was used" in (await chain.owner.post(path, asked)).text
    (told,) = (await manager.post(path, asked)).json()["decisions"]
    assert (told["outcome"], "coupon was used" in str(told)) == ("not_in_audience", False)


async def test_a_manager_asks_about_their_stores_and_learns_of_nothing_else(chain: Chain) -> None:
    stage = await set_stage(chain)
    other = await chain.add_store()
    campaign_id = await chain.add_campaign(trigger={"kind": "cross"})
    manager = (await chain.add_person("store_manager", stage.store_id)).session
    path = f"/v1/campaigns/{campaign_id}/explain"
    refusal = {"consents": [{"purpose": "location", "granted": False, "text_version": "2"}]}
    assert (await stage.member.app.put("/v1/me/consents", refusal)).is_success

    expect_problem(await manager.post(path, about(member_id=stage.member.id)), 403, "forbidden")
    expect_problem(await manager.post(path, about(store_id=other)), 403, "forbidden")
    expect_problem(await manager.post(path, {}), 400, "invalid-request")
    expect_problem(
        await manager.post(path, about(store_id=stage.store_id, at="2026-11-21T09:00:00")), 400, "invalid-request"
    )
    told = await manager.post(path, about(store_id=stage.store_id, member_id=stage.member.id))
    assert told.status_code == 200
    assert "no_location_consent" not in told.text
