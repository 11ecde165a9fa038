"""Geofences over the API; what a shape must be is tested in tests/geo/test_shapes.py."""

from typing import Any

import pytest
import shapely

from tests.support.bodies import SQUARE
from tests.support.expectations import expect_problem
from tests.support.loop_time import LONGEST_STEP_S, is_held, watch_loop
from tests.support.stage import set_stage, walk_in
from tests.support.world import AWAY, DOOR, Chain, Json, fix, geofence_body

AREA = {"type": "Polygon", "coordinates": [SQUARE]}
BOW_TIE = [[139.70, 35.60], [139.71, 35.61], [139.71, 35.60], [139.70, 35.61], [139.70, 35.60]]


def drawn(area: object) -> Json:
    return {"name": "Door", "area": area}


async def test_a_circle_stays_a_circle(chain: Chain) -> None:
    made = await chain.owner.post("/v1/geofences", geofence_body(await chain.add_store()))
    fence = made.json()
    assert made.status_code == 201
    assert (fence["kind"], fence["circle"], fence["area"]) == ("circle", DOOR | {"radius_m": 80}, None)
    assert fence["radius_m"] == 80
    assert (await chain.owner.get(f"/v1/geofences/{fence['id']}")).json() == fence


async def test_an_area_comes_back_as_geojson_with_its_inscribed_radius(chain: Chain) -> None:
    store_id = str(await chain.add_store())
    fence = (await chain.owner.post("/v1/geofences", drawn(AREA) | {"store_id": store_id})).json()
    assert (fence["kind"], fence["circle"], fence["area"]["type"]) == ("area", None, "MultiPolygon")
    assert 445 < fence["radius_m"] < 460
    shown = (await chain.owner.get(f"/v1/geofences/{fence['id']}")).json()
    assert shown == fence
    again = await chain.owner.put(f"/v1/geofences/{fence['id']}", drawn(shown["area"]))
    assert again.json()["area"] == fence["area"]


