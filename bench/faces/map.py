"""The map of the console: how long a tile takes, how heavy it is, and how long until the map stands still."""

import gzip
import time
from typing import TYPE_CHECKING

from bench.answers import BrokenLoad
from bench.faces.browser import elapsed_ms, open_phone, slow_down
from bench.faces.ground import Ground
from bench.home import share_of
from bench.sheet import Sheet

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

_MAP_IDLE = "[data-map-idle]"
_FRAMES = 60
# Round Tokyo, where the stores are: from the whole country to a street.
_ZOOMS = range(4, 16)


async def measure_tiles(ground: Ground, sheet: Sheet) -> None:
    """Every tile is asked for anew, as by a browser that keeps none. Raises BrokenLoad."""
    times_ms: list[float] = []
    most_kb = 0.0
    async with ground.open_console() as http:
        for zoom in _ZOOMS:
            for x, y in _tiles_at(zoom):
                began_s = time.perf_counter()
                answer = await http.get(f"/console/map/tiles/{zoom}/{x}/{y}")
                times_ms.append((time.perf_counter() - began_s) * 1000)
                if answer.status_code not in (200, 204):
                    raise BrokenLoad(f"a tile was answered with {answer.status_code}")
                most_kb = max(most_kb, len(gzip.compress(answer.content)) / 1000)
    sheet.add("map_tile_ms_p50", share_of(times_ms, 0.5))
    sheet.add("map_tile_ms_p99", share_of(times_ms, 0.99))
    sheet.add("map_tile_kb", most_kb)


def _tiles_at(zoom: int) -> list[tuple[int, int]]:
    """Four times four round the middle of the stores, or as many as there are."""
    count = 2**zoom
    # Longitude 139.7, latitude 35.65 in web Mercator, as shares of the world.
    middle_x, middle_y = int(0.88806 * count), int(0.39402 * count)
    xs, ys = (range(max(0, middle - 2), min(count, middle + 2)) for middle in (middle_x, middle_y))
    return [(x, y) for x in xs for y in ys]


async def measure_map(ground: Ground, browser: "Browser", sheet: Sheet) -> None:
    name, _, value = ground.session.partition("=")
    async with open_phone(browser) as context:
        await context.add_cookies([{"name": name, "value": value, "url": ground.origin("console")}])
        page = await context.new_page()
        await slow_down(page)
        await page.goto(ground.url("console", "/console/map"), wait_until="commit")
        await page.wait_for_selector(_MAP_IDLE, state="attached")
        sheet.add("map_first_idle_ms", await elapsed_ms(page))
        sheet.add("map_script_ms_per_frame", await _script_ms_per_frame(page))


async def _script_ms_per_frame(page: "Page") -> float:
    """While the map is dragged along, of the page's own thread."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    box = await page.locator("canvas.maplibregl-canvas").bounding_box()
    if box is None:
        raise BrokenLoad("the map has no place on the page")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = await _script_s(session)
    await page.evaluate(
        "globalThis.frames_seen = 0; (function count() { frames_seen++; requestAnimationFrame(count); })()"
    )
    await page.mouse.move(x, y)
    await page.mouse.down()
    for step in range(_FRAMES):
        await page.mouse.move(x + step, y + step)
    await page.mouse.up()
    frames: int = await page.evaluate("frames_seen")
    return (await _script_s(session) - before) * 1000 / max(frames, 1)


async def _script_s(session: object) -> float:
    metrics = (await session.send("Performance.getMetrics"))["metrics"]  # type: ignore[attr-defined]
    return float(next(each["value"] for each in metrics if each["name"] == "ScriptDuration"))
