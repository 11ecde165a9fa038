"""A search grid of boxes in longitude and latitude: which of a program's boxes hold a point? Pure.

The map is laid out in square cells of degrees at several levels, each twice as wide as the one below, from 38 m at the
equator to the whole Earth. A box belongs to the lowest level where it is at most two cells wide and tall, and is
entered in the cells that it touches, one to nine. Levels that lie close together are taken into one
(`_choose_levels`), for a point looks into one cell at each level that has boxes.

The entries stand in one array, in the order of their cells' hash values, and a table tells where those of each value
begin: no keys are kept and nothing is searched. Two cells that share a value make a few candidates more. Those, and
the boxes of the cell that do not hold the point, fall by the boxes themselves, which are kept in half the precision and
rounded outward.
"""

from collections.abc import Sequence

import numpy as np

from geo.kernels.cells import COLUMNS, LEVELS, Boxes, Cells, enter_boxes, list_touching
from kit.arrays import Floats, Positions, Shorts, sort_distinct, sort_whole, to_starts
from kit.steps import Steps

_WIDEST = 2
# A level is taken into one that is at most so many above, if that one has such a share of the boxes.
_NEAR_LEVELS = 2
_LARGE_SHARE = 0.02
# How many boxes one step enters: a millisecond or two.
_STEP_SIZE = 10_000


class CellGrid:
    """Immutable; made by `CellGrid.build_in_steps`."""

    __slots__ = ("cells",)

    def __init__(self, cells: Cells) -> None:
        self.cells = cells

    @classmethod
    def build_in_steps(cls, bounds: Floats, slots: Shorts) -> Steps["CellGrid"]:
        """Of boxes (west, south, east, north), each of the program of a slot."""
        boxes, own_levels = np.empty(bounds.shape, np.float32), np.empty(len(bounds), np.int64)
        for start in range(0, len(boxes), _STEP_SIZE):
            some = slice(start, start + _STEP_SIZE)
            boxes[some] = round_outward(bounds[some])
            own_levels[some] = _list_levels(boxes[some])
            yield
        level_of = _choose_levels(np.bincount(own_levels, minlength=LEVELS))
        hashed, owners = [np.empty(0, np.uint64)], [np.empty(0, np.int32)]
        for start in range(0, len(boxes), _STEP_SIZE):
            yield
            some = slice(start, start + _STEP_SIZE)
            hashes, entered = enter_boxes(boxes[some], slots[some], level_of[own_levels[some]])
            hashed.append(hashes)
            owners.append(entered + np.int32(start))
        yield
        hashes, entries = np.concatenate(hashed), np.concatenate(owners)
        del hashed, owners
        yield
        # As many values as entries, or up to twice as many.
        bits = max(1, len(entries).bit_length())
        shift = np.uint64(64 - bits)
        places = (hashes >> shift).astype(np.int64)
        del hashes
        yield
        order = yield from sort_whole(places)
        entries = entries.take(order)
        yield
        counts = np.bincount(places, minlength=1 << bits)
        yield
        begins = to_starts(counts)
        return cls(Cells(np.flatnonzero(level_of == np.arange(LEVELS)), begins, entries, shift, boxes, slots))

    def find_touching(self, slot: int, window: Sequence[float]) -> Positions:
        """The positions of the program's boxes that touch the window (west, south, east, north), each once."""
        west, south, east, north = round_outward(np.array([window], np.float64))[0].tolist()
        return sort_distinct(list_touching(self.cells, slot, west, south, east, north))


def round_outward(bounds: Floats) -> Boxes:
    """In half the precision: up to two metres larger, never smaller."""
    boxes = bounds.astype(np.float32)
    low, high = boxes[:, :2], boxes[:, 2:]
    low[low > bounds[:, :2]] = np.nextafter(low, np.float32(-np.inf))[low > bounds[:, :2]]
    high[high < bounds[:, 2:]] = np.nextafter(high, np.float32(np.inf))[high < bounds[:, 2:]]
    return boxes


def _list_levels(boxes: Boxes) -> Positions:
    """The lowest level where each box is at most `_WIDEST` cells wide and tall."""
    extents = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0) / _WIDEST
    levels = np.ceil(np.log2(np.maximum(extents * (COLUMNS / 360.0), 1.0))).astype(np.int64)
    lowest: Positions = np.minimum(levels, LEVELS - 1)
    return lowest


def _choose_levels(counts: Positions) -> Positions:
    """The level where the boxes of each are entered, by how many boxes there are of each; -1 where there are none."""
    chosen = np.full(len(counts), -1)
    above, takes_in = len(counts), False
    for level in np.flatnonzero(counts)[::-1].tolist():
        if not (takes_in and above - level <= _NEAR_LEVELS):
            above, takes_in = level, counts[level] >= _LARGE_SHARE * counts.sum()
        chosen[level] = above
    return chosen
