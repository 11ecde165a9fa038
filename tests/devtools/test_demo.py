"""The demo as a user runs it, on the tests' own server: whole, on a trace, interrupted and killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devtools.bootstrap import ROOT
from devtools.database_server import DatabaseServer
from devtools.demo.told import WANTED
from tests.support.waiting import eventually

HOME = (35.6580, 139.7016)
WORK = (35.6812, 139.7671)


@contextmanager
def running_demo(server: DatabaseServer, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-P", "-m", "devtools", "demo", *arguments]
    with tempfile.TemporaryDirectory() as folder:  # a killed demo cannot clear its own away
        ours = {"DATABASE_URL": server.url(), "PYTHONPATH": str(ROOT), "TMPDIR": folder}
        # A setting of the caller's, for their own server.
        environ = os.environ | ours | {"NOREN_METRICS_TOKEN": "another"}
        demo = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            yield demo
        finally:
            demo.kill()
            demo.communicate()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """150 fixes: at home, at work, at home again, 12 minutes each; one of them off the map."""
    start_at = datetime(2020, 2, 3, 8, tzinfo=UTC)
    lines = ["recorded_at,lat,lon"]
    for number in range(150):
        lat, lon = WORK if 50 <= number < 100 else HOME
        lines.append(f"{(start_at + timedelta(seconds=15 * number)).isoformat()},{95 if number == 7 else lat},{lon}")
    fixes = tmp_path / "fixes.csv"
    fixes.write_text("\n".join(lines))
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "radius_m": 100},
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
        }
        for name, (lat, lon) in (("home", HOME), ("work", WORK))
    ]
    places = tmp_path / "places.geojson"
    places.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return fixes, places


def test_once_ends_by_itself_with_a_summary(database_server: DatabaseServer, tmp_path: Path) -> None:
    picture = tmp_path / "demo.svg"
    with running_demo(database_server, "--once", "--json", "--picture", str(picture)) as demo:
        out, err = demo.communicate(timeout=240)
    assert demo.returncode == 0, err
    summary = json.loads(out)
    assert summary["stores"] == summary["geofences"] == 312
    assert summary["redemptions"] >= 20
    assert summary["visits"] >= summary["redemptions"]
    assert summary["members"] > 300
    assert summary["fixes"] > 500
    assert summary["transitions"] > 20
    assert summary["coupons_issued"] > summary["redemptions"]
    # Every coupon here goes with a push, but for one by e-mail, one in LINE and one by a call; the jazz's wait for the
    # end of quiet hours.
    assert summary["pushes_sent"] + summary["pushes_deferred"] + 3 == summary["coupons_issued"]
    told = {name: count for name, count in summary.items() if name.startswith("told_by_")}
    assert told == {f"told_by_{by}": max(count, told[f"told_by_{by}"]) for by, count in WANTED.items()}
    assert summary["pushes_sent"] > 0 < summary["pushes_deferred"]
    assert summary["duplicate_coupons"] == 0
    assert summary["seconds_setup"] > 0 < summary["seconds_run"]
    assert "acknowledged" not in summary
    assert "tries it again; the till refuses" in err
    assert "sends a batch twice; it counts once" in err
    assert "the draft would have issued" in err
    assert "\x1b" not in err + out
    assert picture.read_text().startswith("<svg")


def test_every_fix_of_a_trace_is_acknowledged_once_and_ctrl_c_stops_it_all(
    database_server: DatabaseServer, files: tuple[Path, Path]
) -> None:
    fixes, places = files
    with running_demo(database_server, "--json", "--trace", str(fixes), "--places", str(places)) as demo:
        err, children = wait_for_the_last_fix(demo)
        demo.send_signal(signal.SIGINT)
        out, rest = demo.communicate(timeout=60)
    assert demo.returncode == 0, rest
    assert living(children) == []
    summary = json.loads(out.splitlines()[-1])
    assert summary["fixes"] == summary["acknowledged"] == 150
    assert (summary["stores"], summary["geofences"], summary["members"]) == (2, 2, 1)
    doors = {line.split()[0]: line.split()[1:] for line in (err + rest).splitlines() if line.endswith(" out")}
    assert doors == {"home": ["2", "in", "1", "out"], "work": ["1", "in", "1", "out"]}
    # A coupon a day for coming, one for going; the trace may lie on two days by now.
    assert 2 <= summary["coupons_issued"] == summary["pushes_sent"] + summary["pushes_deferred"] <= 4
    assert summary["duplicate_coupons"] == 0


def test_a_killed_demo_leaves_no_server_behind(database_server: DatabaseServer, files: tuple[Path, Path]) -> None:
    fixes, places = files
    with running_demo(database_server, "--json", "--trace", str(fixes), "--places", str(places)) as demo:
        _, children = wait_for_the_last_fix(demo)
        demo.kill()
        demo.communicate()
    eventually(lambda: living(children) == [])


def wait_for_the_last_fix(demo: "subprocess.Popen[str]") -> tuple[str, list[int]]:
    """What it said until then, and the processes that it has started."""
    assert demo.stderr is not None
    said = ""
    for line in demo.stderr:
        said += line
        if "150 of 150 fixes" in line:
            break
    assert said.endswith("150 of 150 fixes uploaded\n"), said
    children = children_of(demo.pid)
    assert len(children) == 2
    return said, children


def children_of(parent_pid: int) -> list[int]:
    """By reading who everybody's parent is: what the kernel keeps as a list of children may leave some out."""
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rsplit(")", 1)[1]
        except (OSError, IndexError):
            continue
        if int(after_name.split()[1]) == parent_pid:
            children.append(int(stat.parent.name))
    return children


def living(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]
