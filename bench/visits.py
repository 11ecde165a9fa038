"""`./run bench visits`: precision and recall of visits on generated walks whose truth is known.

The walks go through the same pure rules as every fix (matching, transitions, sweeper), without the database between.
Beside a figure below the aim stands the most that the signal allows, where that is below it too:

    recall      A visit can only be told if a fix lies in the fence while it lasts, and since the last visit two lie
                outside: a lone one may be wild, and ends nothing.
    precision   An enter is told at the first good fix inside. A wild fix that falls into the fence is such a fix, if
                somebody could have travelled there in the time since the fix before.
"""

import argparse
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.replay import gather
from bench.walks import FENCE, NOON, SHOP, WALK_M_S, Errors, Walk, take_walk
from devtools.apt import say
from geo.fix_by_fix import apply_fixes
from geo.index import FenceIndex
from geo.jumps import is_jump
from geo.matching import match_fences
from geo.presence import Presence
from geo.sweeping import next_due_at, sweep
from geo.transition import Transition

AIM = 0.99
ERRORS: Mapping[str, Errors] = {
    "open sky": Errors(),
    "street canyon": Errors(inside_m=30, distance_to_fence_m=40, lasting_s=60),
    "drift indoors": Errors(inside_m=45, distance_to_fence_m=10, lasting_s=90),
    "wild fixes": Errors(wild=0.01),
    "tunnels": Errors(tunnel=0.5),
    "short visits": Errors(inside_m=30, distance_to_fence_m=15, stay_s=(180, 600)),
}
# Seconds from fix to fix, and seconds of fixes in an upload.
SAMPLINGS: Mapping[str, tuple[float, float]] = {
    "1 s": (1, 0),
    "10 s": (10, 0),
    "30 s": (30, 0),
    "60 s": (60, 0),
    "5 s, sent every 5 min": (5, 300),
}


@dataclass(frozen=True)
class FixCounts:
    """Counts over visits. `tellable` could be told at all; `fakes` are wild fixes that no rule of speed refuses."""

    visits: int
    enters: int
    hits: int
    tellable: int
    fakes: int

    def __add__(self, other: "FixCounts") -> "FixCounts":
        return FixCounts(
            self.visits + other.visits,
            self.enters + other.enters,
            self.hits + other.hits,
            self.tellable + other.tellable,
            self.fakes + other.fakes,
        )

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.enters)

    @property
    def recall(self) -> float:
        return self.hits / self.visits

    @property
    def precision_bound(self) -> float:
        return self.tellable / max(1, self.tellable + self.fakes)

    @property
    def recall_bound(self) -> float:
        return self.tellable / self.visits

    @property
    def is_met(self) -> bool:
        """Whether both figures reach the aim, or as much of it as the signal allows."""
        return self.precision >= min(AIM, self.precision_bound) and self.recall >= min(AIM, self.recall_bound)


NOTHING = FixCounts(0, 0, 0, 0, 0)


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    say(f"{asked.visits} visits a figure, seed {seed}")
    print(
        "precision / recall of visits; in brackets the most that the signal allows, where that is below 0.99; !: missed"
    )
    print(f"{'':<16}" + "".join(f"{name:>32}" for name in SAMPLINGS))
    figures: dict[str, dict[str, list[float]]] = {}
    for name, errors in ERRORS.items():
        tallies = [measure(errors, *sampling, asked.visits, seed) for sampling in SAMPLINGS.values()]
        print(f"{name:<16}" + "".join(f"{_show(counts):>32}" for counts in tallies), flush=True)
        figures[name] = {s: [t.precision, t.recall] for s, t in zip(SAMPLINGS, tallies, strict=True)}
    if asked.json:
        print(json.dumps(figures | {"seed": seed, "visits": asked.visits}))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench visits", description="Visits told and invented on generated walks."
    )
    parser.add_argument("--visits", type=int, default=120, help="how many a figure (120)")
    parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it; else a new one")
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


