"""Words in both languages, templates that escape, and files whose names hold their hash."""

import hashlib
import json
import re
from importlib import import_module

import pytest

from server.faces import assets
from server.faces.assets import FRONTEND, MissingPackages, read_assets
from server.faces.hosts import FACES
from server.faces.packages import PackageFile
from server.faces.words import Words

SERVER = FRONTEND.parent / "server"


def find_words() -> dict[str, Words]:
    """Those of each room of the faces, by the name of their file."""
    found: dict[str, Words] = {}
    for face in ("faces", "console", "card_page", "till_page"):
        for path in sorted((SERVER / face).rglob("*words.py")):
            name = ".".join(path.relative_to(SERVER.parent).with_suffix("").parts)
            kept = vars(import_module(name)).items()
            found |= {f"{name}.{each}": words for each, words in kept if each.isupper() and isinstance(words, dict)}
    return found


ALL = find_words()
TEMPLATES = sorted((FRONTEND / "templates").rglob("*.html"))


@pytest.mark.parametrize("words", ALL.values(), ids=ALL)
def test_each_word_is_there_in_both_languages(words: Words) -> None:
    for name, (japanese, english) in words.items():
        assert japanese.strip(), name
        assert english.strip(), name
        assert sorted(re.findall(r"\{\w+\}", japanese)) == sorted(re.findall(r"\{\w+\}", english)), name
        assert english.isascii() or name == "other_language" or "…" in english, name


def test_each_word_is_used_and_each_that_is_used_is_there() -> None:
    used = {name for path in TEMPLATES for name in re.findall(r"\bt\.(\w+)", path.read_text(encoding="utf-8"))}
    known = {name for words in ALL.values() for name in words}
    assert used - known - {"format"} == set()
    source = "".join(path.read_text(encoding="utf-8") for path in SERVER.rglob("*.py"))
    by_key = {name for name in known - used if f'"{name}"' in source or name.startswith("error_")}
    # `t["trust_" ~ visit.trust]`
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES]
    begun = tuple(prefix for text in texts for prefix in re.findall(r'\["(\w+_)" ~', text))
    by_key |= {name for name in known - used if name.startswith(begun)}
    by_key |= {name for name in known if name.endswith("_help") and name.removesuffix("_help") in by_key | used}
    assert known - used - by_key == set()


def test_no_template_has_a_script_or_a_style_of_its_own() -> None:
    """The CSP refuses both; only the import map has a nonce."""
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son\w+=|hx-on|javascript:|js:", text), path
        assert ("| safe" in text) is (path.name == "scripts.html"), path
        for script in re.findall(r"<script[^>]*>", text):
            assert 'type="module" src=' in script or 'type="importmap" nonce=' in script, path


def test_each_file_is_named_by_its_hash_and_nothing_else_is_served() -> None:
    read = read_assets()
    for name, asset in read.files.items():
        assert hashlib.sha256(asset.content).hexdigest()[:16] in name
    urls = [*read.urls.values(), *(url for modules in read.modules.values() for url in modules.values())]
    assert {url.removeprefix("/assets/") for url in urls} == set(read.files)
    for face, modules in read.modules.items():
        assert json.loads(read.import_map(face))["imports"] == modules


def test_each_import_of_our_modules_is_in_the_maps_of_its_faces() -> None:
    read = read_assets()
    for name, path in assets.find_modules().items():
        folder = name.split("/")[1]
        assert folder in (assets.SHARED, *FACES), path
        imported = re.findall(r'^(?:import|export) .*from "(.+)";', path.read_text(encoding="utf-8"), re.MULTILINE)
        for face in FACES if folder == assets.SHARED else [face for face in FACES if face == folder]:
            assert set(imported) <= set(read.modules[face]), (path, face)


def test_each_package_that_is_served_has_a_licence() -> None:
    packages = json.loads((FRONTEND / "package.json").read_text())["dependencies"]
    licences = read_assets().licences
    assert {(each.package, each.version) for each in licences} <= set(packages.items())
    assert all(each.name for each in licences)


def test_missing_packages_are_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "PACKAGE_MODULES", [PackageFile("it", "not-there/it.js", ("console",))])
    read_assets.cache_clear()
    with pytest.raises(MissingPackages, match="browser packages"):
        read_assets()
    monkeypatch.undo()
    read_assets.cache_clear()
