"""The fixes of a batch of uploads as columns, one upload after another. Pure."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from geo.fix import Fix
from geo.kernels.passages import Fixes
from geo.microseconds import list_us


class Columns(NamedTuple):
    """Row by row a fix, and the same as arrays (0 metres for a fix without an accuracy)."""

    fixes: list[Fix]
    arrays: Fixes
    starts: list[int]
    ends: list[int]


def read_columns(tracks: Sequence[Sequence[Fix]]) -> Columns:
    fixes = [fix for track in tracks for fix in track]
    ends = list(accumulate(map(len, tracks)))
    starts = [0, *ends][: len(ends)]
    arrays = Fixes(
        np.fromiter([fix.lat for fix in fixes], np.float64, len(fixes)),
        np.fromiter([fix.lon for fix in fixes], np.float64, len(fixes)),
        np.fromiter([fix.accuracy_m or 0.0 for fix in fixes], np.float64, len(fixes)),
        list_us([fix.recorded_at for fix in fixes]),
        np.array(starts, np.int64),
        np.array(ends, np.int64),
    )
    return Columns(fixes, arrays, starts, ends)
