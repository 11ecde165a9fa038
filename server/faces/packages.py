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
    PackageFile("idb", "idb/build/index.js", ("card",)),
    PackageFile("qr", "qr/index.js", ("card",)),
)
# What is loaded by its address: style sheets, workers, WebAssembly.
PACKAGE_FILES: Sequence[PackageFile] = ()


def package_of(path: str) -> str:
    """`@scope/name` is one package."""
    parts = path.split("/")
    return "/".join(parts[:2]) if path.startswith("@") else parts[0]
