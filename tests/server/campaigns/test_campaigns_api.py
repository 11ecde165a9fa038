"""Campaigns over the API: what may be changed, when a change holds, and the report."""

from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ids import CampaignId, StoreId
from tests.support.expectations import expect_problem
from tests.support.stage import set_stage, walk_in
from tests.support.world import Chain, Json, campaign_body


async def door(chain: Chain) -> StoreId:
    store_id = await chain.add_store()
    await chain.add_geofence(store_id)
    return store_id


async def put(chain: Chain, campaign_id: CampaignId, **changes: object) -> Json:
    response = await chain.owner.put(f"/v1/campaigns/{campaign_id}", campaign_body(**changes))
    assert response.status_code == 200, response.text
    changed: Json = response.json()
    return changed


async def test_a_campaign_is_written_shown_and_changed(chain: Chain) -> None:
    store_id = str(await door(chain))
    body = campaign_body(store_ids=[store_id, store_id], quiet_hours={"start": "21:00", "end": "08:30:00"}, cap=7)
    made = await chain.owner.post("/v1/campaigns", body)
    campaign = made.json()
    assert made.status_code == 201
    assert campaign["store_ids"] == [store_id]
    assert campaign["quiet_hours"] == {"start": "21:00:00", "end": "08:30:00"}
    path = f"/v1/campaigns/{campaign['id']}"
    assert (await chain.owner.get(path)).json() == campaign

    changes = {"name": "Rain", "store_ids": None, "cap": 9, "frequency": "daily", "offer": {"en": offer("Rain")}}
    changed = await put(chain, CampaignId(UUID(campaign["id"])), **changes)
    assert {name: changed[name] for name in changes} == changes
    assert (changed["id"], changed["created_at"]) == (campaign["id"], campaign["created_at"])
    assert (await chain.owner.get(path)).json() == changed


async def test_quiet_hours_are_the_programs_unless_it_is_said_otherwise(chain: Chain) -> None:
    body = campaign_body()
    del body["quiet_hours"]
    campaign = (await chain.owner.post("/v1/campaigns", body)).json()
    assert campaign["quiet_hours"] == "program"


async def test_only_a_running_campaign_fires_and_a_change_holds_at_once(chain: Chain) -> None:
    await door(chain)
    campaign_id = await chain.add_campaign(state="draft")
    for state, coupons in (("draft", 0), ("running", 1), ("paused", 0), ("running", 1), ("ended", 0)):
        await put(chain, campaign_id, state=state)
        assert len(await walk_in(await chain.enrol())) == coupons, state


@pytest.mark.parametrize(
    ("state", "starts_at", "ends_at", "shown"),
    [
        ("draft", "2099-01-01T00:00:00Z", None, "draft"),
        ("scheduled", "2099-01-01T00:00:00Z", None, "scheduled"),
        ("running", "2099-01-01T00:00:00Z", None, "scheduled"),
        ("scheduled", "2026-01-01T00:00:00Z", None, "running"),
        ("paused", "2099-01-01T00:00:00Z", None, "paused"),
        ("running", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "ended"),
        ("paused", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "ended"),
        ("draft", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "draft"),
    ],
)
async def test_a_state_is_what_the_staff_chose_and_what_time_it_is(
    chain: Chain, state: str, starts_at: str, ends_at: str | None, shown: str
) -> None:
    campaign_id = await chain.add_campaign(state=state, starts_at=starts_at, ends_at=ends_at)
    path = f"/v1/campaigns/{campaign_id}"
    assert (await chain.owner.get(path)).json()["state"] == shown
    goes_on = state if shown == "ended" else shown
    assert (await put(chain, campaign_id, state=state, starts_at=starts_at))["state"] == goes_on, "was given more time"


async def test_an_ended_campaign_stays_as_it_was(chain: Chain) -> None:
    campaign_id = await chain.add_campaign(state="ended")
    response = await chain.owner.put(f"/v1/campaigns/{campaign_id}", campaign_body())
    expect_problem(response, 409, "campaign-ended")


