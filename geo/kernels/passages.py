"""Passages: how the uploads of a batch lie to the fences that they touch, as runs inside and gaps outside. Pure.

A passage is one upload at one fence: one that holds a fix of it, or in which the device was before.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geo.compiled import compiled
from kit.arrays import Floats, Positions


class Fixes(NamedTuple):
    """Of a batch, row by row: degrees, metres, and microseconds (`geo.microseconds`).

    Upload n has the rows from starts[n] to before ends[n].
    """

    lats: Floats
    lons: Floats
    accuracies_m: Floats
    times: Positions
    starts: Positions
    ends: Positions

    def upload_of(self, rows: Sequence[int] | Positions) -> Positions:
        """The number of the upload of each row."""
        return np.searchsorted(self.ends, rows, "right")


class Passages(NamedTuple):
    """Sorted by upload and by the position of the fence.

    Passage n has the inside rows from begins[n] to before begins[n + 1]. `held` is the number of the stay that its
    upload found there, or -1.
    """

    rows: Positions
    begins: Positions
    uploads: Positions
    positions: Positions
    held: Positions


def gather_passages(
    fixes: Fixes, rows: Positions, positions: Positions, held_uploads: Positions, held_positions: Positions
) -> Passages:
    """`rows` lie in the fences at `positions` beside them, in order of the rows.

    Stay n was found by the upload at held_uploads[n], in the fence at held_positions[n].
    """
    uploads = np.concatenate([fixes.upload_of(rows), held_uploads])
    touched = np.concatenate([positions, held_positions])
    passages = uploads * (touched.max() + 1) + touched
    return _gather(rows, uploads, touched, passages, passages.argsort(kind="stable"))


@compiled
def _gather(rows: Positions, uploads: Positions, touched: Positions, passages: Positions, order: Positions) -> Passages:
    """Pairs of an upload and a fence: those of the rows, then those of the stays, in order of their passages."""
    inside, begins = np.empty(len(rows), np.int64), np.empty(len(order) + 1, np.int64)
    firsts, held = np.empty(len(order), np.int64), np.full(len(order), -1)
    count, passed = 0, 0
    for pair in order:
        if count == 0 or passages[pair] != passages[firsts[count - 1]]:
            firsts[count], begins[count] = pair, passed
            count += 1
        if pair < len(rows):
            inside[passed] = rows[pair]
            passed += 1
        else:
            held[count - 1] = pair - len(rows)
    begins[count] = passed
    firsts = firsts[:count]
    return Passages(inside, begins[: count + 1], uploads[firsts], touched[firsts], held[:count])
