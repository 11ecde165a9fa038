"""Passages: how the uploads of a batch lie to the fences that they touch, as runs inside and gaps outside. Pure.

A passage is one upload at one fence: one that holds a fix of it, or in which the device was before. Its fixes are runs
inside, and after each run a gap outside, until the next run or the end of the upload. How far the fixes of the gaps are
from their fences is measured for the whole batch at once, the first `MEASURED_AHEAD` of each gap: most exits are
confirmed before that. What runs and gaps show is decided elsewhere (geo.plain_uploads).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.columns import Columns
from geo.index import FenceSet
from kit.arrays import Positions

MEASURED_AHEAD = 30


class Run(NamedTuple):
    """Rows `first` to `last` of the batch lie in the fence, those after them and before `end` do not.

    A run with which a device begins that was in the fence before may be empty: its `last` is less than its `first`.
    `distances_m` are those of the first rows outside from the fence's edge.
    """

    first: int
    last: int
    end: int
    distances_m: list[float]


class Passage(NamedTuple):
    upload: int
    position: int
    runs: list[Run]


class _Pairs(NamedTuple):
    """One row of the batch in one fence each, sorted by upload, fence and row."""

    rows: Positions
    uploads: Positions
    positions: Positions
    begins_passage: NDArray[np.bool_]


def gather_passages(
    columns: Columns, fences: FenceSet, rows: Positions, positions: Positions, held: Sequence[tuple[int, int]]
) -> list[Passage]:
    """The passages, upload by upload.

    `rows` lie in the fences at `positions` beside them, in order of the rows; `held` are pairs of an upload and the
    position of a fence in which the device was before.
    """
    if len(rows) == 0 and not held:
        return []
    pairs = _sort(columns, len(fences.fences), rows, positions, held)
    begins = np.flatnonzero(pairs.begins_passage | (np.diff(pairs.rows, prepend=-2) != 1))
    lasts = pairs.rows[np.append(begins[1:], len(pairs.rows)) - 1]
    uploads, is_first = pairs.uploads[begins], pairs.begins_passage[begins]
    firsts = np.maximum(pairs.rows[begins], np.array(columns.starts)[uploads])
    ends = np.array(columns.ends)[uploads]
    ends[:-1] = np.where(is_first[1:], ends[:-1], firsts[1:])
    touched = pairs.positions[begins]
    distances_m = _measure(columns, fences, touched, lasts + 1, ends)
    runs = [*map(Run, firsts.tolist(), lasts.tolist(), ends.tolist(), distances_m)]
    cuts = [*np.flatnonzero(is_first).tolist(), len(runs)]
    each = zip(uploads[is_first].tolist(), touched[is_first].tolist(), cuts, cuts[1:], strict=False)
    return [Passage(upload, position, runs[cut:until]) for upload, position, cut, until in each]


def measure_gap(columns: Columns, fences: FenceSet, position: int, begin: int, end: int) -> list[float]:
    """How far the next rows of a gap are from its fence: beyond those that were measured ahead."""
    some = slice(begin, min(end, begin + MEASURED_AHEAD))
    positions = np.full(some.stop - begin, position)
    measured: list[float] = fences.distances_to_edges_m(positions, columns.lats[some], columns.lons[some]).tolist()
    return measured


def _sort(
    columns: Columns, fences: int, rows: Positions, positions: Positions, held: Sequence[tuple[int, int]]
) -> _Pairs:
    """Who was in a fence before counts as having been in it in the row before the upload."""
    uploads = columns.upload_of(rows)
    if held:
        holding, held_positions = np.array(held, np.int64).T
        rows = np.concatenate([np.array(columns.starts)[holding] - 1, rows])
        uploads = np.concatenate([holding, uploads])
        positions = np.concatenate([held_positions, positions])
    passages = uploads * fences + positions
    order = np.argsort(passages, kind="stable")
    begins_passage = np.diff(passages[order], prepend=-1) != 0
    return _Pairs(rows[order], uploads[order], positions[order], begins_passage)


def _measure(
    columns: Columns, fences: FenceSet, touched: Positions, begins: Positions, ends: Positions
) -> Iterable[list[float]]:
    """For each gap the distances of its first rows from its fence, the one that was touched."""
    counts = np.minimum(ends - begins, MEASURED_AHEAD)
    stops = np.cumsum(counts)
    rows = np.arange(counts.sum()) + np.repeat(begins - (stops - counts), counts)
    positions = np.repeat(touched, counts)
    measured = fences.distances_to_edges_m(positions, columns.lats[rows], columns.lons[rows]).tolist()
    return (measured[stop - count : stop] for stop, count in zip(stops.tolist(), counts.tolist(), strict=True))
