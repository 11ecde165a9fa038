"""What numba compiles is plain Python, and machine code is never that of other sources."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.bootstrap import ROOT
from geo import compiled


def test_as_plain_python_the_kernels_come_to_the_same() -> None:
    """There a place beyond the end of an array is an error, which machine code does not see."""
    kinds = "tracks_come_to_the_same or an_exit_that_the_last_fix or edges_and_corners"
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", kinds]
    # The hash of a cell is meant to run over.
    command += [
        "-W",
        "ignore:overflow encountered",
        "tests/geo/test_uploads.py",
        "tests/geo/test_matcher_against_model.py",
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_other_sources_have_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "geo"
    shutil.copytree(Path(compiled.__file__).parent, sources, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(compiled, "_PACKAGE", sources)
    before = compiled._make_folder()
    assert before == compiled._make_folder()
    (sources / "geodesy.py").open("a").write("\n")
    assert before != compiled._make_folder()


def test_where_nothing_can_be_kept_everything_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """numba itself refuses to begin there."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    spec = importlib.util.spec_from_file_location("compiled_anew", compiled.__file__)
    assert spec is not None
    assert spec.loader is not None
    anew = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(anew)
    assert anew._FOLDER is None
    assert anew.compiled(_add)(1, 2) == 3


def _add(one: int, other: int) -> int:
    return one + other
