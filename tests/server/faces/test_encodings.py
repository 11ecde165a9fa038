"""Files of pages are sent compressed to who takes that, and as they are to who does not."""

import gzip

import pytest

from server.faces.assets import read_assets
from server.faces.encodings import takes_gzip
from tests.support.faces import ServedFaces


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip, deflate, br, zstd", True),
        ("GZIP", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("br, deflate", False),
        ("", False),
    ],
)
def test_which_browser_takes_gzip(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


async def test_each_file_is_sent_smaller_and_is_the_same(faces: ServedFaces) -> None:
    assets, http, origin = read_assets(), faces.world.http, faces.origin("console")
    for name, asset in assets.files.items():
        packed = await http.get(f"{origin}/assets/{name}", headers={"Accept-Encoding": "gzip"})
        assert packed.content == asset.content, name
        assert packed.headers["vary"] == "Accept-Encoding"
        plain = await http.get(f"{origin}/assets/{name}", headers={"Accept-Encoding": "identity"})
        assert plain.content == asset.content, name
        assert "content-encoding" not in plain.headers
        if asset.gzipped is not None:
            assert packed.headers["content-encoding"] == "gzip"
            assert gzip.decompress(asset.gzipped) == asset.content
    engine = assets.urls["maplibre-gl-worker.mjs"].removeprefix("/assets/")
    gzipped = assets.files[engine].gzipped
    assert gzipped is not None
    assert len(gzipped) < len(assets.files[engine].content) / 3
