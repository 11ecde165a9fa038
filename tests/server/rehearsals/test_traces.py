"""A draft over a trace that somebody sends: the rules that judge a phone's fixes, and nothing is written."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.expectations import expect_problem
from tests.support.samples import AWAY, DOOR
from tests.support.world import Chain, Json

NOON = datetime.fromisoformat("2026-11-24T12:00:00+09:00")
CSV = {"Content-Type": "text/csv"}


def trace(*steps: tuple[int, Json], person: str = "", accuracy_m: str = "10") -> str:
    return "".join(
        f"{(NOON + timedelta(minutes=minute)).isoformat()},{place['lat']},{place['lon']},{accuracy_m},{person}\n"
        for minute, place in steps
    )


def table(*traces: str) -> bytes:
    return ("recorded_at,lat,lon,accuracy_m,person\n" + "".join(traces)).encode()


async def test_a_draft_over_a_trace(chain: Chain, rival: Chain) -> None:
    store_id, other = await chain.add_store(), await chain.add_store()
    await chain.add_geofence(store_id)
    hours = [{"weekdays": [1, 2, 3, 4, 5, 6, 7], "start": "11:00", "end": "14:00"}]
    draft = await chain.add_campaign(state="draft", hours=hours, frequency="daily")
    stays = await chain.add_campaign(state="draft", trigger={"kind": "stay", "minutes": 30})
    before = await chain.world.fingerprint()

    async def rehearse(body: bytes, campaign: Any = draft, caller: Any = chain.owner, **query: str) -> Any:
        path = f"/v1/campaigns/{campaign}/rehearse-trace"
        return await caller.call("POST", path, content=body, headers=caller.headers | CSV, params=query)

    lunch = trace((0, AWAY), (5, DOOR), (10, DOOR), (20, AWAY), (25, AWAY), (200, DOOR), person="A")
    unsure = trace((0, AWAY), (5, DOOR), person="B", accuracy_m="5000")
    told = (await rehearse(table(lunch, unsure))).json()
    assert (told["fixes"], told["persons"], told["coupons"]) == (8, 2, 1)
    steps = [(each["person"], each["kind"], each["outcome"]) for each in told["steps"]]
    assert [step for step in steps if step[1] == "enter"] == [("A", "enter", "issued"), ("A", "enter", "outside_hours")]
    assert ("A", "exit", None) in steps
    assert [(each["outcome"], each["times"]) for each in told["suppressed"]] == [("outside_hours", 1)]
    assert {"member", "former_coupons", "phone", "rules"} == {each["what"] for each in told["cannot_tell"]}

    silent = (await rehearse(table(trace((0, AWAY), (5, DOOR))), stays)).json()
    stayed = [(each["minutes"], each["outcome"], each["event_at"]) for each in silent["steps"] if each["minutes"]]
    assert stayed == [(30, "issued", "2026-11-24T03:35:00Z")], "silence after the last fix decides"
    assert await chain.world.fingerprint() == before

    member = await chain.enrol()
    audience = {"name": "New", "tree": {"type": "coupon", "state": "used"}}
    audience_id = (await chain.owner.post("/v1/audiences", audience)).json()["id"]
    picky = await chain.add_campaign(state="draft", audience_id=audience_id)
    named = (await rehearse(table(lunch), picky, member_id=str(member.id))).json()
    assert {each["outcome"] for each in named["suppressed"]} == {"not_in_audience"}
    assert named["messages"] != []

    tree = {
        "type": "and",
        "of": [{"type": "reachable", "by": "sms"}, {"type": "area", "center": [139.7, 35.69], "radius_m": 500}],
    }
    near = await chain.owner.post("/v1/audiences", {"name": "Near", "tree": tree})
    local = await chain.add_campaign(state="draft", audience_id=near.json()["id"])
    nobody = (await rehearse(table(lunch), local)).json()
    assert {each["outcome"] for each in nobody["suppressed"]} == {"audience_unknown"}, "nobody lives anywhere"

    manager = (await chain.add_person("store_manager", other)).session
    assert (await rehearse(table(lunch), caller=manager)).json()["steps"] == []
    expect_problem(await rehearse(table(lunch), caller=manager, member_id=str(member.id)), 403, "forbidden")
    expect_problem(await rehearse(table(lunch), caller=rival.owner), 404, "not-found")
    foreign = await rival.enrol()
    expect_problem(await rehearse(table(lunch), member_id=str(foreign.id)), 404, "not-found")
    expect_problem(await rehearse(table(lunch, unsure), member_id=str(member.id)), 400, "invalid-request")
    wrong = expect_problem(await rehearse(table(lunch, "x,1,1,,\n")), 400, "invalid-request")
    assert "Line 8, recorded_at" in wrong["detail"]
    by_code = await chain.add_campaign(state="draft", trigger={"kind": "code"})
    expect_problem(await rehearse(table(lunch), by_code), 409, "campaign-not-rehearsable")
