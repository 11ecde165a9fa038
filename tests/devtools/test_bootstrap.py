"""When .venv is built and when it is left alone; the building itself is what every ./run does."""

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
    (tmp_path / "requirements.lock").write_text("a==1\n")
    return tmp_path


@pytest.fixture
def builds(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    built: list[str] = []
    monkeypatch.setattr(bootstrap, "_install_lock", lambda _venv, lock: built.append(lock.read_text()))
    return built


def test_a_finished_venv_is_left_alone(root: Path, builds: list[str]) -> None:
    bootstrap.make_ready(root)
    bootstrap.make_ready(root)
    assert builds == ["a==1\n"]


def test_another_lock_is_installed(root: Path, builds: list[str]) -> None:
    bootstrap.make_ready(root)
    (root / "requirements.lock").write_text("a==2\n")
    bootstrap.make_ready(root)
    assert builds == ["a==1\n", "a==2\n"]


def test_a_build_that_was_cut_off_is_built_again(
    root: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_venv: Path, _lock: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "_install_lock", cut_off)
        with pytest.raises(KeyboardInterrupt):
            bootstrap.make_ready(root)
    bootstrap.make_ready(root)
    assert builds == ["a==1\n"]


def test_a_venv_whose_python_is_gone_or_that_was_moved_is_built_again(root: Path, builds: list[str]) -> None:
    bootstrap.make_ready(root)
    (root / ".venv" / "bin" / "python").unlink()
    bootstrap.make_ready(root)
    moved = root / "moved"
    moved.mkdir()
    (root / "requirements.lock").rename(moved / "requirements.lock")
    (root / ".venv").rename(moved / ".venv")
    bootstrap.make_ready(moved)
    assert len(builds) == 3


def test_the_pin_of_uv_is_its_version_and_hashes() -> None:
    assert bootstrap.uv_pin(LOCK).splitlines()[:3] == [
        "uv==0.13.9 \\",
        "    --hash=sha256:bb \\",
        "    --hash=sha256:cc",
    ]
    assert "uvicorn" not in bootstrap.uv_pin(LOCK)


def test_our_lock_pins_uv() -> None:
    lock = (bootstrap.ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in bootstrap.uv_pin(lock)
