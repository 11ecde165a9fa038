"""What lies under the map, seen in a real Chromium: a file of tiles, somebody's style, and the browser's dark."""

import json
import struct
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.console.map import frame, live_routes
from server.console.map.base_map import BaseMap
from tests.support.faces import ServedFaces
from tests.support.managers import as_person, open_map, sign_in
from tests.support.visitors import Visitor
from tests.support.waiting import until

LAND = {"light": (246, 242, 231), "dark": (30, 36, 44)}
PARTS = (
    "MULTIPOLYGON (((139.7 35.6, 139.72 35.6, 139.72 35.62, 139.7 35.6)),"
    " ((139.74 35.6, 139.76 35.6, 139.76 35.62, 139.74 35.6)))"
)
_TILE = """
SELECT ST_AsMVT(earth, 'earth', 4096, 'shape')
FROM (SELECT ST_AsMVTGeom(ST_TileEnvelope(0, 0, 0), ST_TileEnvelope(0, 0, 0), 4096, 64, true) AS shape) AS earth
"""


def make_archive(tile: bytes) -> bytes:
    """PMTiles 3 (https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md) with one tile, nothing compressed."""
    metadata = json.dumps({"vector_layers": [{"id": "earth", "fields": {}}]}).encode()
    directory = bytes([1, 0, 1, *_varint(len(tile)), 1])
    places = [127, len(directory), 127 + len(directory), len(metadata), 0, 0]
    places += [127 + len(directory) + len(metadata), len(tile), 1, 1, 1]
    bounds = (-1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000)
    head = b"PMTiles\x03" + struct.pack("<11Q6B4iB2i", *places, 1, 1, 1, 1, 0, 0, *bounds, 0, 0, 0)
    return head + directory + metadata + tile


def _varint(number: int) -> Sequence[int]:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return [*parts, number]


async def colour_of(visitor: Visitor) -> tuple[int, ...]:
    """Of the map, a bit off its corner: a PNG of one dot."""
    box = await visitor.page.locator("[data-map]").bounding_box()
    assert box is not None
    clip = {"x": box["x"] + 60, "y": box["y"] + 60, "width": 1, "height": 1}
    picture = await visitor.page.screenshot(clip=clip, scale="css")  # type: ignore[arg-type]
    start = picture.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", picture[start - 8 : start - 4])
    return tuple(zlib.decompressobj().decompress(picture[start : start + length])[1:4])


async def see(visitor: Visitor, colour: tuple[int, ...]) -> None:
    async def is_seen() -> bool:
        return await colour_of(visitor) == colour

    await until(is_seen)


@asynccontextmanager
async def lying_under(base: BaseMap) -> AsyncIterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (frame, live_routes):
            patch.setattr(module, "read_base_map", lambda _: base)
        yield


async def test_a_file_of_tiles_lies_under_the_map_and_follows_the_browsers_dark(
    faces: ServedFaces, visitor: Visitor, tmp_path: Path
) -> None:
    chain = await faces.world.add_chain()
    await chain.add_store(code="ebisu")
    file = tmp_path / "world.pmtiles"
    file.write_bytes(make_archive(await faces.world.pool.fetchval(_TILE)))
    owner = await as_person(faces, await sign_in(faces, visitor, chain))
    form = {"store_code": "ebisu", "name": "Two halls", "kind": "area", "area": PARTS}
    made = await owner.post("/console/map/fences/new", form)
    assert made.status_code == 303, made.text
    async with lying_under(BaseMap("tiles", file=file)):
        await visitor.page.emulate_media(color_scheme="light")
        await open_map(faces, visitor, made.headers["location"])
        await see(visitor, LAND["light"])
        await visitor.page.locator("[data-how]").filter(has_text="座標の欄で変更します").wait_for()
        await visitor.page.emulate_media(color_scheme="dark")
        await see(visitor, LAND["dark"])


async def test_somebodys_style_lies_under_the_stores(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    await chain.add_geofence(await chain.add_store())
    ground = {"id": "ground", "type": "background", "paint": {"background-color": "#aa1020"}}
    style = json.dumps({"version": 8, "sources": {}, "layers": [ground]})
    elsewhere = "http://maps.localhost:9"
    await visitor.context.route(
        f"{elsewhere}/**",
        lambda route: route.fulfill(
            body=style, content_type="application/json", headers={"Access-Control-Allow-Origin": "*"}
        ),
    )
    await sign_in(faces, visitor, chain)
    async with lying_under(BaseMap("style", style_url=f"{elsewhere}/style.json", origins=(elsewhere,))):
        await open_map(faces, visitor)
        await see(visitor, (0xAA, 0x10, 0x20))
