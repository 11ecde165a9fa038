"""What `./run test` makes of its arguments."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest

from devtools import check, machine, testing
from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from devtools.testing import pass_gate

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
    monkeypatch.setattr(machine, "make_ready", lambda: None)
    monkeypatch.setattr(testing, "_compiling", nullcontext)
    monkeypatch.setattr(testing, "private_database", lambda _: nullcontext())
    monkeypatch.setattr(check, "run_all", lambda *_, **__: [])
    monkeypatch.setattr(testing, "_begun", lambda _, given, __: nullcontext(Running(4 if "--browser" in given else 0)))
    with pytest.raises(SetupError) if fails else nullcontext():
        assert testing.main(arguments) == 0


@dataclass(frozen=True)
class Running:
    """What `_begun` starts."""

    code: int
    gate: Path | None = None

    def wait(self) -> int:
        assert self.gate is None or not is_closed(self.gate)
        return self.code


def is_closed(gate: Path) -> bool:
    with gate.open() as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_the_first_test_waits_for_all_that_tests_want(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Path] = []

    def begin(_workers: int, _arguments: Sequence[str], gate: str) -> AbstractContextManager[Running]:
        begun.append(Path(gate))
        return nullcontext(Running(7, Path(gate)))

    @contextmanager
    def private_database(_purpose: str) -> Iterator[None]:
        assert is_closed(begun[0])
        yield

    @contextmanager
    def compiling() -> Iterator[None]:
        yield
        assert is_closed(begun[0])

    monkeypatch.setattr(testing, "_begun", begin)
    monkeypatch.setattr(testing, "_compiling", compiling)
    monkeypatch.setattr(testing, "private_database", private_database)
    monkeypatch.setattr(machine, "make_ready", lambda: Path("/usr/bin/chromium") if is_closed(begun[0]) else None)
    monkeypatch.setattr(check, "run_all", lambda *_, **__: [])
    assert testing.main(["--browser"]) == 7
    assert not begun[0].exists()


def test_tests_wait_at_the_gate_and_never_for_a_run_that_has_ended(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    pass_gate(str(gate))
    with gate.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = Thread(target=pass_gate, args=[str(gate)], daemon=True)
        waiting.start()
        waiting.join(0.1)
        assert waiting.is_alive()
    waiting.join()


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
