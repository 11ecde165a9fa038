"""Many small trees find what one tree finds."""

import numpy as np
import pytest
import shapely

from geo import tiled_tree
from geo.tiled_tree import TiledTree
from kit.steps import run_through


@pytest.mark.parametrize("tile_size", [1, 7, 64, 1000, 5000])
@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001])
def test_it_finds_what_a_loop_finds(monkeypatch: pytest.MonkeyPatch, tile_size: int, count: int) -> None:
    monkeypatch.setattr(tiled_tree, "TILE_SIZE", tile_size)
    chance = np.random.default_rng(count)
    corner = chance.uniform(0, 10, (count, 2))
    # A few are as wide as the world, as a fence at the antimeridian may be in its tile.
    bounds = np.concatenate([corner, corner + chance.exponential(0.2, (count, 2))], axis=1)
    bounds[:3, 0], bounds[:3, 2] = -180, 180
    diagonals = np.asarray(shapely.linestrings(bounds.reshape(-1, 2, 2)))
    grown = run_through(TiledTree.build_in_steps(diagonals, bounds))
    assert sum(len(tree) for tree in grown.trees) == count
    lats, lons = chance.uniform(-1, 11, 200), chance.uniform(-1, 11, 200)
    west, south, east, north = bounds.T
    inside = (west <= lons[:, None]) & (lons[:, None] <= east) & (south <= lats[:, None]) & (lats[:, None] <= north)
    points, boxes = grown.query(lats, lons)
    pairs = list(zip(points.tolist(), boxes.tolist(), strict=True))
    assert sorted(pairs) == [(int(p), int(b)) for p, b in np.argwhere(inside)]


def test_growing_pauses_after_each_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiled_tree, "TILE_SIZE", 10)
    bounds = np.zeros((100, 4))
    steps = TiledTree.build_in_steps(np.asarray(shapely.linestrings(bounds.reshape(-1, 2, 2))), bounds)
    assert sum(1 for _ in steps) >= 10
