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
from numpy.typing import NDArray

from kit.arrays import Floats, Positions, Shorts, Unsigned, find_firsts, sort_distinct, sort_whole, spread, to_starts
from kit.steps import Steps

Boxes = NDArray[np.float32]

# At the lowest level 2 ** 20 cells lie around the Earth, at the highest one.
_LEVELS = 21
_COLUMNS = 1 << (_LEVELS - 1)
_ROWS = _COLUMNS // 2
_WIDEST = 2
# A level is taken into one that is at most so many above, if that one has such a share of the boxes.
_NEAR_LEVELS = 2
_LARGE_SHARE = 0.02
# Odd numbers without a pattern (Knuth's multiplicative hashing).
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
# How many boxes one step enters: a few milliseconds.
_STEP_SIZE = 10_000
# A window of more cells than that is compared with every box.
_MAX_CELLS = 4096


class CellGrid:
    """Immutable; made by `CellGrid.build_in_steps`.

    `boxes` are (west, south, east, north), `slots` the number of each one's program.
    """

    __slots__ = ("_begins", "_entries", "_levels", "_shift", "boxes", "slots")

    def __init__(
        self, boxes: Boxes, slots: Shorts, entries: Shorts, begins: Shorts, shift: np.uint64, levels: Positions
    ) -> None:
        self.boxes = boxes
        self.slots = slots
        self._entries = entries
        self._begins = begins
        self._shift = shift
        self._levels = levels

    @classmethod
    def build_in_steps(cls, bounds: Floats, slots: Shorts) -> Steps["CellGrid"]:
        boxes, own_levels = np.empty(bounds.shape, np.float32), np.empty(len(bounds), np.int64)
        for start in range(0, len(boxes), _STEP_SIZE):
            some = slice(start, start + _STEP_SIZE)
            boxes[some] = round_outward(bounds[some])
            own_levels[some] = _list_levels(boxes[some])
            yield
        level_of = _choose_levels(np.bincount(own_levels, minlength=_LEVELS))
        hashed, owners = [np.empty(0, np.uint64)], [np.empty(0, np.int32)]
        for start in range(0, len(boxes), _STEP_SIZE):
            yield
            some = slice(start, start + _STEP_SIZE)
            hashes, entered = _enter(boxes[some], slots[some], level_of[own_levels[some]])
            hashed.append(hashes)
            owners.append((entered + start).astype(np.int32))
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
        return cls(boxes, slots, entries, begins, shift, np.flatnonzero(level_of == np.arange(_LEVELS)))

    def find(self, slots: Positions, lats: Floats, lons: Floats) -> tuple[Positions, Shorts]:
        """All pairs of a point and a box of its program that holds it, as positions. One may come more than once.

        Of a slot less than 0 there are no boxes, and none holds a point that is not finite.
        """
        if len(self._levels) == 0 or len(lats) == 0:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        columns, rows, lowest = _columns(lons), _rows(lats), self._levels[0]
        # Neighbours that lie in one cell look into it once.
        firsts = find_firsts(slots, columns >> lowest, rows >> lowest)
        begins, counts = self._look_up(slots[firsts], columns[firsts], rows[firsts])
        if len(firsts) < len(lats):
            runs = np.diff(firsts, append=len(lats))
            begins, counts = begins.repeat(runs, axis=0), counts.repeat(runs, axis=0)
        owners, places = spread(begins.ravel(), counts.ravel())
        points = owners // len(self._levels) if len(self._levels) > 1 else owners
        candidates = self._entries.take(places)
        west, south, east, north = self.boxes.take(candidates, axis=0).T
        lat, lon = lats.take(points), lons.take(points)
        inside = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        inside &= self.slots.take(candidates) == slots.take(points)
        kept = inside.nonzero()[0]
        return points.take(kept), candidates.take(kept)

    def _look_up(self, slots: Positions, columns: Positions, rows: Positions) -> tuple[Shorts, Shorts]:
        """Where the entries of each point's cells begin, and how many they are: a row a point, a column a level."""
        levels = self._levels
        hashes = _hash(slots[:, None], levels, columns[:, None] >> levels, rows[:, None] >> levels)
        places = (hashes >> self._shift).astype(np.int64)
        begins = self._begins[places]
        return begins, self._begins[places + 1] - begins

    def find_touching(self, slot: int, window: Sequence[float]) -> Positions:
        """The positions of the program's boxes that touch the window (west, south, east, north), each once."""
        edges = round_outward(np.array([window], np.float64))[0]
        candidates = self._list_near(slot, window)
        boxes = self.boxes[candidates]
        touching = (boxes[:, 0] <= edges[2]) & (edges[0] <= boxes[:, 2])
        touching &= (boxes[:, 1] <= edges[3]) & (edges[1] <= boxes[:, 3])
        return sort_distinct(candidates[touching & (self.slots[candidates] == slot)])

    def _list_near(self, slot: int, window: Sequence[float]) -> Positions:
        """Candidates: the boxes of all cells of the window, or simply all."""
        (west, east), (south, north) = _columns(np.array(window[::2])).tolist(), _rows(np.array(window[1::2])).tolist()
        found = [np.empty(0, np.int64)]
        for level in self._levels.tolist():
            columns = np.arange(west >> level, (east >> level) + 1)
            rows = np.arange(south >> level, (north >> level) + 1)
            if len(columns) * len(rows) > _MAX_CELLS:
                return np.arange(len(self.boxes))
            places = _hash(slot, level, columns, rows[:, None]).ravel() >> self._shift
            begins = self._begins[places.astype(np.int64)]
            _, entries = spread(begins, self._begins[places.astype(np.int64) + 1] - begins)
            found.append(self._entries[entries].astype(np.int64))
        return np.concatenate(found)


