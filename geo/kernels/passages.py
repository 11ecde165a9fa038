"""Passages: how the uploads of a batch lie to the fences that they touch, as runs inside and gaps outside. Pure.

A passage is one upload at one fence: one that holds a fix of it, or in which the device was before.
"""

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


@compiled
def list_uploads(fixes: Fixes, rows: Positions) -> Positions:
    """The upload of each row; the rows are in order."""
    uploads, upload = np.empty(len(rows), np.int64), 0
    for n in range(len(rows)):
        while rows[n] >= fixes.ends[upload]:
            upload += 1
        uploads[n] = upload
    return uploads


@compiled
def gather_passages(
    fixes: Fixes, rows: Positions, positions: Positions, held_uploads: Positions, held_positions: Positions
) -> Passages:
    """`rows` lie in the fences at `positions` beside them, in order of the rows.

    Stay n was found by the upload at held_uploads[n], in the fence at held_positions[n].
    """
    count = len(rows)
    uploads = np.concatenate((list_uploads(fixes, rows), held_uploads))
    touched = np.concatenate((positions, held_positions))
    order = np.argsort(uploads * (touched.max() + 1 if len(touched) else 1) + touched, kind="mergesort")
    inside, begins = np.empty(count, np.int64), np.empty(len(order) + 1, np.int64)
    firsts, held = np.empty(len(order), np.int64), np.full(len(order), -1)
    passed, passages = 0, 0
    for pair in order:
        previous = firsts[passages - 1]
        if passages == 0 or uploads[pair] != uploads[previous] or touched[pair] != touched[previous]:
            firsts[passages], begins[passages] = pair, passed
            passages += 1
        if pair < count:
            inside[passed] = rows[pair]
            passed += 1
        else:
            held[passages - 1] = pair - count
    begins[passages] = passed
    firsts = firsts[:passages]
    return Passages(inside, begins[: passages + 1], uploads[firsts], touched[firsts], held[:passages])
