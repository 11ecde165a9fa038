"""`./run demo`: its options, and what it prints at the end."""

import argparse
import asyncio
import math
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import available_timezones

import msgspec
from rich.console import Console

from devtools.apt import SetupError, say
from devtools.demo.recording import BadFile, read_fixes, read_places
from devtools.demo.scenario import Scenario
from devtools.demo.session import Result, Session, Showing
from devtools.demo.tally import Summary
from devtools.demo.town import TokyoScenario
from devtools.demo.trace import TraceScenario, guess_time_zone
from devtools.private_database import private_database

_TRACE_HELP = "walk a recorded trace instead: CSV (or .csv.gz) with recorded_at, lat, lon and, if known, accuracy_m"


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0, or 1 for a fault or a failed set-up, 2 for bad options or files, 128 + n for a signal.

    Ctrl-C is how a demo that stays open is meant to end, so it counts as success there.
    """
    started = time.monotonic()
    options = _read_options(arguments)
    # With --json, stdout is kept for the JSON alone.
    showing = Showing(Console(stderr=options.json), options.picture, keep_open=not options.once)
    try:
        session = Session(_make_scenario(options), showing, started)
    except BadFile as problem:
        say(str(problem))
        return 2
    try:
        with private_database("demo") as server:
            result = asyncio.run(session.run(server))
    except SetupError as problem:
        say(str(problem))
        return 1
    _report(result, showing.console, as_json=options.json)
    return _exit_code(result, keep_open=showing.keep_open)


def _read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./run demo",
        description="A chain of shops in Tokyo on a private database, with shoppers who use the real API over HTTP.",
    )
    parser.add_argument("--once", action="store_true", help="end by itself when 20 shoppers have redeemed")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON, the last line of stdout")
    parser.add_argument("--picture", type=Path, metavar="PATH", help="write the last view as an SVG")
    parser.add_argument("--trace", type=Path, metavar="FIXES", help=_TRACE_HELP)
    parser.add_argument("--places", type=Path, metavar="PLACES", help="GeoJSON points with name and radius_m")
    parser.add_argument("--speed", type=_speed, help="times faster than life (default: as fast as acknowledged)")
    parser.add_argument("--time-zone", type=_time_zone, help="of the places (default: Asia/Tokyo in Japan, else UTC)")
    options = parser.parse_args(arguments)
    if (options.trace is None) != (options.places is None):
        parser.error("--trace and --places go together")
    if options.trace is None and (options.speed or options.time_zone):
        parser.error("--speed and --time-zone are for --trace")
    if options.picture is not None and not options.picture.absolute().parent.is_dir():
        parser.error(f"--picture: there is no directory {options.picture.parent}")
    return options


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0 < speed < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return speed


def _time_zone(text: str) -> str:
    if text not in available_timezones():
        raise argparse.ArgumentTypeError(f"{text} is no IANA time zone, such as Asia/Tokyo")
    return text


def _make_scenario(options: argparse.Namespace) -> Scenario:
    """Raises BadFile."""
    if options.trace is not None:
        fixes, places = read_fixes(options.trace), read_places(options.places)
        return TraceScenario(fixes, places, options.time_zone or guess_time_zone(places), options.speed)
    return TokyoScenario(once=options.once)


def _report(result: Result, console: Console, *, as_json: bool) -> None:
    for fault in result.faults:
        say(f"the demo failed: {fault}")
    for name, enters, exits in result.doors:
        console.print(f"{name:30} {enters:>6,} in {exits:>6,} out", markup=False, highlight=False)
    if result.summary is None:
        return
    if as_json:
        print(msgspec.json.encode(result.summary).decode(), flush=True)
    else:
        console.print(_spell(result.summary), markup=False)


def _spell(summary: Summary) -> str:
    return "\n".join(f"{name:18} {value:>10,}" for name, value in msgspec.to_builtins(summary).items())


def _exit_code(result: Result, *, keep_open: bool) -> int:
    if result.faults:
        return 1
    if result.interrupted_by and not (keep_open and result.interrupted_by == signal.SIGINT):
        return 128 + result.interrupted_by
    return 0
