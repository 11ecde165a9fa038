"""What lies under the map: by which setting, what a page may then fetch, and a file of tiles in parts."""

from pathlib import Path

import pytest

from server.console.map.base_map import OUTLINE, read_base_map
from server.console.map.live_routes import _read_part
from server.faces.headers import page_headers
from server.setting_values import find_base_map_fault


def test_by_default_nothing_is_fetched_from_elsewhere() -> None:
    assert read_base_map(None) == OUTLINE
    assert "connect-src" not in page_headers("n", "https://x.example", OUTLINE.needs)["Content-Security-Policy"]


def test_a_style_opens_the_policy_for_its_origins_and_no_other() -> None:
    setting = "https://maps.example/style.json?key=1 https://tiles.example"
    assert find_base_map_fault(setting) is None
    policy = page_headers("n", "https://x.example", read_base_map(setting).needs)["Content-Security-Policy"]
    assert "connect-src 'self' https://maps.example https://tiles.example;" in policy


@pytest.mark.parametrize(
    "setting",
    [
        "https://maps.example/style.json; script-src *",
        "https://maps.example/style.json https://tiles.example/path",
        "https://maps.example/style.json *",
        "https://*.example/style.json",
        "https://user@maps.example/style.json",
        "/nowhere/japan.pmtiles",
        "javascript:alert(1)",
    ],
)
def test_what_would_open_more_is_refused(setting: str) -> None:
    assert find_base_map_fault(setting) is not None


def test_a_file_of_tiles_is_read_in_parts(tmp_path: Path) -> None:
    file = tmp_path / "japan.pmtiles"
    file.write_bytes(bytes(range(100)))
    assert find_base_map_fault(str(file)) is None
    assert read_base_map(str(file)).file == file
    assert _read_part(file, "bytes=10-19")[2] == (10, bytes(range(10, 20)))
    assert _read_part(file, "bytes=90-5000")[2] == (90, bytes(range(90, 100))), "as much as there is"
    for asked in ("", "bytes=100-200", "bytes=5-4", "bytes=-5", "bytes=0-1,3-4", "bytes=0-99999999999999999"):
        assert _read_part(file, asked)[2] is None, asked
