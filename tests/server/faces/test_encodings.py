"""Files of pages are sent compressed to who takes that, and as they are to who does not."""

import gzip
from typing import cast

import msgspec
import pytest

from server.faces.assets import Asset, read_assets
from server.faces.encodings import takes
from tests.support.faces import ServedFaces


@pytest.mark.parametrize(
    ("accepted", "gzip", "br"),
    [
        ("gzip, deflate, br, zstd", True, True),
        ("GZIP", True, False),
        ("br;q=1.0, gzip;q=0.8", True, True),
        ("gzip;q=0", False, False),
        ("gzip; q=0.000", False, False),
        ("br, deflate", False, True),
        ("", False, False),
    ],
)
def test_which_browser_takes_what(accepted: str, *, gzip: bool, br: bool) -> None:
    assert (takes("gzip", accepted), takes("br", accepted)) == (gzip, br)


async def test_each_file_is_sent_smaller_and_is_the_same(faces: ServedFaces) -> None:
    assets, http, origin = read_assets(), faces.world.http, faces.origin("console")
    for name, asset in assets.files.items():
        packed = await http.get(f"{origin}/assets/{name}", headers={"Accept-Encoding": "gzip"})
        assert packed.content == asset.content, name
        assert packed.headers["vary"] == "Accept-Encoding"
        plain = await http.get(f"{origin}/assets/{name}", headers={"Accept-Encoding": "identity"})
        assert plain.content == asset.content, name
        assert "content-encoding" not in plain.headers
        if "gzip" in asset.packed:
            assert packed.headers["content-encoding"] == "gzip"
            assert gzip.decompress(asset.packed["gzip"]) == asset.content
    engine = assets.files[assets.urls["maplibre-gl-worker.mjs"].removeprefix("/assets/")]
    assert len(engine.packed["gzip"]) < len(engine.content) / 3


async def test_what_set_up_has_squeezed_is_sent_to_who_takes_it(
    faces: ServedFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    assets = read_assets()
    name, asset = next(iter(assets.files.items()))
    squeezed = msgspec.structs.replace(asset, packed={"br": b"squeezed", "gzip": asset.packed["gzip"]})
    monkeypatch.setitem(cast("dict[str, Asset]", assets.files), name, squeezed)
    http, url = faces.world.http, f"{faces.origin('console')}/assets/{name}"
    async with http.stream("GET", url, headers={"Accept-Encoding": "gzip, br"}) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert b"".join([part async for part in answer.aiter_raw()]) == b"squeezed"
    async with http.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
