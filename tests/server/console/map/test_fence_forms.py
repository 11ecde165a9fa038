"""A geofence by its form alone: who may, what is refused, and what becomes of two who change one."""

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest

from ids import StoreId
from tests.server.console.stores.test_store_pages import read_version
from tests.support.faces import ServedFaces
from tests.support.managers import PageCaller, as_person, open_map, sign_in
from tests.support.visitors import Visitor
from tests.support.world import Chain

if TYPE_CHECKING:
    from playwright.async_api import Route

NEW = "/console/map/fences/new"
CIRCLE = {
    "store_code": "ebisu",
    "name": "Door",
    "kind": "circle",
    "lat": "35.6467",
    "lon": "139.7101",
    "radius_m": "80",
}
OVER = "POLYGON ((179.999 -17, -179.999 -17, -179.999 -17.002, 179.999 -17.002, 179.999 -17))"


async def find_row(chain: Chain) -> Any:
    return await chain.world.pool.fetchrow(
        "SELECT *, ST_AsText(area) AS drawn FROM geofences WHERE program_id = $1 AND deleted_at IS NULL", chain.id
    )


async def open_shop(faces: ServedFaces, **changes: Any) -> tuple[Chain, StoreId, PageCaller]:
    chain = await faces.world.add_chain()
    store_id = await chain.add_store(code="ebisu", **changes)
    return chain, store_id, await as_person(faces, await chain.add_person("owner"))


