"""The files of the pages, each under a name that holds its hash: a browser keeps it for ever.

Of packages only what `server.faces.packages` lists is served. All are few and small, so they are read once and held in
memory.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from server.faces.encodings import Encoding
from server.faces.hosts import FACES, Face
from server.faces.packages import PACKAGE_FILES, PACKAGE_MODULES, package_of

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
SHARED = "shared"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
# What set-up has put beside a package's file (devtools/squeeze.py).
SQUEEZED = ".br"
FOREVER = "public, max-age=31536000, immutable"


class MissingPackages(Exception):
    """What set-up should have installed is not there."""


class Asset(msgspec.Struct, frozen=True):
    """`packed`: smaller, by how it is packed; the smallest first."""

    content: bytes
    packed: Mapping[Encoding, bytes]
    media_type: str


class Licence(msgspec.Struct, frozen=True):
    """Under what a package is served. `text`: empty where the package brings none."""

    package: str
    version: str
    name: str
    text: str


class Assets(msgspec.Struct, frozen=True):
    """`urls`: by the name that templates use, `modules`: of each face, by the name that scripts import."""

    files: Mapping[str, Asset]
    urls: Mapping[str, str]
    modules: Mapping[Face, Mapping[str, str]]
    licences: tuple[Licence, ...]

    def import_map(self, face: Face) -> str:
        return json.dumps({"imports": self.modules[face]})


@cache
def read_assets() -> Assets:
    """Raises MissingPackages."""
    files: dict[str, Asset] = {}

    def add(path: Path) -> str:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise MissingPackages(f"{path.name} is missing: set-up could not install the browser packages") from None
        hashed = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:16]}{path.suffix}"
        files[hashed] = Asset(content, _pack(path, content), _MEDIA_TYPES[path.suffix])
        return f"/assets/{hashed}"

    packages = FRONTEND / "node_modules"
    of_packages = {each: add(packages / each.path) for each in PACKAGE_MODULES}
    modules = {name: add(path) for name, path in find_modules().items()}
    by_face = {
        face: {each.name: url for each, url in of_packages.items() if face in each.faces}
        | {name: url for name, url in modules.items() if name.split("/")[1] in (SHARED, face)}
        for face in FACES
    }
    urls = {path.name: add(path) for path in sorted((FRONTEND / "static").iterdir())}
    urls |= {each.name: add(packages / each.path) for each in PACKAGE_FILES}
    names = sorted({package_of(each.path) for each in (*PACKAGE_MODULES, *PACKAGE_FILES)})
    return Assets(files, urls, by_face, tuple(_read_licence(packages / name) for name in names))


def _pack(path: Path, content: bytes) -> Mapping[Encoding, bytes]:
    """Once, at the start: a map's engine is a megabyte, and a quarter of that on the line."""
    packed: dict[Encoding, bytes] = {}
    squeezed = path.with_name(path.name + SQUEEZED)
    if squeezed.is_file():
        packed["br"] = squeezed.read_bytes()
    packed["gzip"] = gzip.compress(content, compresslevel=6, mtime=0)
    return {name: each for name, each in packed.items() if len(each) < len(content)}


def find_modules() -> dict[str, Path]:
    """Our own, by the name that scripts import: `noren/card/page` is `frontend/modules/card/page.js`."""
    root = FRONTEND / "modules"
    return {f"noren/{path.relative_to(root).with_suffix('')}": path for path in sorted(root.rglob("*.js"))}


def _read_licence(package: Path) -> Licence:
    told = json.loads((package / "package.json").read_text(encoding="utf-8"))
    text = next((path.read_text(encoding="utf-8") for path in sorted(package.glob("LICENSE*"))), "")
    return Licence(told["name"], told["version"], told["license"], text.strip())
