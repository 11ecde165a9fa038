"""A whole chain in one call, and out again."""

import json
from typing import Any

import httpx
import pytest

from tests.support.stage import walk_in
from tests.support.world import DOOR, Caller, Chain, World, geofence_body, store_body

SHOWN = {"address": "東京都中央区銀座4-5-11\n2階", "phone": "03-1234-5678"}
IMPORT, EXPORT = "/v1/geofences/import", "/v1/geofences/export"


def feature(code: str, lon: float = 139.7, lat: float = 35.69, **changes: Any) -> dict[str, Any]:
    properties = {"store_code": code, "store_name": code, "time_zone": "Asia/Tokyo", "geofence_name": "door"}
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties | {"radius_m": 120} | changes,
    }


async def send(caller: Caller, *features: object, **request: Any) -> httpx.Response:
    return await caller.post(IMPORT, {"type": "FeatureCollection", "features": features}, **request)


async def send_file(caller: Caller, body: bytes, media_type: str, **request: Any) -> httpx.Response:
    headers = {"Content-Type": media_type}
    return await caller.call("POST", IMPORT, content=body, headers=headers, **request)


def counts(answer: httpx.Response) -> tuple[int, int, int, int, int]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    fields = ("stores_created", "stores_changed", "geofences_created", "geofences_changed", "unchanged")
    return tuple(body[name] for name in fields)


async def versions(world: World, chain: Chain) -> tuple[int, int]:
    row = await world.pool.fetchrow("SELECT fence_version, campaign_version FROM programs WHERE id = $1", chain.id)
    assert row is not None
    return row["fence_version"], row["campaign_version"]


@pytest.mark.usefixtures("truly_apart")
async def test_a_file_makes_stores_with_fences_that_fire(world: World, chain: Chain) -> None:
    before = await versions(world, chain)
    answer = await send(chain.owner, feature("tokyo-1", DOOR["lon"], DOOR["lat"]), feature("osaka-1", 135.5, 34.7))
    assert counts(answer) == (2, 0, 2, 0, 0)
    assert answer.json()["warnings"] == []
    assert await versions(world, chain) == (before[0] + 1, before[1] + 1), "one version for the whole file"
    await chain.add_campaign()
    assert len(await walk_in(await chain.enrol())) == 1
    trail = (await chain.owner.get("/v1/audit")).json()["items"]
    assert "POST /v1/geofences/import" in {entry["action"] for entry in trail}


async def test_what_a_row_does_not_say_stays(chain: Chain) -> None:
    hours = {"mon": [["09:00", "21:00"]]}
    store = await chain.add_store(code="tokyo-1", opening_hours=hours, day_start_hour=6, **SHOWN)
    fence = await chain.add_geofence(store, name="door", dwell_s=77, report_crossings=True)
    row = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1.0, 2.0]}}
    row["properties"] = {"store_code": "tokyo-1", "store_name": "New name", "geofence_name": "door", "radius_m": 150}
    assert counts(await send(chain.owner, row)) == (0, 1, 0, 1, 0)
    changed = (await chain.owner.get(f"/v1/stores/{store}")).json()
    assert (changed["name"], changed["day_start_hour"], changed["time_zone"]) == ("New name", 6, "Asia/Tokyo")
    assert changed["opening_hours"] == {"mon": [["09:00:00", "21:00:00"]]}
    assert {name: changed[name] for name in SHOWN} == SHOWN
    redrawn = (await chain.owner.get(f"/v1/geofences/{fence}")).json()
    assert redrawn["circle"] == {"lat": 2.0, "lon": 1.0, "radius_m": 150}
    assert (redrawn["dwell_s"], redrawn["report_crossings"]) == (77, True)


@pytest.mark.parametrize("kind", ["csv", "geojson"])
async def test_an_export_comes_back_and_changes_nothing(world: World, chain: Chain, rival: Chain, kind: str) -> None:
    store = await chain.add_store(name='珈琲, "さくら"', opening_hours={"fri": [["18:00", "02:00"]]}, **SHOWN)
    ring = [[139.7, 35.6], [139.7, 35.61], [139.71, 35.61], [139.7, 35.6]]
    await chain.add_geofence(store, name="door")
    await chain.add_geofence(
        store, name="door", circle=None, area={"type": "Polygon", "coordinates": [ring]}, report_crossings=True
    )
    await chain.add_store(location=None)
    closed = await chain.add_store()
    await chain.owner.delete(f"/v1/stores/{closed}")
    exported = await chain.owner.get(EXPORT, format=kind)
    assert exported.status_code == 200
    media_type = exported.headers["content-type"]
    assert ("text/csv" in media_type) == (kind == "csv")
    rows = await world.pool.fetch("SELECT * FROM geofences WHERE program_id = $1 ORDER BY id", chain.id)
    stores = await world.pool.fetch("SELECT * FROM stores WHERE program_id = $1 ORDER BY id", chain.id)
    again = await send_file(chain.owner, exported.content, media_type)
    assert counts(again) == (0, 0, 0, 0, 4)
    assert [row["report_crossings"] for row in rows] == [False, True]
    assert await world.pool.fetch("SELECT * FROM geofences WHERE program_id = $1 ORDER BY id", chain.id) == rows
    assert await world.pool.fetch("SELECT * FROM stores WHERE program_id = $1 ORDER BY id", chain.id) == stores
    assert (await chain.owner.get(EXPORT, format=kind)).content == exported.content
    # Another program has no such geofences; without their ids it gets copies.
    assert (await send_file(rival.owner, exported.content, media_type)).status_code == 422
    assert not (await rival.owner.get("/v1/stores")).json()["items"]


