"""Which Chromium the tests take."""

from pathlib import Path

import pytest

from devtools import apt, chromium


@pytest.fixture(autouse=True)
def _only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(chromium.SETTING, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def program(folder: Path, name: str, text: str = "#!/bin/sh\nexec /usr/lib/chromium\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_the_systems_own_by_its_names(tmp_path: Path) -> None:
    assert chromium.find() is None
    chrome = program(tmp_path, "google-chrome")
    assert chromium.find() == chrome
    assert chromium.find() == chrome
    assert program(tmp_path, "chromium") == chromium.find()


def test_the_headless_shell_comes_first_where_it_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = program(tmp_path, "chromium")
    assert chromium.find_shell() == whole
    shell = program(tmp_path, "chromium-headless-shell")
    assert (chromium.find_shell(), chromium.find()) == (shell, whole)
    other = program(tmp_path, "my-browser")
    monkeypatch.setenv(chromium.SETTING, str(other))
    assert chromium.find_shell() == other


def test_a_snap_is_passed_over_and_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snap = program(tmp_path, "chromium", '#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    (tmp_path / "linked").mkdir()
    program(tmp_path / "snap" / "bin", "snapped")
    assert chromium.find() is None
    for path in (snap, tmp_path / "snap" / "bin" / "snapped"):
        monkeypatch.setenv(chromium.SETTING, str(path))
        with pytest.raises(apt.SetupError, match="snap"):
            chromium.find()


def test_the_setting_names_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = program(tmp_path, "my-browser")
    monkeypatch.setenv(chromium.SETTING, str(other))
    assert chromium.find() == other
    monkeypatch.setenv(chromium.SETTING, str(tmp_path / "none"))
    with pytest.raises(apt.SetupError, match=chromium.SETTING):
        chromium.find()


@pytest.mark.parametrize(
    ("known", "comes"), [(["chromium", "chromium-headless-shell"], True), (["chromium"], True), ([], False)]
)
def test_it_is_installed_where_it_can_be_and_else_said_loudly(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    known: list[str],
    *,
    comes: bool,
) -> None:
    def install(packages: list[str], **_: str) -> None:
        wanted = [name for name in packages if name.startswith("chromium")]
        if not set(wanted) <= set(known):
            raise apt.SetupError("chromium missing; run: sudo …")
        for name in wanted:
            program(tmp_path, name)

    monkeypatch.setattr(apt, "install", install)
    assert (chromium.ensure() is not None) is comes
    assert ("NO CHROMIUM" in capsys.readouterr().err) is not comes
    assert (chromium.find_shell() == tmp_path / "chromium-headless-shell") is (len(known) == 2)
