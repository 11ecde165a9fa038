"""A bench whose rounds wait for their turn: `python -P turns.py FD NAME ARGUMENTS`, with PYTHONPATH naming a checkout.

It runs as a file, by that checkout's own Python, and all that it imports is that checkout's: so it uses only what every
build since 2318185 has. Each event goes to the file descriptor as a line of JSON and waits for a line on stdin. `turn`
comes before a round, `load` and `loaded` around the posts whose cost is told, `done` with the round's samples, and
whether they count.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

ROUNDS = {
    "geo": {"measure_inside": "inside", "measure_short_posts": "short", "measure_long_posts": "long"},
    "scan": {"measure": "scan"},
}
_LOADING = Path(__file__).with_name("loading.py")
# The first round of these only warms up.
_WARMED_UP = ("short", "long", "scan")
_Method = Callable[..., Awaitable[Any]]


class _Teller:
    def __init__(self, fd: int) -> None:
        self._events = os.fdopen(fd, "w", encoding="utf-8")
        self.dsn = ""
        self.peak_mb = 0.0

    def tell(self, event: str, **what: object) -> None:
        """And wait until the other side has read what it wants to. Blocks the loop: nothing else is to run now."""
        print(json.dumps({"event": event, **what}), file=self._events, flush=True)
        if not sys.stdin.readline():
            raise KeyboardInterrupt


def main(fd: int, name: str, arguments: list[str]) -> int:
    teller = _Teller(fd)
    rounds: Any = import_module("bench.scan_rounds" if name == "scan" else "bench.rounds")
    for method, part in ROUNDS[name].items():
        setattr(rounds.Round, method, _in_turn(getattr(rounds.Round, method), part, teller))
    if name == "scan":
        rounds.Till.saturate = _weighed(rounds.Till.saturate, teller)
    else:
        gauge = import_module("bench.gauge").Gauge
        gauge.saturate_locate = _weighed(gauge.saturate_locate, teller)
        rounds.measure_inside = _with_peak(teller)
    return int(import_module(f"bench.{name}").main(arguments))


def _in_turn(measure: _Method, part: str, teller: _Teller) -> _Method:
    turns = count()

    @wraps(measure)
    async def measure_in_turn(self: Any, *things: Any) -> None:
        teller.tell("turn", part=part)
        teller.dsn = _find_dsn(part, things)
        known = {name: len(values) for name, values in self.sheet.samples.items()}
        await measure(self, *things)
        samples = {name: values[-1] for name, values in self.sheet.samples.items() if len(values) > known.get(name, 0)}
        if part == "inside":
            samples["peak_mb"] = teller.peak_mb
        teller.tell("done", samples=samples, counts=next(turns) > 0 or part not in _WARMED_UP)

    return measure_in_turn


def _weighed(saturate: _Method, teller: _Teller) -> _Method:
    @wraps(saturate)
    async def saturate_weighed(self: Any, *things: Any) -> Any:
        teller.tell("load", dsn=teller.dsn)
        measured = await saturate(self, *things)
        teller.tell("loaded", posts=len(measured.run.latencies_s), server_cpu_s=measured.server_cpu_s)
        return measured

    return saturate_weighed


def _with_peak(teller: _Teller) -> _Method:
    """As `bench.inside.measure_inside`, and tells the teller how much memory the loading took at its peak."""

    async def measure_inside(dsn: str, fences: int, seed: int, seconds: float) -> Any:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", _LOADING, str(fences), str(seed), str(seconds)),
            env=os.environ | {"DATABASE_URL": dsn},
            stdout=asyncio.subprocess.PIPE,
        )
        written, _ = await process.communicate()
        measured: dict[str, float] = json.loads(written)  # nothing, where it failed
        teller.peak_mb = measured.pop("peak_mb")
        return measured

    return measure_inside


def _find_dsn(part: str, things: tuple[Any, ...]) -> str:
    """Of the database that the round's posts go to. In the other build too a gauge tells its town nowhere else."""
    if part == "inside":
        return str(things[0])
    return str(things[1].dsn if part == "scan" else things[0]._town.dsn)  # noqa: SLF001


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
