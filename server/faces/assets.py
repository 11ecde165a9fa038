"""The files of the pages, each under a name that holds its hash: a browser keeps it for ever.

Only what is listed is served. They are few and small, so they are read once and held in memory.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
# What a page imports by its bare name, from packages of npm's registry.
PACKAGE_MODULES: Mapping[str, str] = {"htmx.org": "dist/htmx.esm.min.js"}
MODULES = ("trusted_types", "console", "till_check")
STATIC = ("noren.css", "icon.svg")
_MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"


class MissingPackages(Exception):
    """What set-up should have installed is not there."""


class Asset(msgspec.Struct, frozen=True):
    content: bytes
    media_type: str


class Licence(msgspec.Struct, frozen=True):
    """Under what a package is served."""

    package: str
    version: str
    name: str
    text: str


class Assets(msgspec.Struct, frozen=True):
    """`urls`: by the name that templates use, `modules`: by the name that scripts import."""

    files: Mapping[str, Asset]
    urls: Mapping[str, str]
    modules: Mapping[str, str]
    licences: tuple[Licence, ...]

    @property
    def import_map(self) -> str:
        return json.dumps({"imports": self.modules})


@cache
def read_assets() -> Assets:
    """Raises MissingPackages."""
    files: dict[str, Asset] = {}

    def add(path: Path, name: str) -> str:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise MissingPackages(f"{path.name} is missing: set-up could not install the browser packages") from None
        hashed = f"{Path(name).stem}.{hashlib.sha256(content).hexdigest()[:16]}{path.suffix}"
        files[hashed] = Asset(content, _MEDIA_TYPES[path.suffix])
        return f"/assets/{hashed}"

    packages = FRONTEND / "node_modules"
    modules = {name: add(packages / name / path, name) for name, path in PACKAGE_MODULES.items()}
    modules |= {f"noren/{name}": add(FRONTEND / "modules" / f"{name}.js", f"{name}.js") for name in MODULES}
    urls = {name: add(FRONTEND / "static" / name, name) for name in STATIC}
    return Assets(files, urls, modules, tuple(_read_licence(packages / name) for name in PACKAGE_MODULES))


def _read_licence(package: Path) -> Licence:
    told = json.loads((package / "package.json").read_text(encoding="utf-8"))
    text = (package / "LICENSE").read_text(encoding="utf-8")
    return Licence(told["name"], told["version"], told["license"], text.strip())
