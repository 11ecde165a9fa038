"""What pages load of npm's packages, and which face loads it. A new file is a line here. Pure.

Versions and hashes stand in `frontend/package-lock.json`.
"""

from collections.abc import Sequence

import msgspec

from server.faces.hosts import Face


class PackageFile(msgspec.Struct, frozen=True):
    """`name`: what scripts import or templates ask for, `path`: below `frontend/node_modules`."""

    name: str
    path: str
    faces: tuple[Face, ...]


# What scripts import by a bare name.
PACKAGE_MODULES: Sequence[PackageFile] = (
    PackageFile("htmx.org", "htmx.org/dist/htmx.esm.min.js", ("console",)),
    # Web push. The last is what a file of @firebase/util imports beside itself: `./postinstall.mjs`.
    PackageFile("@firebase/app", "@firebase/app/dist/esm/index.esm.js", ("card",)),
    PackageFile("@firebase/component", "@firebase/component/dist/esm/index.esm.js", ("card",)),
    PackageFile("@firebase/installations", "@firebase/installations/dist/esm/index.esm.js", ("card",)),
    PackageFile("@firebase/logger", "@firebase/logger/dist/esm/index.esm.js", ("card",)),
    PackageFile("@firebase/messaging", "@firebase/messaging/dist/esm/index.esm.js", ("card",)),
    PackageFile("@firebase/util", "@firebase/util/dist/index.esm.js", ("card",)),
    PackageFile("/assets/postinstall.mjs", "@firebase/util/dist/postinstall.mjs", ("card",)),
    PackageFile("idb", "idb/build/index.js", ("console", "card", "till")),
    PackageFile("qr", "qr/index.js", ("card",)),
    PackageFile("maplibre-gl", "maplibre-gl/dist/maplibre-gl.mjs", ("console",)),
    PackageFile("pmtiles", "pmtiles/dist/esm/index.js", ("console",)),
    PackageFile("fflate", "fflate/esm/browser.js", ("console",)),
    PackageFile("terra-draw", "terra-draw/dist/terra-draw.modern.js", ("console",)),
    PackageFile(
        "terra-draw-maplibre-gl-adapter",
        "terra-draw-maplibre-gl-adapter/dist/terra-draw-maplibre-gl-adapter.modern.js",
        ("console",),
    ),
)
# What is loaded by its address: style sheets, workers, WebAssembly.
PACKAGE_FILES: Sequence[PackageFile] = (
    PackageFile("maplibre-gl-worker.mjs", "maplibre-gl/dist/maplibre-gl-worker.mjs", ("console",)),
    PackageFile("maplibre-gl.css", "maplibre-gl/dist/maplibre-gl.css", ("console",)),
    PackageFile("land-110m.json", "world-atlas/land-110m.json", ("console",)),
    # Of one release: the library says which WebAssembly it was made with, by its hash (a test compares).
    PackageFile("barcode-detector", "barcode-detector/dist/iife/ponyfill.js", ("till",)),
    PackageFile("zxing.wasm", "zxing-wasm/dist/reader/zxing_reader.wasm", ("till",)),
)


def package_of(path: str) -> str:
    """`@scope/name` is one package."""
    parts = path.split("/")
    return "/".join(parts[:2]) if path.startswith("@") else parts[0]
