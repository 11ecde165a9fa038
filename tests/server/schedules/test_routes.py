"""The staff start a campaign's run, follow it, stop and resume it; and what is refused."""

from typing import Any

import pytest

from ids import CampaignId
from kit.ids import new_id
from tests.support.expectations import expect_problem
from tests.support.world import Chain, Json, campaign_body

BROADCAST = {"trigger": {"kind": "broadcast"}}


def runs_of(campaign_id: CampaignId) -> str:
    return f"/v1/campaigns/{campaign_id}/runs"


async def start(chain: Chain, campaign_id: CampaignId, **body: Any) -> Json:
    answer = await chain.owner.post(runs_of(campaign_id), body)
    assert answer.status_code == 202, answer.text
    started: Json = answer.json()
    return started


async def test_a_run_is_started_followed_stopped_and_resumed(chain: Chain, rival: Chain) -> None:
    campaign_id = await chain.add_campaign(**BROADCAST)
    path = runs_of(campaign_id)
    answers = [
        await chain.owner.post(path, {"speed": {"kind": "per_hour", "members": 9}}, key="once") for _ in range(2)
    ]
    started = answers[0].json()
    assert answers[1].json() == started
    assert (started["state"], started["progress"], started["occasion"]) == ("waiting", None, started["id"])
    one = f"{path}/{started['id']}"
    for verb, state in (("stop", "stopped"), ("stop", "stopped"), ("resume", "waiting"), ("resume", "waiting")):
        repeated = [(await chain.owner.post(f"{one}/{verb}", key=f"{verb}-{state}")).json() for _ in range(2)]
        assert repeated[0] == repeated[1]
        assert repeated[0]["state"] == state
    assert (await chain.owner.get(one)).json()["speed"] == {"kind": "per_hour", "members": 9}
    newer = await start(chain, campaign_id, speed={"kind": "local_time", "at": "10:00"})
    assert [each["id"] for each in (await chain.owner.get(path)).json()["items"]] == [newer["id"], started["id"]]
    await chain.world.pool.execute(
        "UPDATE campaign_runs SET state = 'done', ended_at = now() WHERE campaign_id = $1", campaign_id
    )
    assert (await chain.owner.get(one)).json()["progress"] == 1.0
    for verb in ("stop", "resume"):
        expect_problem(await chain.owner.post(f"{one}/{verb}"), 409, "run-over")
    for call in (
        rival.owner.get(path),
        rival.owner.post(path, {}),
        rival.owner.get(one),
        rival.owner.post(f"{one}/stop"),
        rival.owner.post(f"{one}/resume"),
        chain.owner.get(f"{path}/{new_id()}"),
        chain.owner.get(f"{runs_of(await chain.add_campaign(**BROADCAST))}/{started['id']}"),
    ):
        expect_problem(await call, 404, "not-found")


async def test_a_store_manager_sends_out_what_is_their_stores(chain: Chain) -> None:
    store_id, other = await chain.add_store(), await chain.add_store()
    manager = (await chain.add_person("store_manager", store_id)).session
    own = await chain.add_campaign(**BROADCAST, store_ids=[str(store_id)])
    assert (await manager.post(runs_of(own), {})).status_code == 202
    for campaign_id, status in (
        (await chain.add_campaign(**BROADCAST), 403),
        (await chain.add_campaign(**BROADCAST, store_ids=[str(store_id), str(other)]), 403),
        (await chain.add_campaign(**BROADCAST, store_ids=[str(other)]), 404),
    ):
        run = await start(chain, campaign_id)
        one = f"{runs_of(campaign_id)}/{run['id']}"
        answers = [await manager.post(runs_of(campaign_id), {}), await manager.post(f"{one}/stop")]
        assert [answer.status_code for answer in answers] == [status, status]
        assert (await chain.owner.get(one)).json()["state"] == "waiting"


