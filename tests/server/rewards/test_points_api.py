"""Points, stamps and ranks over HTTP: what owners set, what tills report, what members see."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.clock import utc_now
from tests.support.expectations import expect_problem
from tests.support.stage import RECEIPT, set_stage
from tests.support.world import POINT_RULES, Chain, campaign_body

STAMP_CARD = {"code": "coffee-2", "name": {"en": "Coffee"}, "source": "purchase", "stamps_needed": 2}
RANKS = {
    "measure": "spend",
    "period": "year",
    "time_zone": "Asia/Tokyo",
    "ranks": [
        {"code": "gold", "name": {"en": "Gold"}, "threshold": 3000},
        {"code": "silver", "name": {"en": "Silver"}, "threshold": 1000},
    ],
}


async def test_a_day_of_a_member(chain: Chain) -> None:
    assert (await chain.owner.put("/v1/program/ranks", RANKS)).status_code == 200
    stage = await set_stage(chain)
    reward = await chain.add_campaign(trigger={"kind": "stamps"})
    cards = {"cards": [STAMP_CARD | {"campaign_id": str(reward)}]}
    assert (await chain.owner.put("/v1/program/stamp-cards", cards)).status_code == 200
    scan = {"member_id": str(stage.member.id), "scan_id": str(stage.scan_id)}
    for number in range(2):
        body = scan | {"purchase": {"receipt": f"P-{number}", "amount": 1000}}
        assert (await stage.till.at.post("/v1/purchases", body)).status_code == 201
    app = stage.member.app

    points = (await app.get("/v1/me/points", limit=2)).json()
    assert (points["balance"], points["owed"], points["expiring_points"]) == (40, 0, 40)
    causes = [posting["cause"] for posting in points["history"]["items"]]
    rest = (await app.get("/v1/me/points", cursor=points["history"]["next_cursor"])).json()["history"]
    assert [*causes, *(posting["cause"] for posting in rest["items"])] == [
        "purchase", "purchase", "till", "purchase", "visit",
    ]  # fmt: skip
    (card,) = (await app.get("/v1/me/stamps")).json()["cards"]
    assert (card["code"], card["on_card"], card["completed"]) == ("coffee-2", 0, 1)
    rank = (await app.get("/v1/me/rank")).json()
    assert (rank["rank"]["code"], rank["gathered"], rank["next_rank"], rank["missing"]) == ("gold", 3100, None, None)
    assert [change["rank_code"] for change in rank["history"]["items"]] == ["gold", "silver"]
    assert [each["code"] for each in rank["ranks"]] == ["silver", "gold"]

    home = (await app.get("/v1/me/summary")).json()
    assert home["card_number"] == stage.member.card_number.replace(" ", "")
    assert (home["points"]["balance"], home["rank"], home["has_more_coupons"]) == (40, rank["rank"], False)
    assert {coupon["campaign_id"] for coupon in home["coupons"]} == {str(reward), str(stage.campaign_id)}
    assert (home["visits"]["visit_count"], home["visits"]["visit_cycle_days"]) == (1, None)

    path = f"/v1/members/{stage.member.id}/summary"
    seen = (await chain.owner.get(path)).json()
    assert (seen["may_profile"], seen["points"]["balance"], len(seen["stamps"])) == (False, 40, 1)
    assert {seen[name] for name in ("visits", "purchases", "rank", "rank_valid_until")} == {None}
    yes = {"consents": [{"purpose": "profiling", "granted": True, "text_version": "1"}]}
    assert (await app.put("/v1/me/consents", yes)).status_code == 200
    seen = (await chain.owner.get(path)).json()
    assert seen["may_profile"]
    assert seen["purchases"] == {"purchase_count": 3, "amount": 3100}
    assert (seen["points"]["balance"], seen["rank"]["code"], seen["visits"]["store_count"]) == (40, "gold", 1)
    theirs = (await chain.owner.get(f"/v1/members/{stage.member.id}/points")).json()
    assert theirs["history"]["items"][:2] == points["history"]["items"]


async def test_staff_adjust_with_a_reason_and_leave_a_trace(chain: Chain) -> None:
    stage = await set_stage(chain)
    body = {"member_id": str(stage.member.id), "points": 50, "reason": "an apology for the wait"}
    made = (await chain.owner.post("/v1/points/adjustments", body)).json()
    assert (made["points"], made["points_balance"]) == (50, 70)
    (entry,) = (await chain.owner.get("/v1/audit", limit=1)).json()["items"]
    assert (entry["action"], entry["target"]) == ("POST /v1/points/adjustments", made["id"])
    (posting,) = (await stage.member.app.get("/v1/me/points", limit=1)).json()["history"]["items"]
    assert (posting["kind"], posting["reason"], posting["id"]) == ("adjust", body["reason"], made["id"])
    short = expect_problem(
        await chain.owner.post("/v1/points/adjustments", body | {"points": -71}), 409, "insufficient-points"
    )
    assert short["balance"] == 70
    expect_problem(await chain.owner.post("/v1/points/adjustments", body | {"points": 0}), 400, "invalid-request")


async def test_another_programs_member_scan_and_receipt_are_unknown(chain: Chain, rival: Chain) -> None:
    theirs, ours = await set_stage(chain), await set_stage(rival)
    before = await chain.world.fingerprint()
    adjustment = {"member_id": str(theirs.member.id), "points": 5, "reason": "x"}
    expect_problem(await rival.owner.post("/v1/points/adjustments", adjustment), 422, "member-unknown")
    scan = {"member_id": str(theirs.member.id), "scan_id": str(theirs.scan_id)}
    purchase = scan | {"purchase": {"receipt": "P-1", "amount": 100}}
    expect_problem(await ours.till.at.post("/v1/purchases", purchase), 422, "scan-unknown")
    spending = scan | {"receipt": "S-9", "points": 1}
    expect_problem(await ours.till.at.post("/v1/points/spend", spending), 422, "scan-unknown")
    mixed = spending | {"member_id": str(ours.member.id)}
    expect_problem(await ours.till.at.post("/v1/points/spend", mixed), 422, "scan-unknown")
    assert await chain.world.fingerprint() == before


async def test_a_store_gives_back_its_own_receipts_only(chain: Chain) -> None:
    stage = await set_stage(chain)
    elsewhere = await chain.add_till(await chain.add_store())
    body = {"receipt": RECEIPT, "refund_receipt": "B-1"}
    expect_problem(await elsewhere.at.post("/v1/refunds", body), 422, "receipt-unknown")
    assert (await stage.till.at.post("/v1/refunds", body)).status_code == 201


async def test_rules_that_are_not_set_are_not_found_and_no_points_are_given(chain: Chain) -> None:
    for path in ("points", "ranks"):
        expect_problem(await chain.owner.get(f"/v1/program/{path}"), 404, "not-found")
    assert (await chain.owner.get("/v1/program/stamp-cards")).json() == {"cards": []}
    member = await chain.enrol()
    body = {"member_id": str(member.id), "points": 5, "reason": "x"}
    expect_problem(await chain.owner.post("/v1/points/adjustments", body), 409, "points-disabled")
    assert (await member.app.get("/v1/me/rank")).json()["rank"] is None
    assert (await member.app.get("/v1/me/summary")).json()["points"]["balance"] == 0


async def test_what_is_set_is_what_is_read(chain: Chain) -> None:
    for path, body in (("points", POINT_RULES), ("stamp-cards", {"cards": [STAMP_CARD]}), ("ranks", RANKS)):
        written = await chain.owner.put(f"/v1/program/{path}", body)
        assert written.status_code == 200, written.text
        assert (await chain.owner.get(f"/v1/program/{path}")).json() == written.json()
    again = (await chain.owner.put("/v1/program/ranks", RANKS)).json()
    assert (again["version"], [rank["code"] for rank in again["ranks"]]) == (2, ["silver", "gold"])


@pytest.mark.parametrize(
    ("path", "changes", "slug"),
    [
        ("points", {"currency": "EUR"}, "currency-immutable"),
        ("points", {"time_zone": "Asia/Edo"}, "invalid-request"),
        ("points", {"amount_step": 0}, "invalid-request"),
        ("points", {"valid_days": 0}, "invalid-request"),
        ("points", {"currency": "jpy"}, "invalid-request"),
        ("ranks", {"period": "rolling"}, "invalid-request"),
        ("ranks", {"rolling_days": 30}, "invalid-request"),
        ("ranks", {"ranks": []}, "invalid-request"),
        ("ranks", {"ranks": RANKS["ranks"] * 2}, "invalid-request"),  # type: ignore[operator]
        ("ranks", {"measure": "luck"}, "invalid-request"),
        ("stamp-cards", {"cards": [STAMP_CARD, STAMP_CARD]}, "invalid-request"),
        ("stamp-cards", {"cards": [STAMP_CARD | {"stamps_needed": 3}]}, "stamp-card-immutable"),
        ("stamp-cards", {"cards": [STAMP_CARD | {"source": "visit"}]}, "stamp-card-immutable"),
        ("stamp-cards", {"cards": [STAMP_CARD | {"campaign_id": "0" * 32}]}, "campaign-not-for-stamp-cards"),
    ],
    ids=str,
)
async def test_rules_that_cannot_be(chain: Chain, path: str, changes: dict[str, Any], slug: str) -> None:
    good: dict[str, Any] = {"points": POINT_RULES, "ranks": RANKS, "stamp-cards": {"cards": [STAMP_CARD]}}[path]  # type: ignore[assignment]
    assert (await chain.owner.put(f"/v1/program/{path}", good)).status_code == 200
    before = await chain.world.fingerprint()
    expect_problem(await chain.owner.put(f"/v1/program/{path}", good | changes), slug=slug)
    assert await chain.world.fingerprint() == before


async def test_a_reward_is_a_campaign_of_stamps_of_the_own_program_for_every_store(chain: Chain, rival: Chain) -> None:
    store_id = await chain.add_store()
    unfit = (
        await chain.add_campaign(),
        await chain.add_campaign(trigger={"kind": "stamps"}, store_ids=[str(store_id)]),
        await rival.add_campaign(trigger={"kind": "stamps"}),
    )
    ended = await chain.add_campaign(trigger={"kind": "stamps"})
    await chain.owner.put(f"/v1/campaigns/{ended}", campaign_body(trigger={"kind": "stamps"}, state="ended"))
    for campaign_id in (*unfit, ended):
        cards = {"cards": [STAMP_CARD | {"campaign_id": str(campaign_id)}]}
        expect_problem(await chain.owner.put("/v1/program/stamp-cards", cards), 422, "campaign-not-for-stamp-cards")


async def test_a_purchase_may_be_told_later(chain: Chain) -> None:
    stage = await set_stage(chain)
    scan = {"member_id": str(stage.member.id), "scan_id": str(stage.scan_id)}
    bought = scan | {"purchase": {"receipt": "L-1", "amount": 1000}}
    week_ago = (utc_now() - timedelta(days=7, minutes=1)).isoformat()
    hour_ago = (utc_now() - timedelta(hours=1)).isoformat()
    assert (await stage.till.at.post("/v1/purchases", bought | {"purchased_at": hour_ago})).status_code == 201
    newest = (await stage.member.app.get("/v1/me/points", limit=1)).json()["history"]["items"][0]
    assert datetime.fromisoformat(newest["at"]) == datetime.fromisoformat(hour_ago)
    for wild in ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", week_ago):
        answer = await stage.till.at.post("/v1/purchases", bought | {"purchased_at": wild})
        expect_problem(answer, 422, "purchase-time-out-of-range")
    for bad in ("2026-11-21T10:00:00", "yesterday"):
        expect_problem(
            await stage.till.at.post("/v1/purchases", bought | {"purchased_at": bad}), 400, "invalid-request"
        )


async def test_the_base_rank_is_there_before_the_first_deed(chain: Chain) -> None:
    base = RANKS | {"ranks": [{"code": "bronze", "name": {"en": "Bronze"}, "threshold": 0}]}
    assert (await chain.owner.put("/v1/program/ranks", base)).status_code == 200
    member = await chain.enrol()
    assert (await member.app.get("/v1/me/summary")).json()["rank"]["name"] == {"en": "Bronze"}
    assert (await member.app.get("/v1/me/rank")).json()["rank"]["code"] == "bronze"
