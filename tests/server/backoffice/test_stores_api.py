"""Stores, and what goes with them when they close."""

from tests.support.expectations import expect_problem
from tests.support.stage import set_stage, walk_in
from tests.support.world import Chain, campaign_body, geofence_body, store_body


async def test_a_store_is_opened_shown_and_changed(chain: Chain) -> None:
    hours = {"mon": [["09:00", "21:00:30"]], "fri": [["18:00:00", "02:00"]]}
    opened = await chain.owner.post("/v1/stores", store_body(opening_hours=hours, day_start_hour=0))
    store = opened.json()
    assert opened.status_code == 201
    assert store["opening_hours"] == {"mon": [["09:00:00", "21:00:30"]], "fri": [["18:00:00", "02:00:00"]]}
    assert store["location"] == {"lat": 35.6896, "lon": 139.7006}
    path = f"/v1/stores/{store['id']}"
    assert (await chain.owner.get(path)).json() == store

    change = {"name": "Shibuya", "time_zone": "Europe/Paris", "opening_hours": store["opening_hours"]}
    changed = (await chain.owner.put(path, change)).json()
    assert changed == store | {"name": "Shibuya", "time_zone": "Europe/Paris", "location": None, "day_start_hour": 4}
    assert (await chain.owner.get(path)).json() == changed


async def test_a_code_is_taken_once(chain: Chain) -> None:
    body = store_body()
    assert (await chain.owner.post("/v1/stores", body)).status_code == 201
    expect_problem(await chain.owner.post("/v1/stores", body), 409, "code-taken")
    assert await chain.world.count("stores", chain.id) == 1


async def test_a_closed_store_takes_its_geofences_and_tills_along(chain: Chain) -> None:
    stage = await set_stage(chain)
    path = f"/v1/stores/{stage.store_id}"
    assert (await chain.owner.delete(path)).status_code == 204
    assert (await chain.owner.get(path)).json()["closed_at"] is not None
    expect_problem(await chain.owner.delete(path), 404, "not-found")
    expect_problem(await chain.owner.put(path, stage.change("/v1/stores/{store_id}")), 404, "not-found")
    expect_problem(await chain.owner.get(f"/v1/geofences/{stage.geofence_id}"), 404, "not-found")
    expect_problem(await stage.till.at.post("/v1/scans", {"card": stage.member.card_number}), 401, "unauthenticated")
    assert await walk_in(await chain.enrol()) == []
    store_id = str(stage.store_id)
    for what, body in (
        ("geofences", geofence_body(store_id)),
        ("tills", {"store_id": store_id, "name": "Till"}),
        ("campaigns", campaign_body(store_ids=[store_id])),
    ):
        expect_problem(await chain.owner.post(f"/v1/{what}", body), 422, "store-unknown")


async def test_opening_hours_hold_from_the_next_fix_on(chain: Chain) -> None:
    stage = await set_stage(chain)
    path, change = f"/v1/stores/{stage.store_id}", stage.change("/v1/stores/{store_id}")
    assert (await chain.owner.put(path, change | {"opening_hours": {}})).status_code == 200
    assert await walk_in(await chain.enrol()) == []
    assert (await chain.owner.put(path, change | {"opening_hours": None})).status_code == 200
    assert len(await walk_in(await chain.enrol())) == 1


async def test_a_store_shows_its_transitions_and_scans_with_reasons(chain: Chain) -> None:
    stage = await set_stage(chain)
    base = f"/v1/stores/{stage.store_id}"
    (transition,) = (await chain.owner.get(f"{base}/transitions")).json()["items"]
    assert (transition["kind"], transition["member_id"]) == ("enter", str(stage.member.id))
    assert transition["decisions"] == {str(stage.campaign_id): "issued"}
    (scan,) = (await chain.owner.get(f"{base}/scans")).json()["items"]
    assert (scan["kind"], scan["member_id"], scan["decisions"]) == ("rotating_code", str(stage.member.id), {})


async def test_a_program_is_shown_and_renamed(chain: Chain) -> None:
    shown = (await chain.owner.get("/v1/program")).json()
    assert (shown["code"], shown["name"], shown["default_locale"]) == (chain.code, "Kissa Sakura", "ja")
    changed = (await chain.owner.patch("/v1/program", {"name": "Kissa Ume", "default_locale": "en"})).json()
    assert changed == shown | {"name": "Kissa Ume", "default_locale": "en", "version": shown["version"] + 1}
    expect_problem(await chain.owner.patch("/v1/program", {"time_zone": "Asia/Edo"}), 400, "invalid-request")
    moved = (await chain.owner.patch("/v1/program", {"time_zone": "Europe/Berlin"})).json()
    assert (shown["time_zone"], moved) == (
        "Asia/Tokyo",
        changed | {"time_zone": "Europe/Berlin", "version": changed["version"] + 1},
    )
    member = await chain.enrol(locale=None)
    assert (await member.app.get("/v1/me")).json()["locale"] == "en"