async def test_what_is_refused(chain: Chain) -> None:
    campaign_id = await chain.add_campaign(**BROADCAST)
    path = runs_of(campaign_id)
    for body, status, slug in (
        ({"speed": {"kind": "over_minutes", "minutes": 0}}, 400, "invalid-request"),
        ({"speed": {"kind": "over_minutes", "minutes": 10_081}}, 400, "invalid-request"),
        ({"speed": {"kind": "local_time", "at": "24:00"}}, 400, "invalid-request"),
        ({"speed": {"kind": "per_hour"}}, 400, "invalid-request"),
        ({"speed": {"kind": "now", "minutes": 5}}, 400, "invalid-request"),
        ({"speed": "fast"}, 400, "invalid-request"),
        ({"audience_version": 1}, 400, "invalid-request"),
        ({"audience_id": str(new_id())}, 422, "audience-unknown"),
    ):
        expect_problem(await chain.owner.post(path, body), status, slug)
    other = await chain.owner.post(runs_of(await chain.add_campaign()), {})
    expect_problem(other, 422, "campaign-not-for-broadcasts")
    for changes in ({"state": "draft"}, {"state": "paused"}, {"starts_at": "2999-01-01T00:00:00Z"}):
        resting = await chain.add_campaign(**BROADCAST, **{"ends_at": None, **changes})
        expect_problem(await chain.owner.post(runs_of(resting), {}), 409, "campaign-not-running")
    assert (await chain.owner.get(path)).json()["items"] == []


SCHEDULE: Json = {"kind": "schedule", "first_at": "2026-12-04T18:00"}


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        (SCHEDULE | {"first_at": "2026-02-30T18:00"}, "a day that there is"),
        (SCHEDULE | {"first_at": "2026-12-04T18:00Z"}, "first_at"),
        (SCHEDULE | {"rule": "FREQ=SECONDLY"}, "FREQ=DAILY or rarer"),
        (SCHEDULE | {"rule": "FREQ=WEEKLY"}, "COUNT or UNTIL"),
        (
            SCHEDULE | {"rule": "FREQ=WEEKLY;COUNT=9", "clock": "member", "speed": {"kind": "per_hour", "members": 9}},
            "speed",
        ),
        (SCHEDULE | {"clock": "moon"}, "clock"),
        ({"kind": "birthday", "days_before": 61}, "days_before"),
        ({"kind": "birthday", "at": "9:00"}, "at"),
        ({"kind": "lapsed"}, "days"),
        ({"kind": "lapsed", "days": 0}, "days"),
        ({"kind": "rank_reached", "rank": "platinum"}, "trigger.rank"),
        ({"kind": "coupon_expiring", "campaign_id": str(new_id())}, "trigger.campaign_id"),
        ({"kind": "joined", "days": 3}, "days"),
    ],
)
async def test_a_trigger_that_cannot_be_carried_out(chain: Chain, trigger: Json, words: str) -> None:
    body = chain_body(trigger)
    refused = expect_problem(await chain.owner.post("/v1/campaigns", body), 400, "invalid-request")
    assert words in refused["detail"]


async def test_every_kind_of_time_is_written_and_read_alike(chain: Chain) -> None:
    other = await chain.add_campaign()
    store = await chain.add_store()
    for trigger in (
        SCHEDULE | {"rule": None, "clock": "store", "speed": {"kind": "now"}},
        SCHEDULE | {"rule": "FREQ=WEEKLY;BYDAY=FR;COUNT=9", "clock": "member", "speed": {"kind": "now"}},
        {"kind": "birthday", "days_before": 7, "at": "09:30"},
        {"kind": "lapsed", "days": 30, "at": "10:00"},
        {"kind": "points_expiring", "days_before": 7, "at": "10:00"},
        {"kind": "coupon_expiring", "campaign_id": str(other), "days_before": 3, "at": "10:00"},
        {"kind": "rank_expiring", "days_before": 14, "at": "10:00"},
        {"kind": "rank_reached", "rank": None},
        {"kind": "joined"},
        {"kind": "claimed"},
    ):
        campaign_id = await chain.add_campaign(trigger=trigger, store_ids=[str(store)], ends_at=None)
        assert (await chain.owner.get(f"/v1/campaigns/{campaign_id}")).json()["trigger"] == trigger


async def test_a_schedule_by_the_stores_clock_wants_one(chain: Chain) -> None:
    stores = [str(await chain.add_store()), str(await chain.add_store(time_zone="America/New_York"))]
    body = chain_body(SCHEDULE) | {"store_ids": stores}
    refused = expect_problem(await chain.owner.post("/v1/campaigns", body), 400, "invalid-request")
    assert "each time zone" in refused["detail"]
    by_members = chain_body(SCHEDULE | {"clock": "member"}) | {"store_ids": stores}
    assert (await chain.owner.post("/v1/campaigns", by_members)).status_code == 201


def chain_body(trigger: Json) -> Json:
    return campaign_body(trigger=trigger, ends_at=None)
