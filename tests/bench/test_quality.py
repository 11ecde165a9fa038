"""`./run bench quality` on a small trace, through the real application."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from math import sin
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench import __main__ as bench
from devtools.database_server import DatabaseServer
from geo.geodesy import metres_per_degree
from tests.support.forks import Done, run_command

NOON = datetime(2025, 5, 2, 3, tzinfo=UTC)
RunQuality = Callable[..., Done]
KEYS = (
    "enters exits reentries_5min stays stays_found stays_missed median_enter_delay_s median_exit_delay_s plain_enters "
    "plain_reentries_5min"
)


def east_m(seconds: float) -> float:
    """Ten minutes' walk to the counter 75 m from the centre, half an hour there with an error that swings by 45 m, and
    away again."""
    if seconds < 600:
        return 75 + (600 - seconds) * 1.3
    return 75 + 45 * sin(seconds / 20) if seconds < 2400 else 75 + (seconds - 2400) * 1.3


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    lon_m = metres_per_degree(35.68)[1]
    walked = [(139.76 + east_m(s) / lon_m, NOON + timedelta(seconds=s)) for s in range(0, 3000, 5)]
    points = "".join(f'<trkpt lat="35.68" lon="{lon}"><time>{at:%FT%TZ}</time></trkpt>' for lon, at in walked)
    (tmp_path / "walk.gpx").write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>")
    feature = {"geometry": {"type": "Point", "coordinates": [139.76, 35.68]}, "properties": {"radius_m": 100}}
    (tmp_path / "places.geojson").write_text(json.dumps({"features": [feature]}))
    return [str(tmp_path / "walk.gpx"), str(tmp_path / "places.geojson")]


@pytest.fixture
def run(tmp_path: Path) -> RunQuality:
    return partial(run_command, tmp_path, "bench", "quality")


@pytest.mark.parametrize(("upload_s", "enter_delay_s"), [("0", 0.0), ("10", 5.0)])
def test_one_visit_is_one_enter_where_plain_containment_tells_many(
    run: RunQuality,
    database_server: DatabaseServer,
    files: list[str],
    tmp_path: Path,
    upload_s: str,
    enter_delay_s: float,
) -> None:
    plot = tmp_path / "walk.svg"
    done = run(*files, "--upload-s", upload_s, "--json", "--plot", str(plot), DATABASE_URL=database_server.url())
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures) == KEYS.split()
    assert (figures["enters"], figures["exits"], figures["reentries_5min"]) == (1, 1, 0)
    assert (figures["stays"], figures["stays_found"], figures["stays_missed"]) == (1, 1, 0)
    assert figures["median_enter_delay_s"] <= enter_delay_s
    assert 120 <= figures["median_exit_delay_s"] <= 180
    assert figures["plain_enters"] > 10
    assert figures["plain_reentries_5min"] == figures["plain_enters"] - 1
    assert "from true entry" in done.stdout
    words = " ".join(each.text or "" for each in ET.parse(plot).iter() if each.tag.endswith("text"))
    assert "Doors told on walk.gpx" in words
    assert "noren: enters 1, of them 0 (0.0%)" in words
    assert f"plain: enters {figures['plain_enters']}, of them" in words
    assert "One day at place 1: 2025-05-02" in words


def test_a_trace_that_never_comes_near_still_makes_a_table_and_a_picture(
    run: RunQuality, database_server: DatabaseServer, files: list[str], tmp_path: Path
) -> None:
    (tmp_path / "far.csv").write_text("recorded_at,lat,lon\n2025-05-02T03:00:00Z,-16.5,179.9999\n")
    plot = tmp_path / "far.svg"
    done = run(str(tmp_path / "far.csv"), files[1], "--json", "--plot", str(plot), DATABASE_URL=database_server.url())
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures == dict.fromkeys(KEYS.split(), 0) | {"median_enter_delay_s": None, "median_exit_delay_s": None}
    assert ET.parse(plot).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--plot", "/nowhere/at/all/walk.svg"], 1, "no directory to write /nowhere/at/all/walk.svg"),
        (["--upload-s", "-1"], 2, "--upload-s"),
        (["--upload-s", "nan"], 2, "--upload-s"),
    ],
)
def test_a_mistake_is_told_before_the_replay(
    run: RunQuality, files: list[str], more: list[str], code: int, words: str
) -> None:
    done = run(*files, *more)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_trace_ends_the_command_with_one_sentence(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.gpx").write_text("<gpx>")
    assert bench.main(["quality", str(tmp_path / "bad.gpx"), files[1]]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert "bad.gpx is no GPX trace" in told.err
