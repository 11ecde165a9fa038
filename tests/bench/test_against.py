"""`--against`: rounds of two checkouts in turn, and the ratios of neighbours."""

import json
import os
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from bench import inside, rounds, scan_rounds
from bench.against import turns
from bench.against.duel import compare_scan, write_arguments
from bench.against.figures import Pair, both_sides, compare
from bench.gauge import Gauge
from bench.geo import Size
from devtools.apt import SetupError

# What any build of the bench has, and nothing that is measured: three rounds, of which the first one warms up.
_ROUNDS = """
import asyncio, os, types
from pathlib import Path

class Till:
    async def saturate(self, seconds):
        return types.SimpleNamespace(run=types.SimpleNamespace(latencies_s=[0.1] * 10), server_cpu_s=SPEED)

class Round:
    def __init__(self, sheet):
        self.sheet = sheet

    async def measure(self, till, chain, guests):
        note("begins")
        await till.saturate(1.0)
        self.sheet.samples.setdefault("scans_per_s", []).append(100.0 / SPEED)
        note("ends")

def note(what):
    with open(os.environ["HISTORY"], "a") as history:
        history.write(f"{Path(__file__).parent.parent.name} {what}\\n")
"""
_BENCH = """
import asyncio, os, types
from bench.scan_rounds import Round, Till

def main(arguments):
    sheet = types.SimpleNamespace(samples={})
    chain = types.SimpleNamespace(dsn=os.environ["DSN"])
    for _ in range(3):
        asyncio.run(Round(sheet).measure(Till(), chain, None))
    return 0
"""


def make_checkout(root: Path, speed: float) -> Path:
    (root / "bench").mkdir(parents=True)
    (root / "bench/__init__.py").touch()
    (root / "bench/scan_rounds.py").write_text(f"SPEED = {speed}\n{_ROUNDS}")
    (root / "bench/scan.py").write_text(_BENCH)
    (root / "run").write_text("#!/bin/sh\n")
    (root / "run").chmod(0o755)
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").symlink_to(sys.executable)
    return root


def test_rounds_of_two_checkouts_take_turns_and_neighbours_are_compared(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = make_checkout(tmp_path / "ours", 1.0), make_checkout(tmp_path / "theirs", 2.0)
    history = tmp_path / "history"
    monkeypatch.setenv("HISTORY", str(history))
    monkeypatch.setenv("DSN", database)
    monkeypatch.setattr("bench.against.duel.ROOT", ours)
    assert compare_scan(theirs, [], with_json=True) == 0

    measured = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert measured["scans_ratio"] == 2
    assert measured["scan_cpu_ratio"] == 0.5
    assert measured["stall_own_ms"] is None
    marks = [line.split() for line in history.read_text().splitlines()]
    assert [what for _, what in marks] == ["begins", "ends"] * 6, "one side worked in the other's turn"
    assert all(begun[0] == ended[0] for begun, ended in list(pairwise(marks))[::2])
    assert [name for name, what in marks if what == "begins"] == ["ours", "theirs"] * 2 + ["theirs", "ours"]


def test_a_folder_that_is_no_checkout_is_refused_in_words(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.against.duel.ROOT", make_checkout(tmp_path / "ours", 1.0))
    monkeypatch.setenv("HISTORY", os.devnull)
    monkeypatch.setenv("DSN", database)
    with pytest.raises(SetupError, match="no checkout of Noren"):
        compare_scan(tmp_path, [], with_json=False)


def test_a_ratio_is_of_neighbours_and_an_own_figure_stands_alone() -> None:
    pairs = [
        Pair("short", {"locate_posts_per_s_1": 20, "p99_ms_half_load": 9}, {"locate_posts_per_s_1": 10}),
        Pair("short", {"locate_posts_per_s_1": 30, "p99_ms_half_load": 8}, {"locate_posts_per_s_1": 10}),
        Pair("million", {"load_s": 1}, {"load_s": 4}),
    ]

    compared = compare(pairs)

    assert compared == {"posts_per_s_1_ratio": [2, 3], "p99_ms_half_load": [9, 8], "million_load_ratio": [0.25]}
    assert both_sides(pairs)["short: locate_posts_per_s_1, theirs"] == [10, 10]


def test_sizes_go_to_the_other_side_as_options() -> None:
    arguments = write_arguments(Size(7, 3, 9, 5, 1.5, 2, 1, 8, 1))

    assert arguments[:4] == ["--fences", "7", "--fewest", "3"]
    assert arguments[-4:] == ["--connections", "8", "--processes", "1"]


def test_what_takes_turns_is_there_in_this_checkout() -> None:
    """It is named by words only, since turns.py runs with the code of either checkout."""
    assert all(hasattr(rounds.Round, method) for method in turns.ROUNDS["geo"])
    assert all(hasattr(scan_rounds.Round, method) for method in turns.ROUNDS["scan"])
    assert all(hasattr(inside, name) for name in ("_measure", "_make_batches"))
    assert hasattr(rounds, "measure_inside")
    assert hasattr(scan_rounds.Till, "saturate")
    assert hasattr(Gauge, "saturate_locate")