async def test_a_cap_may_move_but_not_below_what_is_out(chain: Chain) -> None:
    await door(chain)
    capped, free = await chain.add_campaign(cap=2), await chain.add_campaign(trigger={"kind": "visit"})
    assert [len(await walk_in(await chain.enrol())) for _ in range(3)] == [1, 1, 0]
    path = f"/v1/campaigns/{capped}"
    expect_problem(await chain.owner.put(path, campaign_body(cap=1)), 409, "cap-below-issued")
    expect_problem(await chain.owner.put(path, campaign_body()), 409, "cap-immutable")
    expect_problem(await chain.owner.put(f"/v1/campaigns/{free}", campaign_body(cap=5)), 409, "cap-immutable")
    assert (await chain.owner.get(path)).json()["cap"] == 2

    assert (await put(chain, capped, cap=2))["cap"] == 2
    assert (await put(chain, capped, cap=3))["cap"] == 3
    assert [len(await walk_in(await chain.enrol())) for _ in range(2)] == [1, 0]


async def test_a_campaign_fires_at_its_stores_only(chain: Chain) -> None:
    here, elsewhere = await door(chain), await chain.add_store()
    campaign_id = await chain.add_campaign(store_ids=[str(elsewhere)])
    assert await walk_in(await chain.enrol()) == []
    await put(chain, campaign_id, store_ids=[str(here), str(elsewhere)])
    assert len(await walk_in(await chain.enrol())) == 1


async def test_a_report_counts_what_came_of_it_and_why_not(chain: Chain) -> None:
    till = await chain.add_till(await door(chain))
    campaign_id = await chain.add_campaign(cap=2)
    guests = [await chain.enrol() for _ in range(3)]
    for guest in guests:
        await walk_in(guest)
    (coupon,) = (await guests[0].app.get("/v1/me/coupons")).json()["items"]
    assert (await till.at.post("/v1/redemptions", {"coupon": coupon["code"]})).status_code == 201
    report = (await chain.owner.get(f"/v1/campaigns/{campaign_id}/report")).json()
    nothing_pushed = {"pushes_sent": 0, "pushes_failed": 0, "pushes_deferred": 0, "pushes_waiting": 0}
    assert report == nothing_pushed | {
        "coupons_issued": 2,
        "redemptions": 1,
        "coupons_voided": 0,
        "pushes_dropped": {"unreachable": 2},
        "other_messages": {},
        "receipts": {},
        "decisions": {"issued": 2, "cap_reached": 1},
    }


async def test_a_report_counts_visits_too(chain: Chain) -> None:
    stage = await set_stage(chain)
    campaign_id = await chain.add_campaign(trigger={"kind": "visit"}, only_when_open=False)
    other_till = await chain.add_till(await chain.add_store())
    for till in (other_till, stage.till):
        await till.at.post("/v1/scans", {"card": stage.member.card_number})
    report = (await chain.owner.get(f"/v1/campaigns/{campaign_id}/report")).json()
    assert (report["coupons_issued"], report["decisions"]) == (1, {"issued": 1})


def offer(title: str) -> Json:
    return {"title": title, "body": "A coffee", "terms": "Once a day"}


@pytest.mark.parametrize(
    "validity", [{"coupon_valid_days": 1}, {"coupon_valid_until": "2099-12-31T15:00:00Z"}, {"coupon_valid_s": 60}, {}]
)
async def test_how_long_coupons_are_good_is_one_of_three(chain: Chain, validity: dict[str, object]) -> None:
    store_id = await chain.add_store(day_start_hour=5)
    await chain.add_geofence(store_id)
    body = {name: value for name, value in campaign_body().items() if not name.startswith("coupon_valid")} | validity
    made = (await chain.owner.post("/v1/campaigns", body)).json()
    shown = {name: made[name] for name in ("coupon_valid_s", "coupon_valid_days", "coupon_valid_until")}
    assert shown == dict.fromkeys(shown) | (validity or {"coupon_valid_s": 604_800})
    assert (await chain.owner.get(f"/v1/campaigns/{made['id']}")).json() == made
    member = await chain.enrol()
    assert len(await walk_in(member)) == 1
    (coupon,) = (await member.app.get("/v1/me/coupons")).json()["items"]
    expires_at = datetime.fromisoformat(coupon["expires_at"])
    if "coupon_valid_days" in validity:
        assert expires_at.astimezone(ZoneInfo("Asia/Tokyo")).time() == time(5)
    if "coupon_valid_until" in validity:
        assert coupon["expires_at"] == validity["coupon_valid_until"]


