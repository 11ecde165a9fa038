"""Visits over HTTP: the codes that staff print, the member who scans one, trust in the lists, and the till's undo."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.clock import utc_now
from kit.ids import from_text
from tests.support.expectations import expect_problem
from tests.support.stage import Stage, set_stage
from tests.support.store_display import make_display_code
from tests.support.world import AWAY, DOOR, Chain, fix


async def printed(stage: Stage) -> str:
    code: str = (await stage.manager.session.get(stage.path("/v1/stores/{store_id}/check-in-code"))).json()["code"]
    return code


async def shown(stage: Stage) -> str:
    """As the display computes it from what it was handed, and the clock."""
    answer = await stage.manager.session.post(stage.path("/v1/stores/{store_id}/display-key"))
    key: dict[str, Any] = answer.json()
    assert key["step_s"] == 30
    return make_display_code(from_text(key["key"]), stage.store_id, key["generation"], utc_now())


def arrival(code: str, **changes: Any) -> dict[str, Any]:
    return {"code": code, "fix": fix(DOOR, ago_s=5, **changes)}


async def test_a_member_checks_in_and_everybody_sees_how_far_to_trust_it(chain: Chain) -> None:
    stage = await set_stage(chain)
    guest = await chain.enrol()
    first = await guest.app.post("/v1/me/visits", arrival(await printed(stage)))
    assert first.status_code == 201, first.text
    body = first.json()
    assert (body["is_first_today"], body["trust"], body["points_earned"]) == (True, "fair", 10)
    again = (await guest.app.post("/v1/me/visits", arrival(await shown(stage)))).json()
    assert (again["is_first_today"], again["trust"], again["points_earned"]) == (False, "good", 0)
    (mine,) = (await guest.app.get("/v1/me/visits")).json()["items"]
    assert (mine["trust"], mine["reasons"]) == ("good", ["rotating_store_qr", "store_qr"])
    assert (await chain.owner.get(f"/v1/members/{guest.id}/visits")).json()["items"] == [mine]
    rows = (await stage.manager.session.get(stage.path("/v1/stores/{store_id}/scans"))).json()["items"]
    told = [(row["kind"], row["trust"]) for row in rows if row["member_id"] == str(guest.id)]
    assert told == [("rotating_store_qr", "good"), ("store_qr", "fair")]


async def test_the_pictures_are_of_the_code(chain: Chain) -> None:
    stage = await set_stage(chain)
    svg = await stage.manager.session.get(stage.path("/v1/stores/{store_id}/check-in-code.svg"))
    png = await stage.manager.session.get(stage.path("/v1/stores/{store_id}/check-in-code.png"))
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert svg.text.lstrip().startswith(("<?xml", "<svg"))
    assert (png.headers["content-type"], png.content[:4]) == ("image/png", b"\x89PNG")


async def test_renewing_ends_the_old_one_at_once(chain: Chain) -> None:
    stage = await set_stage(chain)
    old, old_display = await printed(stage), await shown(stage)
    renewed = (await stage.manager.session.post(stage.path("/v1/stores/{store_id}/check-in-code/renew"))).json()["code"]
    new_display = await shown(stage)
    guest = await chain.enrol()
    for code in (old, old_display):
        body = expect_problem(await guest.app.post("/v1/me/visits", arrival(code)), 422, "store-code-refused")
        assert body["reason"] == "renewed"
    for code in (renewed, new_display):
        assert (await guest.app.post("/v1/me/visits", arrival(code))).status_code == 201


async def test_a_strangers_code_is_unknown(chain: Chain, rival: Chain) -> None:
    theirs, ours = await set_stage(chain), await set_stage(rival)
    for code in (await printed(theirs), await shown(theirs)):
        answer = await ours.member.app.post("/v1/me/visits", arrival(code))
        assert expect_problem(answer, 422, "store-code-refused")["reason"] == "unknown"


BAD: dict[str, tuple[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "400 digits": (400, lambda good: good | {"code": "9" * 400}),
    "100 digits": (422, lambda good: good | {"code": "9" * 100}),
    "not printable": (422, lambda good: good | {"code": "\0\ud7ff"}),
    "a number": (400, lambda good: good | {"code": 1}),
    "no fix": (400, lambda good: {"code": good["code"]}),
    "an empty fix": (400, lambda good: good | {"fix": {}}),
    "an old fix": (422, lambda good: good | {"fix": fix(DOOR, ago_s=150)}),
    "a fix of tomorrow": (422, lambda good: good | {"fix": fix(DOOR, ago_s=-86_400)}),
    "a fix elsewhere": (422, lambda good: good | {"fix": fix(AWAY, ago_s=5)}),
    "a wide fix": (422, lambda good: good | {"fix": fix(DOOR, ago_s=5, accuracy_m=500)}),
    "no place on earth": (422, lambda good: good | {"fix": fix(DOOR, ago_s=5, lat=91)}),
    "the first day": (422, lambda good: good | {"fix": fix(DOOR, ago_s=5, recorded_at="0001-01-01T00:00:00+09:00")}),
    "an unknown field": (400, lambda good: good | {"fix": fix(DOOR, ago_s=5, surprise=1)}),
}


@pytest.mark.parametrize("kind", BAD)
async def test_what_is_no_good_is_told_and_writes_nothing(chain: Chain, kind: str) -> None:
    stage = await set_stage(chain)
    guest = await chain.enrol()
    good, before = arrival(await printed(stage)), await chain.world.count("visits", chain.id)
    status, spoil = BAD[kind]
    expect_problem(await guest.app.post("/v1/me/visits", spoil(good)), status)
    assert await chain.world.count("visits", chain.id) == before


async def test_not_a_number_is_no_json(chain: Chain) -> None:
    guest = await chain.enrol()
    content = b'{"code": "N1S", "fix": {"lat": NaN, "lon": 0, "recorded_at": "2026-11-22T00:00:00Z"}}'
    headers = {"Content-Type": "application/json"}
    expect_problem(await guest.app.call("POST", "/v1/me/visits", content=content, headers=headers), 400)


async def test_the_settings_are_the_owners_and_hold_at_once(chain: Chain) -> None:
    stage = await set_stage(chain)
    guest, code = await chain.enrol(), await printed(stage)
    rules = {"by_store_qr": False, "by_dwell": False, "min_trust": "good"}
    told = (await chain.owner.put("/v1/program/visits", rules)).json()
    assert told == (await chain.owner.get("/v1/program/visits")).json()
    assert {name: told[name] for name in rules} == rules
    expect_problem(await guest.app.post("/v1/me/visits", arrival(code)), 409, "store-qr-disabled")
    await chain.owner.put("/v1/program/visits", rules | {"by_store_qr": True})
    poor = (await guest.app.post("/v1/me/visits", arrival(code))).json()
    assert (poor["trust"], poor["points_earned"]) == ("fair", 0)
    better = (await guest.app.post("/v1/me/visits", arrival(await shown(stage)))).json()
    assert (better["is_first_today"], better["trust"], better["points_earned"]) == (False, "good", 10)


async def test_without_settings_a_typed_number_is_a_visit_that_earns(chain: Chain) -> None:
    store_id = await chain.add_store()
    till, guest = await chain.add_till(store_id), await chain.enrol()
    assert (await chain.owner.get("/v1/program/visits")).json() == {
        "program_id": str(chain.id), "by_store_qr": False, "by_dwell": False, "min_trust": "low",
    }  # fmt: skip
    await chain.add_campaign(trigger={"kind": "visit"})
    scanned = (await till.at.post("/v1/scans", {"card": guest.card_number})).json()
    assert (scanned["trust"], scanned["coupons_issued"]) == ("low", 1)


async def test_an_undone_visit_is_in_no_list_and_the_scan_is_marked(chain: Chain) -> None:
    stage = await set_stage(chain)
    guest = await chain.enrol()
    scanned = (await stage.till.at.post("/v1/scans", {"card": guest.card_number})).json()
    body = {"member_id": str(guest.id), "scan_id": scanned["scan_id"]}
    other = await chain.add_till(stage.store_id)
    expect_problem(await other.at.post("/v1/scans/undo", body), 404)
    undone = await stage.till.at.post("/v1/scans/undo", body, key="k")
    assert undone.status_code == 200, undone.text
    assert undone.json()["points_reversed"] == 10
    assert (await stage.till.at.post("/v1/scans/undo", body)).json() == undone.json()
    assert (await guest.app.get("/v1/me/visits")).json()["items"] == []
    summary = (await guest.app.get("/v1/me/summary")).json()
    assert (summary["visits"]["visit_count"], summary["points"]["balance"], summary["coupons"]) == (0, 0, [])
    rows = (await chain.owner.get(stage.path("/v1/stores/{store_id}/scans"))).json()["items"]
    assert [row["undone_at"] for row in rows if row["id"] == scanned["scan_id"]] == [undone.json()["undone_at"]]


async def test_a_rivals_till_finds_no_scan(chain: Chain, rival: Chain) -> None:
    theirs, ours = await set_stage(chain), await set_stage(rival)
    body = {"member_id": str(theirs.member.id), "scan_id": str(theirs.scan_id)}
    expect_problem(await ours.till.at.post("/v1/scans/undo", body), 404)
