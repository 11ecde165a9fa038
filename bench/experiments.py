"""`./run bench experiments`: do the intervals hold what they promise, on members whose effect is known?

Of many simulations: in how many the interval for one look holds the effect; in how many the bounds for any time hold it
at every one of the looks; and, to show what those are for, in how many the interval for one look does. No database.
"""

import argparse
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bench.simulated_members import Drawn, Population
from devtools.apt import say
from experiments.effects import compare

_DRAWN_AT_ONCE = 250
# Within them a coverage of 95 % lies by chance in all but a few of a thousand runs of 2,000 simulations.
_LEAST, _MOST = 0.935, 0.965


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    figures: dict[str, float] = {}
    for name, effect in (("none", 0.0), ("some", asked.effect)):
        say(f"{asked.simulations} simulations with an effect of {effect:g}")
        once, always, peeking = _cover(effect, asked)
        figures |= {f"fixed_{name}": once, f"always_{name}": always, f"peeking_{name}": peeking}
    for name, figure in figures.items():
        print(f"{name:<16}{100 * figure:6.2f} %")
    if asked.json:
        print(json.dumps(figures | {"simulations": asked.simulations, "members": asked.members, "looks": asked.looks}))
    held = [_LEAST <= figures[f"fixed_{name}"] <= _MOST for name in ("none", "some")]
    held += [figures[f"always_{name}"] >= 0.95 for name in ("none", "some")]
    return 0 if all(held) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench experiments", description="How often intervals hold a known effect."
    )
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--members", type=int, default=4000, help="of both arms together, at the last look")
    parser.add_argument("--looks", type=int, default=40)
    parser.add_argument("--effect", type=float, default=0.1, help="visits that a member comes more often, in the mean")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    return parser


def _cover(effect: float, asked: argparse.Namespace) -> tuple[float, float, float]:
    """The shares of simulations: the last look's interval, the bounds at all looks, the interval at all looks."""
    sizes = [asked.members * look // asked.looks for look in range(1, asked.looks + 1)]
    rows: list[NDArray[np.bool_]] = []
    for place, first in enumerate(range(0, asked.simulations, _DRAWN_AT_ONCE)):
        drawn = Population(effect, asked.seed + place).draw(
            asked.members, min(_DRAWN_AT_ONCE, asked.simulations - first)
        )
        rows.append(_looks(drawn, sizes, effect))
    once, always, peeking = np.concatenate(rows).mean(axis=0)
    return float(once), float(always), float(peeking)


def _looks(drawn: Drawn, sizes: Sequence[int], effect: float) -> NDArray[np.bool_]:
    """One row a simulation, of the three that `_cover` tells. A look at too few members never errs."""
    held = np.ones((len(drawn.after), 3), dtype=bool)
    for size in sizes:
        for place, stratum in enumerate(drawn.strata(size)):
            found = compare([stratum])
            if found is not None:
                held[place, 0] = found.low <= effect <= found.high
                held[place, 1] &= found.always_low <= effect <= found.always_high
                held[place, 2] &= bool(held[place, 0])
    return held