def round_outward(bounds: Floats) -> Boxes:
    """In half the precision: up to two metres larger, never smaller."""
    boxes = bounds.astype(np.float32)
    low, high = boxes[:, :2], boxes[:, 2:]
    low[low > bounds[:, :2]] = np.nextafter(low, np.float32(-np.inf))[low > bounds[:, :2]]
    high[high < bounds[:, 2:]] = np.nextafter(high, np.float32(np.inf))[high < bounds[:, 2:]]
    return boxes


def _columns(lons: NDArray[np.floating]) -> Positions:
    return _number((lons.astype(np.float64, copy=False) + 180.0) * (_COLUMNS / 360.0), _COLUMNS)


def _rows(lats: NDArray[np.floating]) -> Positions:
    return _number((lats.astype(np.float64, copy=False) + 90.0) * (_ROWS / 180.0), _ROWS)


def _number(cells: Floats, count: int) -> Positions:
    """What lies beyond the map belongs to the cell at its edge, and what is no number to some cell."""
    return np.fmin(np.fmax(cells, 0.0), count - 1.0).astype(np.int64)


def _hash(slots: Positions | int, levels: Positions | int, columns: Positions, rows: Positions) -> Unsigned:
    """A number of 64 bits for each cell of a program; its upper bits are mixed best."""
    mixed = np.asarray(slots * 32 + levels).astype(np.uint64) * _MIX[2]
    mixed = mixed ^ (columns.astype(np.uint64) * _MIX[0]) ^ (rows.astype(np.uint64) * _MIX[1])
    mixed ^= mixed >> np.uint64(29)
    hashed: Unsigned = mixed * _MIX[0]
    return hashed


def _list_levels(boxes: Boxes) -> Positions:
    """The lowest level where each box is at most `_WIDEST` cells wide and tall."""
    extents = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0.0) / _WIDEST
    levels = np.ceil(np.log2(np.maximum(extents * (_COLUMNS / 360.0), 1.0))).astype(np.int64)
    lowest: Positions = np.minimum(levels, _LEVELS - 1)
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


def _enter(boxes: Boxes, slots: Shorts, levels: Positions) -> tuple[Unsigned, Positions]:
    """The hash values of all cells that each box touches at its level, and which box it is."""
    west, south, east, north = boxes.T
    columns, rows = (
        (_columns(west) >> levels, _columns(east) >> levels),
        (_rows(south) >> levels, _rows(north) >> levels),
    )
    owners, column = spread(columns[0], columns[1] - columns[0] + 1)
    lows, highs = rows[0][owners], rows[1][owners]
    strips, row = spread(lows, highs - lows + 1)
    owners = owners[strips]
    return _hash(slots[owners].astype(np.int64), levels[owners], column[strips], row), owners
