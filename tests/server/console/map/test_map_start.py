"""What the map's page asks for at once is all that its first module needs, and nothing more."""

import re
from collections.abc import Iterator

from server.console.map.frame import NEEDED
from server.faces.assets import find_modules

_IMPORT = re.compile(r'^import [^;]*?from "([^"]+)";', re.MULTILINE)
START = "noren/console/map/start"


def list_needed(name: str) -> Iterator[str]:
    path = find_modules().get(name)
    for each in [] if path is None else _IMPORT.findall(path.read_text()):
        yield each
        yield from list_needed(each)


def test_what_the_map_needs_is_asked_for_before_it_is_found() -> None:
    assert set(NEEDED) == set(list_needed(START)) - {"maplibre-gl"}
    assert not any("terra" in name or name.endswith(("editor", "live")) for name in NEEDED), "that comes later"
