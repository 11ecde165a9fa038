"""`./run bench`: the list, and a locate run that is too small to mean anything but goes all the way."""

import json
import os
import subprocess
import sys

import pytest

from bench import __main__ as bench
from devtools.bootstrap import ROOT
from devtools.database_server import DatabaseServer


def test_without_a_name_it_lists_the_benches(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([]) == 0
    assert "locate" in capsys.readouterr().out


def test_an_unknown_name_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["nosuch"]) == 2
    assert "no bench 'nosuch'" in capsys.readouterr().err


def test_locate_measures_all_contenders_and_loses_nothing(database_server: DatabaseServer) -> None:
    small = ["--fences", "300", "--devices", "400", "--seconds", "0.2", "--runs", "1", "--json"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bench", "locate", *small],
        env=os.environ | {"PYTHONPATH": str(ROOT), "DATABASE_URL": database_server.url()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    for name in ("locate_1", "locate_100", "decode_only_1", "decode_only_100", "naive_1", "naive_100"):
        assert figures[f"{name}_rps"] > 0
        assert 0 < figures[f"{name}_p50_ms"] <= figures[f"{name}_p99_ms"]
    assert figures["locate_100_fixes_per_s"] == pytest.approx(100 * figures["locate_100_rps"], rel=0.01)
    assert figures["generator_ceiling_rps"] > figures["naive_1_rps"]
    assert figures["ratio_decode_only_1fix"] == pytest.approx(
        figures["locate_1_rps"] / figures["decode_only_1_rps"], rel=0.01
    )
    assert figures["acknowledged_posts"] == figures["held_posts"] > 0
    assert figures["transitions"] > 0
    assert figures["machine"]["fsync"] == "on"
