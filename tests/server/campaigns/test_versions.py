"""A campaign's versions: what a change is, who made it, what is left out of it, and of which version it was meant."""

from typing import Any

import pytest

from ids import CampaignId
from tests.support.bodies import example_of
from tests.support.expectations import expect_problem
from tests.support.stage import walk_in
from tests.support.world import Chain, Json, campaign_body

STAMP_CARDS = example_of("updateStampCards")


async def versions(chain: Chain, campaign_id: CampaignId, **page: str) -> Json:
    listed: Json = (await chain.owner.get(f"/v1/campaigns/{campaign_id}/versions", **page)).json()
    return listed


async def test_what_is_left_out_stays_and_null_clears(chain: Chain) -> None:
    until = "2099-01-01T00:00:00Z"
    campaign_id = await chain.add_campaign(cooldown_s=60, frequency="daily", ends_at=until, coupon_valid_days=2)
    path = f"/v1/campaigns/{campaign_id}"
    was = (await chain.owner.get(path)).json()
    changed = (await chain.owner.patch(path, {"name": "Rain", "ends_at": None, "coupon_valid_s": 60})).json()
    given = {"name": "Rain", "ends_at": None, "coupon_valid_s": 60, "coupon_valid_days": None, "version": 2}
    assert changed == was | given
    assert (await chain.owner.get(path)).json() == changed
    over = (await chain.owner.patch(path, {"ends_at": "2026-01-02T00:00:00Z"})).json()
    assert over["state"] == "ended"
    again = (await chain.owner.patch(path, {"ends_at": None, "version": over["version"]})).json()
    assert (again["state"], again["version"]) == ("running", 4), "what the staff chose has stayed"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": None}, "name"),
        ({"frequency": None}, "frequency"),
        ({"colour": "red"}, "colour"),
        ({"frequency": "rolling"}, "every_days"),
        ({"ends_at": "2025-12-31T00:00:00Z"}, "ends_at"),
        ({"coupon_valid_s": 60, "coupon_valid_days": 1}, "coupon_valid_s"),
        ({"trigger": {"kind": "visit", "n": 1}}, "n"),
        ({"audience_version": 1}, "audience_version"),
    ],
    ids=str,
)
async def test_a_change_that_cannot_be_names_its_field(chain: Chain, changes: dict[str, Any], field: str) -> None:
    campaign_id = await chain.add_campaign()
    refused = await chain.owner.patch(f"/v1/campaigns/{campaign_id}", changes)
    assert field in expect_problem(refused, 400, "invalid-request")["detail"]
    assert len((await versions(chain, campaign_id))["items"]) == 1


@pytest.mark.parametrize("name", ["store_ids", "conditions", "benefit"])
async def test_it_can_be_stopped_whatever_has_become_of_what_it_names(chain: Chain, name: str) -> None:
    closed, card = str(await chain.add_store()), STAMP_CARDS["cards"][0]["code"]
    assert (await chain.owner.put("/v1/program/stamp-cards", STAMP_CARDS)).status_code == 200
    named: Json = {
        "store_ids": [closed],
        "conditions": {"store_ids": [closed]},
        "benefit": {"kind": "extra_stamps", "stamp_card": card},
    }
    path = f"/v1/campaigns/{await chain.add_campaign(**{name: named[name]})}"
    assert (await chain.owner.delete(f"/v1/stores/{closed}")).status_code == 204
    assert (await chain.owner.put("/v1/program/stamp-cards", {"cards": []})).status_code == 200
    expect_problem(await chain.owner.patch(path, {"name": "Rain", "state": "paused"}))
    for state in ("paused", "ended"):
        assert (await chain.owner.patch(path, {"state": state})).json()["state"] == state


async def test_each_change_is_a_version_and_a_write_that_changes_nothing_is_none(chain: Chain) -> None:
    campaign_id = await chain.add_campaign()
    path = f"/v1/campaigns/{campaign_id}"
    for body, version in (({}, 1), ({"name": "Welcome"}, 1), ({"name": "Rain"}, 2), ({"state": "paused"}, 3)):
        assert (await chain.owner.patch(path, body)).json()["version"] == version, body
    assert (await chain.owner.put(path, campaign_body(name="Rain", state="paused"))).json()["version"] == 3
    refused = await chain.owner.patch(path, {"name": "Sun", "version": 2})
    assert expect_problem(refused, 409, "campaign-changed")["version"] == 3
    expect_problem(await chain.owner.put(path, campaign_body(version=2)), 409, "campaign-changed")
    assert (await chain.owner.patch(path, {"name": "Sun", "version": 3})).json()["version"] == 4

    listed = (await versions(chain, campaign_id))["items"]
    said = [(each["version"], each["campaign"]["name"], each["campaign"]["state"]) for each in listed]
    assert said == [(4, "Sun", "paused"), (3, "Rain", "paused"), (2, "Rain", "running"), (1, "Welcome", "running")]
    assert {each["changed_by"] for each in listed} == {listed[0]["changed_by"]} != {None}
    first = await versions(chain, campaign_id, limit="3")
    rest = await versions(chain, campaign_id, limit="3", cursor=first["next_cursor"])
    assert first["items"] + rest["items"] == listed
    assert rest["next_cursor"] is None
    counted = await chain.owner.post(f"{path}/withdrawal", {"unused_coupons": 0, "reason": {"en": "A slip"}})
    assert counted.status_code == 200
    assert (await versions(chain, campaign_id))["items"][0]["campaign"]["state"] == "ended"


async def test_a_coupon_is_of_the_version_that_issued_it(chain: Chain) -> None:
    await chain.add_geofence(await chain.add_store())
    campaign_id = await chain.add_campaign()
    early, late = await chain.enrol(), await chain.enrol()
    await walk_in(early)
    await chain.owner.patch(f"/v1/campaigns/{campaign_id}", {"offer": {"ja": {"title": "雨の日", "body": "傘"}}})
    await walk_in(late)
    rows = await chain.world.pool.fetch(
        "SELECT member_id, campaign_version FROM coupons WHERE campaign_id = $1", campaign_id
    )
    assert {row["member_id"]: row["campaign_version"] for row in rows} == {early.id: 1, late.id: 2}
