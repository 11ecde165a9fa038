"""A search tree of boxes in tiles, so that building it never holds the interpreter for long. Pure.

A tree of 100,000 boxes takes 60 ms in one call that lets no other thread run; meanwhile a server would answer nobody.
So the boxes are packed into tiles by the first step of STR (Leutenegger, Lopez, Edgington 1997: sort by longitude, cut
into slices, sort each by latitude, cut into tiles). Each tile has a tree, and a tree of the tiles leads to them: one
tree whose upper levels stand apart. A point is still looked up in one or two tiles, however many there are.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from kit.steps import Steps

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]
Geometries = NDArray[Any]

# About 4 ms to build.
TILE_SIZE = 8192


class TiledTree:
    """Immutable; made by `TiledTree.build_in_steps`, which yields wherever other work may be done.

    `members` are the positions of the envelopes in each tree.
    """

    __slots__ = ("_tiles", "members", "trees")

    def __init__(self, trees: list[shapely.STRtree], members: list[Positions], tiles: Geometries) -> None:
        self.trees = trees
        self.members = members
        self._tiles = shapely.STRtree(tiles)

    @classmethod
    def build_in_steps(cls, envelopes: Geometries, bounds: Floats) -> Steps["TiledTree"]:
        """Only the envelopes of the geometries count. `bounds` are theirs: (west, south, east, north) a row."""
        trees: list[shapely.STRtree] = []
        members = yield from _pack_in_steps(bounds)
        tiles = np.empty((len(members), 2, 2))
        yield
        for number, chosen in enumerate(members):
            tree = shapely.STRtree(envelopes[chosen])
            # The tree is built by its first query, which must not be the one of a request.
            tree.query(shapely.Point(0, 0))
            trees.append(tree)
            tiles[number] = bounds[chosen, :2].min(axis=0), bounds[chosen, 2:].max(axis=0)
            yield
        return cls(trees, members, np.asarray(shapely.linestrings(tiles)))

    def query(self, lats: Floats, lons: Floats) -> tuple[Positions, Positions]:
        """All pairs of a point and an envelope that holds it, as positions, in no order."""
        points: Geometries = np.asarray(shapely.points(lons, lats))
        if len(self.trees) == 1:
            found, boxes = self.trees[0].query(points)
            return found, self.members[0][boxes]
        asking, tiles = self._tiles.query(points)
        order = np.argsort(tiles, kind="stable")
        asking, tiles = asking[order], tiles[order]
        edges = np.flatnonzero(np.diff(tiles, prepend=-1, append=-1)).tolist()
        pairs = [(np.empty(0, np.int64), np.empty(0, np.int64))]
        for start, end in pairwise(edges):
            here, tile = asking[start:end], int(tiles[start])
            found, boxes = self.trees[tile].query(points[here])
            pairs.append((here[found], self.members[tile][boxes]))
        return np.concatenate([p for p, _ in pairs]), np.concatenate([b for _, b in pairs])

    def find_touching(self, windows: Geometries) -> Positions:
        """The positions of all envelopes that touch one of the windows; one may come more than once."""
        asking, tiles = self._tiles.query(windows)
        found = [np.empty(0, np.int64)]
        for window, tile in zip(asking.tolist(), tiles.tolist(), strict=True):
            found.append(self.members[tile][self.trees[tile].query(windows[window])])
        return np.concatenate(found)


def sort_distinct(positions: Positions) -> Positions:
    """As numpy.unique, whose first call imports numpy.ma: 50 ms in which a server answers nobody."""
    ordered = np.sort(positions)
    distinct: Positions = ordered[np.diff(ordered, prepend=-1) != 0]
    return distinct


def _pack_in_steps(bounds: Floats) -> Steps[list[Positions]]:
    """Which boxes go into which tile: neighbours together, at most `TILE_SIZE` in each."""
    count = len(bounds)
    tiles = math.ceil(count / TILE_SIZE)
    slice_size = max(1, math.ceil(tiles**0.5)) * TILE_SIZE
    middles = bounds[:, :2] + bounds[:, 2:]
    by_lon = np.argsort(middles[:, 0], kind="stable")
    packed: list[Positions] = []
    for start in range(0, count, slice_size):
        yield
        column = by_lon[start : start + slice_size]
        column = column[np.argsort(middles[column, 1], kind="stable")]
        packed += [column[n : n + TILE_SIZE] for n in range(0, len(column), TILE_SIZE)]
    return packed
