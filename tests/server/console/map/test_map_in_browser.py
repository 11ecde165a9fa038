"""The console's map in a real Chromium: by mouse, and without one."""

import json
from typing import Any

from kit.locales import LOCALES
from tests.support.faces import ServedFaces
from tests.support.managers import open_map, sign_in
from tests.support.visitors import Visitor
from tests.support.world import Chain

SCRIPT = "<img src=x onerror=alert(1)>"


async def find_rows(chain: Chain) -> list[Any]:
    return await chain.world.pool.fetch(
        "SELECT id, name, ST_Y(centre::geometry) AS lat, ST_X(centre::geometry) AS lon, radius_m,"
        " ST_AsGeoJSON(area) AS area FROM geofences WHERE program_id = $1 AND deleted_at IS NULL ORDER BY id",
        chain.id,
    )


async def middle_of(visitor: Visitor) -> tuple[float, float]:
    box = await visitor.page.locator("canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def save(visitor: Visitor) -> None:
    """Until the form that comes back is there."""
    page = visitor.page
    await page.evaluate("document.querySelector('#panel').dataset.before = '1'")
    await page.click("#panel form button:has-text('保存')")
    await page.wait_for_selector("#panel:not([data-before])")
    await page.get_by_role("status").filter(has_text="保存しました").wait_for()


async def wait_for_radius(visitor: Visitor, *, larger_than: float) -> None:
    await visitor.page.wait_for_function("least => document.querySelector('#radius_m').value > least", arg=larger_than)


async def test_the_map_opens_and_shows_what_is_there(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    page = visitor.page
    await sign_in(faces, visitor, chain)
    await open_map(faces, visitor)
    assert await visitor.find_barriers() == [], "without a geofence"
    store_id = await chain.add_store(name=SCRIPT)
    fence_id = await chain.add_geofence(store_id, name=SCRIPT)
    for locale in LOCALES:
        await visitor.speak(locale)
        await page.wait_for_selector("[data-map-idle]")
        assert await visitor.find_barriers() == []
    assert SCRIPT in await page.locator(".map-list a").inner_text()
    assert await visitor.find_faint_in_the_dark() == []
    await page.mouse.click(*await middle_of(visitor))
    await page.wait_for_selector(f'#panel[data-fence="{fence_id}"]')
    assert await page.input_value("#name") == SCRIPT
    await page.wait_for_function("() => document.activeElement.id === 'panel-title'")
    assert await visitor.find_barriers() == [], "with a form"


async def test_a_circle_is_drawn_dragged_resized_and_taken_back_by_mouse(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    await chain.add_store(name="Ebisu", code="ebisu", location={"lat": 35.6467, "lon": 139.7101})
    page = visitor.page
    await sign_in(faces, visitor, chain)
    await open_map(faces, visitor)
    x, y = await middle_of(visitor)
    await page.click("[data-draw=circle]")
    await page.wait_for_selector('[data-draw=circle][aria-pressed="true"]')
    await page.mouse.click(x, y)
    await page.mouse.move(x + 40, y, steps=4)
    await page.mouse.click(x + 80, y)
    await page.wait_for_selector("#panel [data-fence-form]")
    assert await page.input_value("#store_code") == "ebisu", "the nearest"
    await page.locator("#verdict p").first.wait_for()
    await page.fill("#name", "Door")
    await save(visitor)
    (row,) = await find_rows(chain)
    assert row["area"] is None, "never as a ring"
    assert abs(row["lat"] - 35.6467) < 0.001
    assert abs(row["lon"] - 139.7101) < 0.001
    assert 50 < row["radius_m"] < 250

    await page.wait_for_function("() => document.querySelector('[data-fence-form]').dataset.opened !== undefined")
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 30, y - 30, steps=6)
    await page.mouse.up()
    await page.wait_for_function("lat => Math.abs(document.querySelector('#lat').value - lat) > 1e-5", arg=row["lat"])
    moved = float(await page.input_value("#lat"))
    assert moved > row["lat"]
    assert abs(float(await page.input_value("#radius_m")) - row["radius_m"]) < 0.06, "dragged, and no other size"
    await page.mouse.move(x + 30 + 80, y - 30)
    await page.mouse.down()
    await page.mouse.move(x + 30 + 120, y - 30, steps=6)
    await page.mouse.up()
    await wait_for_radius(visitor, larger_than=row["radius_m"] + 20)
    assert abs(float(await page.input_value("#lat")) - moved) < 1e-5, "resized, and at the same place"
    await page.click("[data-undo]")
    await page.wait_for_function(
        "radius => document.querySelector('#radius_m').value < radius", arg=row["radius_m"] + 1
    )
    await page.click("[data-redo]")
    await wait_for_radius(visitor, larger_than=row["radius_m"] + 20)
    await save(visitor)
    (changed,) = await find_rows(chain)
    assert changed["id"] == row["id"]
    assert abs(changed["lat"] - moved) < 1e-5
    assert changed["radius_m"] > row["radius_m"] + 20


async def test_an_area_is_drawn_and_one_that_crosses_itself_is_said(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    await chain.add_store(code="ebisu", location={"lat": 35.6467, "lon": 139.7101})
    page = visitor.page
    await sign_in(faces, visitor, chain)
    await open_map(faces, visitor)
    x, y = await middle_of(visitor)
    await page.click("[data-draw=polygon]")
    await page.wait_for_selector('[data-draw=polygon][aria-pressed="true"]')
    for across, down in [(-60, -60), (60, 60), (60, -60), (-60, 60), (-60, 60)]:
        await page.mouse.move(x + across, y + down, steps=3)
        await page.mouse.click(x + across, y + down)
    await page.wait_for_selector("#panel [data-fence-form]")
    await page.locator("#verdict .bad").filter(has_text="線が交差しています").wait_for()
    visitor.expect_complaint("status of 422")
    await page.fill("#name", "Terrace")
    await page.click("#panel form button:has-text('保存')")
    await page.get_by_role("alert").wait_for()
    assert await page.input_value("#name") == "Terrace"
    assert await visitor.find_barriers() == [], "with a fault"
    ring = [[139.71, 35.646], [139.711, 35.646], [139.711, 35.647], [139.71, 35.646]]
    await page.fill("#area", json.dumps({"type": "Polygon", "coordinates": [ring]}))
    await save(visitor)
    (row,) = await find_rows(chain)
    assert row["lat"] is None
    assert json.loads(row["area"])["type"] == "MultiPolygon"