@pytest.mark.usefixtures("truly_apart")
async def test_a_long_corridor_is_drawn_without_holding_the_loop(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = [(139.7 + lane * 1e-4, 35.6 + 0.01 * (end ^ (lane % 2))) for lane in range(1000) for end in (0, 1)]
    corridor = shapely.LineString(ends).buffer(2e-5, cap_style="flat", join_style="mitre")
    assert shapely.get_num_coordinates(corridor) > 4000
    body = drawn(shapely.geometry.mapping(corridor)) | {"store_id": str(await chain.add_store())}
    with watch_loop(monkeypatch) as longest:
        longest.clear()
        made = await chain.owner.post("/v1/geofences", body)
        assert made.status_code == 201, made.text
    assert not is_held(longest, LONGEST_STEP_S), f"{longest.cpu_s * 1000:.0f} ms"


@pytest.mark.parametrize(
    ("shape", "pointer", "words"),
    [
        ({"area": {"type": "Polygon", "coordinates": [BOW_TIE]}}, "/coordinates", "crosses itself"),
        ({"area": {"type": "Polygon", "coordinates": [SQUARE[:-1]]}}, "/coordinates/0/3", "not closed"),
        ({"area": {"type": "Polygon", "coordinates": []}}, "/coordinates", "list of rings"),
        ({"area": {"type": "Point", "coordinates": [0, 0]}}, "/type", "Polygon"),
        ({"area": {}}, "/type", "Polygon"),
        ({"area": AREA | {"crs": {"type": "EPSG", "properties": {"code": 4301}}}}, "/crs", "Tokyo"),
        ({"circle": DOOR | {"radius_m": 9}}, "/radius_m", "radius"),
        ({"circle": DOOR | {"radius_m": 50_001}}, "/radius_m", "radius"),
        ({"circle": {"lat": 89.999, "lon": 0, "radius_m": 50}}, "/lat", "pole"),
        ({"circle": DOOR | {"radius_m": 80}, "area": AREA}, "", "either"),
        ({}, "", "either"),
    ],
)
async def test_a_shape_that_cannot_be_is_explained(
    chain: Chain, shape: dict[str, Any], pointer: str, words: str
) -> None:
    store_id = str(await chain.add_store())
    fence_id = await chain.add_geofence(await chain.add_store())
    before = await chain.world.fingerprint()
    for response in (
        await chain.owner.post("/v1/geofences", {"store_id": store_id, "name": "Door"} | shape),
        await chain.owner.put(f"/v1/geofences/{fence_id}", {"name": "Door"} | shape),
    ):
        problem = expect_problem(response, 422, "invalid-geofence")
        assert problem["pointer"] == pointer
        assert words in problem["detail"]
    assert await chain.world.fingerprint() == before


async def test_a_drawn_fence_holds_from_the_next_fix_on(chain: Chain) -> None:
    store_id = await chain.add_store()
    await chain.add_campaign()
    assert await walk_in(await chain.enrol()) == []
    fence_id = await chain.add_geofence(store_id)
    assert len(await walk_in(await chain.enrol())) == 1
    await chain.owner.put(f"/v1/geofences/{fence_id}", {"name": "Far", "circle": AWAY | {"radius_m": 80}})
    assert (await chain.owner.get(f"/v1/stores/{store_id}/transitions")).json()["items"][0]["kind"] == "enter"
    guest = await chain.enrol()
    await guest.app.post("/v1/locations", {"fixes": [fix(DOOR, ago_s=50)]})
    assert len((await chain.owner.get(f"/v1/stores/{store_id}/transitions")).json()["items"]) == 1


async def test_who_is_inside_a_deleted_fence_gets_an_exit_that_earns_nothing(chain: Chain) -> None:
    stage = await set_stage(chain)
    await chain.add_campaign(trigger={"kind": "exit"})
    path = f"/v1/geofences/{stage.geofence_id}"
    assert (await chain.owner.delete(path)).status_code == 204
    for response in (await chain.owner.get(path), await chain.owner.delete(path)):
        expect_problem(response, 404, "not-found")
    receipt = await stage.member.app.post("/v1/locations", {"fixes": [fix(DOOR, ago_s=1)]})
    assert receipt.json()["coupons"] == []
    newest = (await chain.owner.get(f"/v1/stores/{stage.store_id}/transitions")).json()["items"][0]
    assert (newest["kind"], newest["cause"], newest["decisions"]) == ("exit", "fence_removed", {})


async def test_who_passes_through_between_two_fixes_is_told_only_to_those_who_ask(chain: Chain) -> None:
    store_id = await chain.add_store()
    fence_id = await chain.add_geofence(store_id)
    enter, cross = await chain.add_campaign(), await chain.add_campaign(trigger={"kind": "cross"})
    assert await pass_by(chain) == []
    asking = geofence_body(store_id, report_crossings=True)
    del asking["store_id"]
    assert (await chain.owner.put(f"/v1/geofences/{fence_id}", asking)).json()["report_crossings"] is True
    assert len(await pass_by(chain)) == 1
    (told,) = (await chain.owner.get(f"/v1/stores/{store_id}/transitions")).json()["items"]
    assert (told["kind"], told["cause"], told["decisions"]) == ("cross", "path", {str(cross): "issued"})
    reports = [(await chain.owner.get(f"/v1/campaigns/{each}/report")).json() for each in (enter, cross)]
    assert [report["decisions"] for report in reports] == [{}, {"issued": 1}]


async def pass_by(chain: Chain) -> list[str]:
    """A new member goes 400 m along the street, past the door. Returns the ids of the coupons that this earned."""
    member = await chain.enrol()
    south, north = ({**DOOR, "lat": DOOR["lat"] + shift} for shift in (-0.0018, 0.0018))
    receipt = await member.app.post("/v1/locations", {"fixes": [fix(south, ago_s=100), fix(north, ago_s=20)]})
    coupons: list[str] = receipt.json()["coupons"]
    return coupons