def measure(errors: Errors, every_s: float, upload_s: float, visits: int, seed: int, a_walk: int = 30) -> FixCounts:
    """The counts of walks of some visits each, each with a seed of its own that follows from the given one."""
    total = NOTHING
    for number in range(-(-visits // a_walk)):
        walk = take_walk(seed + number, every_s, errors, min(a_walk, visits - number * a_walk))
        total += judge(walk, replay_purely(walk, upload_s), 3 * errors.distance_to_fence_m)
    return total


def replay_purely(walk: Walk, upload_s: float) -> list[Transition]:
    """What the rules make of a walk, with a sweeper that looks at its due time."""
    index = FenceIndex.build([FENCE])
    (fence_matches,) = match_fences(index, [(FENCE.program_id, walk.fixes)])
    presence, due_at, first = Presence.nowhere(), None, 0
    told: list[Transition] = []
    for upload in gather(walk.fixes, upload_s):
        now = upload[-1].recorded_at
        while due_at is not None and due_at <= now:
            swept = sweep(presence, index.get, due_at)
            told += swept.transitions
            presence, due_at = swept.presence, next_due_at(swept.presence, index.get, due_at)
        moved = apply_fixes(presence, fence_matches[first : first + len(upload)], index.get, now)
        told += moved.transitions
        presence, due_at, first = moved.presence, next_due_at(moved.presence, index.get, now), first + len(upload)
    return told


def judge(walk: Walk, told: Sequence[Transition], error_m: float) -> FixCounts:
    """One enter a visit is true: one that falls on it, or on the way through the fence to it or from it, as early or
    late as an error of so many metres can show it. The walk begins in the shop, which is no visit."""
    doorway_s = (SHOP.radius_m + error_m) / WALK_M_S
    windows = [(began_s - doorway_s, ended_s + doorway_s) for began_s, ended_s in walk.visits]
    told_s = [(each.event_at - NOON).total_seconds() for each in told if each.kind == "enter"]
    enters = [at_s for at_s in told_s if at_s > doorway_s]
    hits = sum(any(began_s <= at_s <= ended_s for at_s in enters) for began_s, ended_s in windows)
    at_s, inside = np.array([step.at_s for step in walk.steps]), _is_inside(walk)
    fakes = sum(
        not any(began_s <= at_s[n] <= ended_s for began_s, ended_s in windows) for n in _find_fakes(walk, inside)
    )
    return FixCounts(len(walk.visits), len(enters), hits, _count_tellable(windows, at_s, inside), fakes)


def _is_inside(walk: Walk) -> NDArray[np.bool_]:
    lats, lons = (np.array([getattr(fix, name) for fix in walk.fixes]) for name in ("lat", "lon"))
    found, _ = FenceIndex.build([FENCE]).find_containing([FENCE.program_id], [len(lats)], lats, lons)
    inside = np.zeros(len(lats), np.bool_)
    inside[found] = True
    return inside


def _find_fakes(walk: Walk, inside: NDArray[np.bool_]) -> list[int]:
    """Wild fixes in the fence that somebody could have travelled to."""
    steps = walk.steps
    return [
        n
        for n in np.flatnonzero(inside).tolist()
        if n and steps[n].is_wild and not is_jump(steps[n - 1].fix, steps[n].fix)
    ]


def _count_tellable(
    windows: Sequence[tuple[float, float]], at_s: NDArray[np.float64], inside: NDArray[np.bool_]
) -> int:
    """Visits with a fix inside, and two outside since the last visit."""
    told, left_s = 0, 0.0
    for began_s, ended_s in windows:
        left, began, ended = np.searchsorted(at_s, [left_s, began_s, ended_s]).tolist()
        told += bool(inside[began:ended].any()) and int((~inside[left:began]).sum()) >= 2
        left_s = ended_s
    return told


def _show(counts: FixCounts) -> str:
    def cell(figure: float, bound: float) -> str:
        return f"{figure:.3f}" + (f" ({bound:.3f})" if bound < AIM else "")

    shown = f"{cell(counts.precision, counts.precision_bound)} / {cell(counts.recall, counts.recall_bound)}"
    return shown if counts.is_met else f"! {shown}"
