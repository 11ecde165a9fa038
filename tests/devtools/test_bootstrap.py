"""When .venv is built and when it is left alone; the building itself is what every ./run does."""

import re
from pathlib import Path

import pytest

from devtools import bootstrap

LOCK = """\
urllib3==2.5.0 \\
    --hash=sha256:aa
    # via requests
uv==0.13.9 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
    # via noren
uvicorn==0.54.0 \\
    --hash=sha256:dd
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose venv takes no time to build."""

    def make_venv(venv: Path) -> None:
        python = venv / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch(mode=0o755)

    monkeypatch.setattr(bootstrap, "_make_venv", make_venv)
    (tmp_path / "requirements-dev.lock").write_text("a==1\n")
    (tmp_path / "requirements.lock").write_text("only what serves\n")
    return tmp_path


@pytest.fixture
def builds(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    built: list[str] = []
    monkeypatch.setattr(bootstrap, "_install_lock", lambda _venv, lock, _uv: built.append(lock.read_text()))
    return built


def test_a_finished_venv_is_left_alone(root: Path, builds: list[str]) -> None:
    bootstrap.make_ready(root, with_tools=True)
    bootstrap.make_ready(root, with_tools=True)
    assert builds == ["a==1\n"]


def test_another_lock_is_installed(root: Path, builds: list[str]) -> None:
    bootstrap.make_ready(root, with_tools=True)
    (root / "requirements-dev.lock").write_text("a==2\n")
    bootstrap.make_ready(root, with_tools=True)
    assert builds == ["a==1\n", "a==2\n"]


def test_a_build_that_was_cut_off_is_built_again(
    root: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_venv: Path, _lock: Path, _uv: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "_install_lock", cut_off)
        with pytest.raises(KeyboardInterrupt):
            bootstrap.make_ready(root, with_tools=True)
    bootstrap.make_ready(root, with_tools=True)
    assert builds == ["a==1\n"]


def test_a_venv_whose_python_is_gone_or_that_was_moved_is_built_again(root: Path, builds: list[str]) -> None:
    bootstrap.make_ready(root, with_tools=True)
    (root / ".venv" / "bin" / "python").unlink()
    bootstrap.make_ready(root, with_tools=True)
    moved = root / "moved"
    moved.mkdir()
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (root / lock).rename(moved / lock)
    (root / ".venv").rename(moved / ".venv")
    bootstrap.make_ready(moved, with_tools=True)
    assert len(builds) == 3


def test_the_pin_of_uv_is_its_version_and_hashes() -> None:
    assert bootstrap.uv_pin(LOCK).splitlines()[:3] == [
        "uv==0.13.9 \\",
        "    --hash=sha256:bb \\",
        "    --hash=sha256:cc",
    ]
    assert "uvicorn" not in bootstrap.uv_pin(LOCK)


def test_our_lock_pins_uv() -> None:
    lock = (bootstrap.ROOT / "requirements-dev.lock").read_text()
    assert "--hash=sha256:" in bootstrap.uv_pin(lock)


def test_what_serves_is_done_with_a_venv_of_tools_and_gets_none_by_itself(root: Path, builds: list[str]) -> None:
    bootstrap.make_ready(root, with_tools=False)
    bootstrap.make_ready(root, with_tools=False)
    assert builds == ["only what serves\n"]
    bootstrap.make_ready(root, with_tools=True)
    bootstrap.make_ready(root, with_tools=False)
    assert builds == ["only what serves\n", "a==1\n"]


def test_what_serves_is_what_was_tested() -> None:
    tested, served = (
        set(re.findall(r"^[a-z0-9][^ ]*==[^ ]+", (bootstrap.ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements-dev.lock", "requirements.lock")
    )
    assert served < tested
    assert not any(pin.startswith(("pytest==", "mypy==", "uv==")) for pin in served)