REASON = {"ja": "表示の誤りです", "en": "It was printed wrong"}


async def test_a_withdrawal_is_counted_said_again_and_told_to_everybody(chain: Chain) -> None:
    till = await chain.add_till(await door(chain))
    campaign_id = await chain.add_campaign()
    member, other = await chain.enrol(), await chain.enrol()
    await walk_in(member)
    path = f"/v1/campaigns/{campaign_id}/withdrawal"
    counted = {"unused_coupons": 1, "withdrawn_at": None, "reason": None}
    assert (await chain.owner.get(path)).json() == counted
    await walk_in(other)
    refused = await chain.owner.post(path, {"unused_coupons": 1, "reason": REASON})
    assert expect_problem(refused, 409, "more-coupons-unused")["unused_coupons"] == 2

    withdrawn = (await chain.owner.post(path, {"unused_coupons": 2, "reason": REASON})).json()
    assert withdrawn == {"unused_coupons": 2, "withdrawn_at": withdrawn["withdrawn_at"], "reason": REASON}
    assert (await chain.owner.get(path)).json() == withdrawn
    expect_problem(await chain.owner.post(path, {"unused_coupons": 2, "reason": REASON}), 409, "campaign-withdrawn")
    shown = (await chain.owner.get(f"/v1/campaigns/{campaign_id}")).json()
    assert (shown["state"], shown["withdrawn_at"]) == ("ended", withdrawn["withdrawn_at"])
    assert shown["withdrawal_reason"] == REASON

    (coupon,) = (await member.app.get("/v1/me/coupons")).json()["items"]
    assert (coupon["withdrawn_at"], coupon["withdrawal_reason"]) == (withdrawn["withdrawn_at"], REASON["ja"])
    assert (await member.app.get("/v1/me/coupons", usable="true")).json()["items"] == []
    assert (await member.app.get("/v1/me/summary")).json()["coupons"] == []
    scanned = (await till.at.post("/v1/scans", {"card": member.card_number})).json()
    assert scanned["usable_coupons"] == []
    problem = await till.at.post("/v1/redemptions", {"coupon": coupon["code"], "locale": "en"})
    assert expect_problem(problem, 410, "coupon-withdrawn")["withdrawal_reason"] == REASON["en"]
    assert await walk_in(await chain.enrol()) == []
    trail = (await chain.owner.get("/v1/audit")).json()["items"][0]
    assert (trail["action"], trail["target"]) == ("POST /v1/campaigns/{campaign_id}/withdrawal", str(campaign_id))


async def test_who_may_withdraw_a_campaign_is_who_may_change_it(chain: Chain) -> None:
    here, elsewhere = await door(chain), await chain.add_store()
    manager = (await chain.add_person("store_manager", here)).session
    for stores, seen in (([here], 200), ([here, elsewhere], 403), (None, 403), ([elsewhere], 404)):
        store_ids = None if stores is None else [str(store) for store in stores]
        path = f"/v1/campaigns/{await chain.add_campaign(store_ids=store_ids)}/withdrawal"
        assert (await manager.get(path)).status_code == (404 if seen == 404 else 200)
        assert (await manager.post(path, {"unused_coupons": 0, "reason": REASON})).status_code == seen


@pytest.mark.parametrize("reason", [{}, {"ja": ""}, {"fr": "non"}, {"ja": "x" * 501}, None, "x"])
async def test_a_withdrawal_needs_a_reason(chain: Chain, reason: object) -> None:
    path = f"/v1/campaigns/{await chain.add_campaign()}/withdrawal"
    expect_problem(await chain.owner.post(path, {"unused_coupons": 0, "reason": reason}), 400, "invalid-request")