async def test_an_area_over_the_antimeridian_is_typed(faces: ServedFaces) -> None:
    chain, _, owner = await open_shop(faces)
    made = await owner.post(NEW, CIRCLE | {"kind": "area", "area": OVER})
    assert made.status_code == 303, made.text
    row = await find_row(chain)
    assert row["drawn"].startswith("MULTIPOLYGON")
    for side in ("0", str((1 << 13) - 1)):
        tile = await owner.get(f"/console/map/tiles/13/{side}/4491")
        assert tile.status_code == 200
    page = await owner.get(f"/console/map/fences/{row['id']}")
    assert "MultiPolygon" in page.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"lat": "north"}, "lat"),
        ({"lat": "91"}, "lat"),
        ({"lat": "89.9999"}, "lat"),
        ({"radius_m": "5"}, "radius_m"),
        ({"radius_m": ""}, "radius_m"),
        ({"dwell_s": "1"}, "dwell_s"),
        ({"kind": "area", "area": "a circle"}, "area"),
        ({"kind": "area", "area": '{"type": "Point", "coordinates": [1, 2]}'}, "area"),
        ({"kind": "area", "area": "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"}, "area"),
        ({"store_code": "nowhere"}, "store_code"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field(faces: ServedFaces, changes: dict[str, str], field: str) -> None:
    chain, _, owner = await open_shop(faces)
    refused = await owner.post(NEW, CIRCLE | changes)
    assert refused.status_code == 422
    found = re.search(rf'id="{field}-fault">([^<]+)<', refused.text)
    assert found is not None
    assert not found[1].isascii(), "in the page's language"
    assert await find_row(chain) is None
    preview = await owner.post("/console/map/preview", CIRCLE | changes)
    assert preview.status_code == 200
    assert field == "name" or "note bad" in preview.text


async def test_two_who_change_one_geofence_see_both(faces: ServedFaces) -> None:
    chain, store_id, owner = await open_shop(faces)
    path = f"/console/map/fences/{await chain.add_geofence(store_id, name='First')}"
    version = read_version((await owner.get(path)).text)
    assert (await owner.post(path, CIRCLE | {"name": "Theirs", "version": version})).status_code == 303
    both = await owner.post(path, CIRCLE | {"name": "Ours", "radius_m": "120", "version": version})
    assert both.status_code == 409
    assert "Theirs" in both.text
    assert "Ours" in both.text
    assert (await find_row(chain))["name"] == "Theirs", "nothing is overwritten in silence"
    assert (await owner.post(f"{path}/remove", {"version": version})).status_code == 409
    now = read_version(both.text)
    assert (await owner.post(path, CIRCLE | {"name": "Ours", "version": now})).status_code == 303
    row = await find_row(chain)
    assert row["name"] == "Ours"
    gone = await owner.post(f"{path}/remove", {"version": str(row["version"])})
    assert (gone.status_code, gone.headers["location"]) == (303, "/console/map")
    assert await find_row(chain) is None
    assert (await owner.get(path)).status_code == 404


async def test_what_was_typed_of_a_geofence_that_is_gone_is_kept(faces: ServedFaces) -> None:
    chain, store_id, owner = await open_shop(faces)
    fence_id = await chain.add_geofence(store_id, name="First")
    path, typed = f"/console/map/fences/{fence_id}", CIRCLE | {"name": "Ours", "radius_m": "123", "version": "1"}
    version = read_version((await owner.get(path)).text)
    await owner.post(f"{path}/remove", {"version": version})
    kept = await owner.post(path, typed)
    assert kept.status_code == 409
    assert all(text in kept.text for text in ("削除しました", 'value="Ours"', 'value="123"', f'action="{NEW}"'))
    gone = await owner.post(f"{path}/remove", {"version": version})
    assert (gone.status_code, gone.headers["location"]) == (303, "/console/map")
    manager = await as_person(faces, await chain.add_person("store_manager", await chain.add_store(code="other")))
    _, _, stranger = await open_shop(faces)
    for caller, status in ((manager, 403), (stranger, 404)):
        for way in ("", "/remove"):
            refused = await caller.post(path + way, typed)
            assert refused.status_code == status
            assert "Ours" not in refused.text
            assert 'value="123"' not in refused.text
    assert (await owner.post(NEW, typed)).status_code == 303
    assert (await find_row(chain))["radius_m"] == 123


async def test_a_geofence_of_others_is_not_there(faces: ServedFaces) -> None:
    chain, store_id, _ = await open_shop(faces)
    rival, _, stranger = await open_shop(faces)
    other = await chain.add_store(code="other", name="Secret name")
    manager = await as_person(faces, await chain.add_person("store_manager", store_id))
    fence_id = await chain.add_geofence(other, circle={"lat": 35.6467, "lon": 139.7101, "radius_m": 90})
    for caller, status in ((manager, 403), (stranger, 404)):
        path = f"/console/map/fences/{fence_id}"
        assert (await caller.get(path)).status_code == status
        for way in ("", "/remove"):
            assert (await caller.post(path + way, CIRCLE | {"version": "1"})).status_code == status
    assert (await manager.post(NEW, CIRCLE | {"store_code": "other"})).status_code == 422
    told = (await manager.post("/console/map/preview", CIRCLE)).text
    assert "担当外の店舗" in told, "that it is there"
    assert "Secret name" not in told
    assert (await find_row(rival)) is None
    tile = await stranger.get("/console/map/tiles/16/58200/25820")
    assert tile.content == b""


async def test_a_tile_is_not_sent_twice_and_is_new_after_a_change(faces: ServedFaces) -> None:
    chain, store_id, owner = await open_shop(faces)
    await chain.add_geofence(store_id)
    first = await owner.get("/console/map/tiles/0/0/0")
    tag = first.headers["etag"]
    assert (await owner.get("/console/map/tiles/0/0/0", **{"If-None-Match": tag})).status_code == 304
    await chain.add_geofence(store_id, name="Another")
    changed = await owner.get("/console/map/tiles/0/0/0", **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.content != first.content


async def test_people_who_came_are_told_in_tens_and_a_new_place_is_unknown(faces: ServedFaces) -> None:
    chain, store_id, owner = await open_shop(faces)
    assert "不明です" in (await owner.post("/console/map/preview", CIRCLE)).text
    await chain.add_geofence(store_id, circle={"lat": 35.6467, "lon": 139.7101, "radius_m": 90})
    assert "10 人未満" in (await owner.post("/console/map/preview", CIRCLE)).text
    small = await owner.post("/console/map/preview", CIRCLE | {"radius_m": "20"})
    assert "100 m 未満" in small.text


async def test_a_geofence_is_drawn_by_keyboard(faces: ServedFaces, visitor: Visitor) -> None:
    chain, _, _ = await open_shop(faces)
    page = visitor.page
    await sign_in(faces, visitor, chain)
    await open_map(faces, visitor)
    typed = asyncio.Event()

    async def come_late(route: "Route") -> None:
        await typed.wait()
        await route.continue_()

    await page.route(lambda url: "terra-draw" in url, come_late)
    await page.locator("#panel .go").focus()
    await visitor.type("", "Enter")
    await page.wait_for_function("() => document.activeElement.id === 'panel-title'")
    await page.locator("#store_code").focus()
    await visitor.type("ebisu", "Tab")
    await visitor.type("Door", "Tab", "Tab")
    for text in ("35.6467", "139.7101", "150"):
        await visitor.type(text, "Tab")
    typed.set()
    await page.locator('#verdict [data-verdict="yes"]').wait_for()
    assert await page.evaluate("document.activeElement.id") != "panel-title", "nobody is taken out of what they type"
    await visitor.type("", "Tab", "Enter")
    await page.get_by_role("status").filter(has_text="保存しました").wait_for()
    assert (await find_row(chain))["radius_m"] == 150
