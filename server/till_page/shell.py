"""The one page of the till: all its views. Its worker's version is a hash of whatever it is made of."""

import hashlib
import json
from collections.abc import Mapping, Sequence

import msgspec

from kit.locales import LOCALES
from programs.programs_repository import Program
from server.faces.assets import FRONTEND, read_assets
from server.faces.icons import SIZES
from server.faces.words import COMMON
from server.till_page.script_words import SAID
from server.till_page.words import TILL

SHELL = "till/shell.html"
WORDS = {**TILL, **SAID}


class Shell(msgspec.Struct, frozen=True):
    """`currency`: ISO 4217. `colour`: of its icons."""

    program: Program
    currency: str
    colour: str

    @property
    def base(self) -> str:
        return f"/till/{self.program.code}/"

    @property
    def files(self) -> Sequence[str]:
        """All that it is made of besides itself."""
        assets = read_assets()
        own = [f"{self.base}{name}" for name in ("manifest.webmanifest", "decoder.js", "icon-192.png")]
        shared = [assets.urls[name] for name in ("icon.svg", "noren.css", "till.css", "barcode-detector", "zxing.wasm")]
        return [*own, *shared, *assets.modules["till"].values()]

    @property
    def version(self) -> str:
        """Another text or another file is another version."""
        templates = FRONTEND / "templates"
        texts = [path.read_bytes() for path in (templates / "base.html", *sorted((templates / "till").rglob("*.html")))]
        told = json.dumps([self.program.name, self.currency, WORDS, COMMON, self.files, _script("start")])
        return hashlib.sha256(b"\n".join([*texts, told.encode()])).hexdigest()[:16]

    def write_worker(self) -> str:
        kept = {
            "program": self.program.code,
            "version": self.version,
            "shell": self.base,
            "files": self.files,
            "locales": LOCALES,
            "default_locale": self.program.default_locale,
        }
        return _with("TILL", kept, "start")

    def write_decoder(self) -> str:
        urls = read_assets().urls
        return _with("DECODER", {"library": urls["barcode-detector"], "wasm": urls["zxing.wasm"]}, "decoder")

    def write_manifest(self, name: str, locale: str) -> Mapping[str, object]:
        # Home screens of iPhones want a PNG.
        drawn = [
            {"src": f"{self.base}icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
            for size in SIZES[1:]
        ]
        vector = {"src": read_assets().urls["icon.svg"], "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
        return {
            "id": self.base,
            "scope": self.base,
            "start_url": self.base,
            "name": name,
            "short_name": self.program.name,
            "lang": locale,
            "display": "standalone",
            "orientation": "any",
            "background_color": "#fbf8f1",
            "theme_color": "#1f3a5f",
            "icons": [*drawn, vector],
        }


def _with(name: str, values: Mapping[str, object], script: str) -> str:
    """What a worker is told stands in front of it, so that a browser sees a new one whenever any of it has changed."""
    return f"const {name} = {json.dumps(values)};\n{_script(script)}"


def _script(name: str) -> str:
    return (FRONTEND / "workers" / "till" / f"{name}.js").read_text(encoding="utf-8")
