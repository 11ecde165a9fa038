"""What `./run test` makes of its arguments."""

import os
import subprocess
import sys
from contextlib import nullcontext

import pytest

from devtools import check, chromium, testing
from devtools.apt import SetupError
from devtools.bootstrap import ROOT

FILE = "tests/devtools/test_testing.py"


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (FILE, True),
        (f"{FILE}::test_a", True),
        ("tests/geo", True),
        ("-k", False),
        ("--busy", False),
        ("no_such", False),
    ],
)
def test_a_path_is_known_from_other_arguments(argument: str, expected: bool) -> None:
    assert testing.is_path(argument) == expected


@pytest.mark.parametrize(("arguments", "fails"), [([], False), (["--browser"], True), (["--browser", FILE], False)])
def test_without_a_browser_only_ci_fails(monkeypatch: pytest.MonkeyPatch, arguments: list[str], fails: bool) -> None:
    monkeypatch.setattr(chromium, "ensure", lambda: None)
    monkeypatch.setattr(testing, "private_database", lambda _: nullcontext())
    monkeypatch.setattr(check, "run_all", lambda *_, **__: [])
    monkeypatch.setattr(testing, "_run_pytest", lambda _, given: 0 if "--browser" not in given else 4)
    with pytest.raises(SetupError) if fails else nullcontext():
        assert testing.main(arguments) == 0


def test_single_files_need_no_workers() -> None:
    assert testing.worker_count([FILE, f"{FILE}::test_a"]) == 0
    assert testing.worker_count([FILE, "tests/geo"]) >= 3
    assert testing.worker_count([]) >= 3


def test_busy_loops_end_with_the_run_even_if_it_is_killed() -> None:
    code = "from devtools.testing import _busy_machine\nwith _busy_machine():\n print('busy', flush=True)\n input()"
    run = subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == b"busy\n"
    run.kill()
    # The loops hold the other end of its output as long as they live.
    assert run.communicate()[0] == b""
