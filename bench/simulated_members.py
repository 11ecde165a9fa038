"""Members with a known effect: counts of visits that lean on what each did before, as shops see them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.effects import Stratum
from experiments.moments import Moments


@dataclass(frozen=True)
class Population:
    """`effect`: by how many visits the treated come more often, in the mean."""

    effect: float
    seed: int

    def draw(self, members: int, times: int) -> "Drawn":
        rng = np.random.default_rng(self.seed)
        shape = (times, members)
        liking = rng.gamma(1.5, 1.0, shape)
        before = rng.poisson(3 * liking).astype(float)
        after = rng.poisson(liking).astype(float)
        treated = rng.random(shape) < 0.5
        after += treated * rng.poisson(self.effect, shape)
        return Drawn(after, before, treated)


@dataclass(frozen=True)
class Drawn:
    """One row a simulation, one column a member."""

    after: NDArray[np.float64]
    before: NDArray[np.float64]
    treated: NDArray[np.bool_]

    def strata(self, members: int) -> Iterator[Stratum]:
        """Of each simulation, as the first so many members show it."""
        arms = [self._moments(self.treated[:, :members] == is_treated, members) for is_treated in (True, False)]
        return (Stratum(*pair) for pair in zip(*arms, strict=True))

    def _moments(self, chosen: NDArray[np.bool_], members: int) -> list[Moments]:
        y, x = self.after[:, :members], self.before[:, :members]
        n = chosen.sum(axis=1)
        mean_y, mean_x = (y * chosen).sum(axis=1) / n, (x * chosen).sum(axis=1) / n
        about_y, about_x = (y - mean_y[:, None]) * chosen, (x - mean_x[:, None]) * chosen
        columns = zip(
            n,
            mean_y,
            mean_x,
            (about_y**2).sum(axis=1),
            (about_x**2).sum(axis=1),
            (about_x * about_y).sum(axis=1),
            strict=True,
        )
        return [
            Moments(members=int(n), mean_y=float(my), mean_x=float(mx), yy=float(yy), xx=float(xx), xy=float(xy))
            for n, my, mx, yy, xx, xy in columns
        ]
