"""`./run bench quality TRACE PLACES`: how true the doors are that the application tells of on a recorded trace.

Beside it, on the same trace, stand two ways with both edges equal: plain containment, where every fix counts, and "the
last fix wins", where the last fix of an upload does. docs/benchmarks.md defines them.
"""

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvloop

from bench.doors import (
    LONGEST_GAP_S,
    REENTRY_S,
    STAY_M,
    STAY_S,
    Door,
    Score,
    find_long_stays,
    measure_distances,
    replay_last_fixes,
    replay_plainly,
    score,
)
from bench.picture import Replayed, draw
from bench.replay import gather, replay
from bench.traces import read_places, read_trace
from devtools import template_database
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer, drop_database, quoted, run_statement
from devtools.private_database import private_database
from geo.fix import Fix
from geo.geofence import Circle


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    if asked.plot and not asked.plot.absolute().parent.is_dir():
        raise SetupError(f"there is no directory to write {asked.plot} to")
    trace, places = read_trace(asked.trace), read_places(asked.places)
    fixes, uploads = trace.fixes, gather(trace.fixes, asked.upload_s)
    away_m = measure_distances(fixes, places)
    stays = find_long_stays(fixes, places, away_m)
    left_out = f" ({trace.left_out} points left out)" if trace.left_out else ""
    say(
        f"{len(fixes)} fixes{left_out}, {len(places)} places, {len(stays)} long stays; replaying {len(uploads)} uploads"
    )
    doors: dict[str, Sequence[Door]] = {
        "noren": _replay(uploads, places),
        "plain": replay_plainly(fixes, away_m),
        "last fix": replay_last_fixes(uploads, away_m),
    }
    scores = {way: score(told, stays, doors["plain"]) for way, told in doors.items()}
    _print(scores, asked.upload_s)
    if asked.plot:
        _write(asked.plot, draw(Replayed(asked.trace.name, fixes, places, away_m, doors)))
    if asked.json:
        print(json.dumps(_figures(scores["noren"], scores["plain"])))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench quality", description="False and lost doors on a recorded trace."
    )
    parser.add_argument(
        "trace", type=Path, help="CSV (recorded_at, lat, lon, accuracy_m if known) or GPX; either may end in .gz"
    )
    parser.add_argument("places", type=Path, help="GeoJSON points, radius_m in their properties")
    parser.add_argument(
        "--upload-s", type=_seconds, default=10.0, help="seconds of fixes in an upload (10); 0: each fix by itself"
    )
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="write an SVG of the trace, the fences and the three results"
    )
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


def _seconds(given: str) -> float:
    seconds = float(given)
    if not 0 <= seconds < math.inf:
        raise ValueError
    return seconds


def _replay(uploads: Sequence[Sequence[Fix]], places: Sequence[Circle]) -> list[Door]:
    with private_database("bench") as server:
        name = uvloop.run(_make_database(server))
        try:
            return uvloop.run(replay(server.url(name), uploads, places))
        finally:
            uvloop.run(drop_database(server, name))


async def _make_database(server: DatabaseServer) -> str:
    name = await template_database.clone(server, await template_database.ensure_template(server))
    await run_statement(server, f"alter database {quoted(name)} set synchronous_commit = off")
    return name


def _print(scores: Mapping[str, Score], upload_s: float) -> None:
    columns = list(scores.values())
    rows: list[tuple[str, list[object]]] = [
        ("enters", [each.enters for each in columns]),
        ("exits", [each.exits for each in columns]),
        (f"enters less than {REENTRY_S:.0f} s after an exit", [_share(each) for each in columns]),
        ("long stays found", [each.found for each in columns]),
        ("long stays missed", [each.missed for each in columns]),
        ("median enter delay from true entry, s", [each.enter_delay_s for each in columns]),
        ("median exit delay, s", [each.exit_delay_s for each in columns]),
    ]
    print(f"{'':<40}" + "".join(f"{way:>16}" for way in scores))
    for label, cells in rows:
        print(f"{label:<40}" + "".join(f"{'-' if cell is None else cell!s:>16}" for cell in cells))
    print(
        "plain: every fix counts, at the fence's own edge both ways. last fix: so does the last fix of an upload.\n"
        f"A long stay: fixes within {STAY_M:.0f} m of the first for {STAY_S:.0f} s or longer, without a gap of "
        f"{LONGEST_GAP_S:.0f} s, half of them in one place.\nTrue entry: the first fix inside. Exit delay: first fix "
        f"outside to confirmation. An upload holds {upload_s:g} s of fixes (0: one fix)."
    )


def _share(of: Score) -> str:
    return f"{of.reentries} ({of.reentries / of.enters:.1%})" if of.enters else "0"


def _write(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise SetupError(f"cannot write {path}: {error.strerror or error}") from error


def _figures(ours: Score, plain: Score) -> dict[str, float | int | None]:
    return {
        "enters": ours.enters,
        "exits": ours.exits,
        "reentries_5min": ours.reentries,
        "stays": ours.found + ours.missed,
        "stays_found": ours.found,
        "stays_missed": ours.missed,
        "median_enter_delay_s": ours.enter_delay_s,
        "median_exit_delay_s": ours.exit_delay_s,
        "plain_enters": plain.enters,
        "plain_reentries_5min": plain.reentries,
    }
