"""`./run bench`: the list, and runs that are too small to mean anything but go all the way."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from bench import __main__ as bench
from bench.door import FIGURES as DOOR_FIGURES
from bench.targets import SCAN_TARGETS, TARGETS
from devtools.database_server import DatabaseServer
from tests.support.forks import Done, run_command
from tests.support.tile38_double import Tile38Double

GEO_FIGURES = (
    "fixes_per_s_100",
    "ratio_tile38",
    "ratio_decode_only_1fix",
    "ratio_naive_1fix",
    "p99_ms_half_load",
    "matcher_points_per_s",
    "ratio_million_fences",
    "load_s",
    "load_mb",
)

# Each has a post in flight when the time is over, and each of them is waited for.
FEW_CONNECTIONS = ("--connections", "8")


def test_without_a_name_it_lists_the_benches(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([]) == 0
    assert "locate" in capsys.readouterr().out


def test_an_unknown_name_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["nosuch"]) == 2
    assert "no bench 'nosuch'" in capsys.readouterr().err


RunBench = Callable[..., Done]


@pytest.fixture
def run_bench(database_server: DatabaseServer, tmp_path: Path) -> RunBench:
    return partial(run_command, tmp_path, "bench", DATABASE_URL=database_server.url())


def fsync_of(database_server: DatabaseServer) -> str:
    async def ask() -> str:
        connection = await asyncpg.connect(database_server.url())
        said: str = await connection.fetchval("SHOW fsync")
        await connection.close()
        return said

    return asyncio.run(ask())


def test_locate_measures_all_contenders_and_loses_nothing(run_bench: RunBench, database_server: DatabaseServer) -> None:
    small = ["--fences", "300", "--devices", "400", "--seconds", "0.2", "--runs", "1", *FEW_CONNECTIONS, "--json"]
    done = run_bench("locate", *small)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    for name in ("locate_1", "locate_100", "decode_only_1", "decode_only_100", "naive_1", "naive_100"):
        assert figures[f"{name}_rps"] > 0
        assert 0 < figures[f"{name}_p50_ms"] <= figures[f"{name}_p99_ms"]
    assert figures["locate_100_fixes_per_s"] == pytest.approx(100 * figures["locate_100_rps"], rel=0.01)
    assert figures["generator_ceiling_rps"] > 0
    assert figures["ratio_decode_only_1fix"] == pytest.approx(
        figures["locate_1_rps"] / figures["decode_only_1_rps"], rel=0.01
    )
    assert figures["acknowledged_posts"] == figures["held_posts"] > 0
    assert figures["transitions"] > 0
    assert figures["machine"]["fsync"] == fsync_of(database_server)


SMALL_GEO = [
    *("--fences", "300", "--fewest", "100", "--most", "500", "--devices", "400"),
    *("--seconds", "0.2", "--runs", "1", *FEW_CONNECTIONS),
]


async def test_geo_measures_every_figure_and_loses_nothing(
    run_bench: RunBench, database_server: DatabaseServer
) -> None:
    double = await asyncio.start_server(Tile38Double().answer, "127.0.0.1", 0)
    host, port = double.sockets[0].getsockname()
    async with double:
        arguments = ("geo", *SMALL_GEO, "--tile38", f"{host}:{port}", "--json")
        done = await asyncio.to_thread(run_bench, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    *table, last = done.stdout.splitlines()
    figures = json.loads(last)
    assert tuple(figures) == GEO_FIGURES
    assert min(figures.values()) > 0
    for target in TARGETS:
        line = next(line for line in table if line.startswith(target.meaning))
        assert line.endswith(" met" if target.is_met(figures[target.name]) else "missed")
    rest = {line.split()[0]: float(line.split()[1].replace(",", "")) for line in table if "_posts_per_s_1" in line}
    assert min(rest["locate_posts_per_s_1"], rest["naive_posts_per_s_1"]) > 0
    assert f"fsync {await asyncio.to_thread(fsync_of, database_server)}" in done.stdout
    assert "Tile38: version 9.9.9" in done.stdout
    assert done.stdout.count("nothing is lost") == 3


def test_geo_says_null_of_what_was_not_asked_for(run_bench: RunBench) -> None:
    done = run_bench("geo", *SMALL_GEO, "--only", "inside", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert tuple(figures) == GEO_FIGURES
    assert {name for name, value in figures.items() if value is not None} == {
        "matcher_points_per_s",
        "load_s",
        "load_mb",
    }
    assert done.stdout.count("not measured") == 6


async def test_geo_wants_a_tile38_that_keeps_what_it_is_told(run_bench: RunBench) -> None:
    double = await asyncio.start_server(Tile38Double(aof_size=0).answer, "127.0.0.1", 0)
    host, port = double.sockets[0].getsockname()
    async with double:
        arguments = ("geo", *SMALL_GEO, "--only", "long", "--tile38", f"{host}:{port}")
        done = await asyncio.to_thread(run_bench, *arguments)
    assert done.returncode == 1
    assert "--appendonly yes" in done.stderr


def test_edits_are_followed_from_one_process_to_the_other(run_bench: RunBench) -> None:
    small = ["--fences", "2000", "--devices", "300", "--seconds", "1", "--posts-per-s", "40", "--edits-per-s", "20"]
    done = run_bench("edits", *small, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    stages = json.loads(done.stdout.splitlines()[-1])["stages"]
    assert list(stages) == ["at rest", "posts", "posts, edits", "posts, connections killed"]
    assert stages["posts, edits"]["edits"] > stages["posts"]["edits"] == 0
    for edited in ("posts, edits", "posts, connections killed"):
        assert stages[edited]["seen_s_median"] > 0
        assert stages[edited]["first_own_ms"] > 0
    assert stages["posts"]["posts"] > 0 == stages["posts"]["posts_refused"]


SCAN_FIGURES = (
    "scans_per_s",
    "ratio_decode_only",
    "scan_p99_ms",
    "offline_verify_ms_p99",
    "pkpass_ms_p50",
    "home_ms_p99",
    "members",
    "visits",
)


def test_scan_measures_every_figure_and_loses_nothing(run_bench: RunBench) -> None:
    small = ["--members", "2500", "--visits", "8000", "--stores", "20", "--phones", "2500"]
    done = run_bench("scan", *small, "--seconds", "0.2", "--runs", "1", *FEW_CONNECTIONS, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    *table, last = done.stdout.splitlines()
    figures = json.loads(last)
    assert tuple(figures) == SCAN_FIGURES
    assert min(figures.values()) > 0
    assert figures["ratio_decode_only"] < 1
    assert (figures["members"], figures["visits"]) == (2500, 8000)
    for target in SCAN_TARGETS:
        value = figures[target.name]
        line = next(line for line in table if line.startswith(target.meaning))
        assert line.endswith(" met" if target.is_met(value) else "missed")
    assert "nothing is lost" in done.stdout


def test_scan_says_so_where_phones_are_too_few(run_bench: RunBench) -> None:
    small = ["--members", "60", "--visits", "100", "--stores", "3", "--phones", "60"]
    done = run_bench("scan", *small, "--seconds", "0.2", "--runs", "1")
    assert done.returncode == 1
    assert "need more --phones" in done.stderr


def test_verify_judges_good_codes_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["verify", "--codes", "20", "--runs", "2", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 0 < figures["offline_verify_ms_p50"] <= figures["offline_verify_ms_p99"]


def test_door_measures_all_figures_and_serves_the_honest(run_bench: RunBench) -> None:
    done = run_bench("door", "--half-sent", "50", "--log-ins", "20", "--rate", "20", "--seconds", "0.5", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert tuple(figures) == DOOR_FIGURES
    assert figures["half_sent"] >= 50
    assert figures["refused"] > 0, "of twenty guesses at once few wait"
    assert min(figures.values()) > 0
