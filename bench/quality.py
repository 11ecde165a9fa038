"""`./run bench quality TRACE PLACES`: how true the doors are that the application tells of on a recorded trace.

Beside it stands plain containment: the last fix wins, at the fence's own edge both ways, as most engines do.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import uvloop

from bench.doors import (
    LONGEST_GAP_S,
    REENTRY_S,
    STAY_M,
    STAY_S,
    Score,
    find_long_stays,
    measure_distances,
    replay_plainly,
    score,
)
from bench.picture import draw
from bench.replay import gather, replay
from bench.traces import read_places, read_trace
from devtools import template_database
from devtools.apt import say
from devtools.database_server import DatabaseServer, drop_database, quoted, run_statement
from devtools.private_database import private_database


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    fixes, places = read_trace(asked.trace), read_places(asked.places)
    away_m = measure_distances(fixes, places)
    stays, plain = find_long_stays(fixes, places, away_m), replay_plainly(fixes, away_m)
    say(f"{len(fixes)} fixes, {len(places)} places, {len(stays)} long stays; replaying")
    with private_database("bench") as server:
        name = uvloop.run(_make_database(server))
        try:
            doors = uvloop.run(replay(server.url(name), gather(fixes, asked.upload_s), places))
        finally:
            uvloop.run(drop_database(server, name))
    ours, theirs = score(doors, stays, plain), score(plain, stays, plain)
    _print(ours, theirs, asked.upload_s)
    if asked.plot:
        asked.plot.write_text(draw(fixes, places, doors, plain), encoding="utf-8")
    if asked.json:
        print(json.dumps(_figures(ours, theirs)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench quality", description="False and lost doors on a recorded trace."
    )
    parser.add_argument("trace", type=Path, help="CSV (recorded_at, lat, lon, accuracy_m if known; .gz too) or GPX")
    parser.add_argument("places", type=Path, help="GeoJSON points, radius_m in their properties")
    parser.add_argument("--upload-s", type=float, default=10.0, help="seconds of fixes in an upload (10)")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="write an SVG of the trace, the fences and both results"
    )
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


async def _make_database(server: DatabaseServer) -> str:
    name = await template_database.clone(server, await template_database.ensure_template(server))
    await run_statement(server, f"alter database {quoted(name)} set synchronous_commit = off")
    return name


def _print(ours: Score, plain: Score, upload_s: float) -> None:
    rows: list[tuple[str, object, object]] = [
        ("enters", ours.enters, plain.enters),
        ("exits", ours.exits, plain.exits),
        (f"enters less than {REENTRY_S:.0f} s after an exit", _share(ours), _share(plain)),
        ("long stays found", ours.found, plain.found),
        ("long stays missed", ours.missed, plain.missed),
        ("median enter delay, s", ours.enter_delay_s, plain.enter_delay_s),
        ("median exit delay, s", ours.exit_delay_s, plain.exit_delay_s),
    ]
    print(f"{'':<40}{'noren':>16}{'last fix wins':>16}")
    for label, mine, other in rows:
        print(f"{label:<40}{mine!s:>16}{other!s:>16}")
    print(
        f"A long stay: fixes within {STAY_M:.0f} m of the first for {STAY_S:.0f} s or longer, without a gap of "
        f"{LONGEST_GAP_S:.0f} s, half of them in one place.\nExit delay: first fix outside to confirmation. "
        f"An upload holds {upload_s:.0f} s of fixes (0: one fix)."
    )


def _share(of: Score) -> str:
    return f"{of.reentries} ({of.reentries / of.enters:.1%})" if of.enters else "0"


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