async def test_all_or_nothing_and_every_bad_row_is_named(world: World, chain: Chain) -> None:
    closed = await chain.add_store(code="closed-1")
    await chain.owner.delete(f"/v1/stores/{closed}")
    before = await versions(world, chain), await world.count("stores", chain.id)
    answer = await send(
        chain.owner,
        feature("tokyo-1"),
        feature("tokyo-2", radius_m=1),
        feature("tokyo-3", time_zone="Mars"),
        feature("tokyo-4", time_zone=None),
        feature("tokyo-1", geofence_name="back", store_name="Another"),
        feature("tokyo-1"),
        feature("closed-1"),
        feature("tokyo-5", opening_hours={"mon": [["9", "21:00"]]}),
        feature("tokyo-6") | {"id": "01a20044-7a8a-7175-9221-fa6027398268"},
        "nothing",
        feature("tokyo-7", store_phone="on request"),
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:noren:problem:invalid-rows"
    rows = {each["index"]: each["reason"] for each in answer.json()["rows"]}
    assert sorted(rows) == list(range(1, 11))
    words = {
        1: "radius",
        2: "IANA",
        3: "time_zone",
        4: "store_name",
        5: "same geofence",
        6: "closed",
        8: "id",
        9: "Feature",
        10: "03-1234-5678",
    }
    assert all(word in rows[index] for index, word in words.items()), rows
    assert (await versions(world, chain), await world.count("stores", chain.id)) == before
    assert await world.count("geofences", chain.id) == 0


async def test_a_chain_cannot_reach_into_another(chain: Chain, rival: Chain) -> None:
    theirs = await chain.add_geofence(await chain.add_store(code="tokyo-1"))
    answer = await send(rival.owner, feature("tokyo-1") | {"id": str(theirs)})
    assert answer.status_code == 422
    assert (await chain.owner.get(f"/v1/geofences/{theirs}")).json()["circle"]["radius_m"] == 80
    assert counts(await send(rival.owner, feature("tokyo-1"))) == (1, 0, 1, 0, 0), "a code belongs to its program"


async def test_warnings_name_small_fences_and_overlaps(chain: Chain) -> None:
    await chain.add_geofence(await chain.add_store(code="old-1"), circle=DOOR | {"radius_m": 200})
    answer = await send(
        chain.owner,
        feature("far-1", 135.5, 34.7, radius_m=60),
        feature("near-1", DOOR["lon"], DOOR["lat"]),
        feature("near-1", DOOR["lon"], DOOR["lat"], geofence_name="back"),
    )
    counts(answer)
    warned = sorted((w["kind"], w["store_code"], w["other_store_code"]) for w in answer.json()["warnings"])
    assert warned == [("overlap", "near-1", "old-1"), ("overlap", "near-1", "old-1"), ("small", "far-1", None)]


async def test_a_repeated_import_has_no_second_effect(world: World, chain: Chain) -> None:
    first = await send(chain.owner, feature("tokyo-1"), key="one")
    await chain.owner.put(
        f"/v1/geofences/{await only_fence(chain)}", {"name": "moved", "circle": DOOR | {"radius_m": 99}}
    )
    again = await send(chain.owner, feature("tokyo-1"), key="one")
    assert again.text == first.text
    assert await world.count("geofences", chain.id) == 1
    other = await send(chain.owner, feature("tokyo-2"), key="one")
    assert other.json()["type"] == "urn:noren:problem:idempotency-key-reused"


async def read_parts(chain: Chain, kind: str) -> list[bytes]:
    """The files of an export, the next one by the address that the one before gives."""
    parts, address = [], f"{EXPORT}?format={kind}"
    while address:
        answer = await chain.owner.call("GET", address)
        assert answer.status_code == 200, answer.text
        parts.append(answer.content)
        link = answer.headers.get("link", "")
        assert not link or link.endswith('>; rel="next"')
        address = link.partition(">")[0].removeprefix("<")
    return parts


async def only_fence(chain: Chain) -> str:
    (item,) = (await chain.owner.get("/v1/geofences")).json()["items"]
    identifier: str = item["id"]
    return identifier


async def test_ten_thousand_rows_in_one_call(world: World, chain: Chain) -> None:
    rows = [feature(f"s-{n}", 130 + n % 100 * 0.05, 33 + n // 100 * 0.05) for n in range(10_000)]
    body = json.dumps({"type": "FeatureCollection", "features": rows}).encode()
    assert len(body) > 1_000_000, "more than any other route takes"
    answer = await send_file(chain.owner, body, "application/geo+json")
    assert counts(answer) == (10_000, 0, 10_000, 0, 0)
    exported = (await chain.owner.get(EXPORT)).content
    assert counts(await send_file(chain.owner, exported, "application/geo+json")) == (0, 0, 0, 0, 20_000)
    too_many = await send(chain.owner, *rows, feature("one-more"))
    assert too_many.status_code == 400
    assert await world.count("stores", chain.id) == 10_000
    # An export of more than an import takes comes in two files, and both come back.
    await chain.add_store(code="s-5000-b")
    parts = await read_parts(chain, "csv")
    assert [part.count(b"\r\n") - 1 for part in parts] == [10_000, 1]
    came_back = [counts(await send_file(chain.owner, part, "text/csv")) for part in parts]
    assert [sum(each) for each in zip(*came_back, strict=True)] == [0, 0, 0, 0, 20_001]


async def test_a_table_of_a_japanese_spreadsheet(chain: Chain) -> None:
    table = (
        "店舗コード,店舗名,タイムゾーン,営業時間,ジオフェンス名,緯度,経度,半径(m)\r\n"
        "ginza-1,珈琲さくら 銀座,Asia/Tokyo,月-金 9:00-26:00,入口,35.6717,139.765,120\r\n"
    )
    answer = await send_file(chain.owner, table.encode("cp932"), "text/csv")
    assert counts(answer) == (1, 0, 1, 0, 0)
    assert answer.json()["encoding"] == "Shift_JIS"
    assert answer.json()["columns"]["営業時間"] == "opening_hours"
    (store,) = (await chain.owner.get("/v1/stores")).json()["items"]
    days = ("mon", "tue", "wed", "thu", "fri")
    assert store["opening_hours"] == {day: [["09:00:00", "02:00:00"]] for day in days}
    assert counts(await send_file(chain.owner, table.encode(), "text/csv")) == (0, 0, 0, 0, 2)
    wrong = table.replace("月-金 9:00-26:00", "月-金 9-26")
    refused = await send_file(chain.owner, wrong.encode("cp932"), "text/csv")
    ((index, reason),) = [(each["index"], each["reason"]) for each in refused.json()["rows"]]
    assert (refused.status_code, index) == (422, 0)
    assert "'Mo-Fr 9-26' cannot be read; write days and times such as" in reason


async def test_a_map_of_google_my_maps(chain: Chain) -> None:
    body = """<?xml version="1.0" encoding="UTF-8"?>
    <kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><Placemark><name>入口</name><ExtendedData>
    <Data name="store_code"><value>ginza-1</value></Data><Data name="店舗名"><value>銀座</value></Data>
    <Data name="time_zone"><value>Asia/Tokyo</value></Data><Data name="半径"><value>120</value></Data></ExtendedData>
    <Point><coordinates>139.765,35.6717,0</coordinates></Point></Placemark></Folder></Document></kml>"""
    media_type = "application/vnd.google-earth.kml+xml"
    assert counts(await send_file(chain.owner, body.encode(), media_type)) == (1, 0, 1, 0, 0)
    (fence,) = (await chain.owner.get("/v1/geofences")).json()["items"]
    assert (fence["name"], fence["circle"]) == ("入口", {"lat": 35.6717, "lon": 139.765, "radius_m": 120.0})
    assert counts(await send_file(chain.owner, body.encode(), media_type)) == (0, 0, 0, 0, 2)


async def test_what_is_no_chain_file_is_refused(chain: Chain) -> None:
    for body, media_type, status in (
        (b"{}", "application/json", 400),
        (b"", "text/csv", 400),
        (b"x", "application/xml", 415),
        (b" " * 20_000_001, "text/csv", 413),
    ):
        answer = await send_file(chain.owner, body, media_type)
        assert answer.status_code == status, answer.text
    assert (await chain.owner.post("/v1/stores", store_body(name="x" * 1_000_000))).status_code == 413
    assert (
        await send_file(chain.owner, json.dumps(geofence_body("x")).encode(), "application/json")
    ).status_code == 400
