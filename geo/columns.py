"""The fixes of a batch of uploads as columns, one upload after another. Pure."""

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from geo.fix import Fix
from kit.arrays import Floats, Positions


class Columns(NamedTuple):
    """Row by row a fix: degrees, and metres (0 for a fix without an accuracy).

    Upload n has the rows from starts[n] to before ends[n].
    """

    fixes: list[Fix]
    times: list[datetime]
    lats: Floats
    lons: Floats
    accuracies_m: list[float]
    starts: list[int]
    ends: list[int]

    def upload_of(self, rows: Sequence[int] | Positions) -> Positions:
        """The number of the upload of each row."""
        return np.searchsorted(np.array(self.ends, np.int64), rows, "right")


def read_columns(tracks: Sequence[Sequence[Fix]]) -> Columns:
    fixes = [fix for track in tracks for fix in track]
    ends = list(accumulate(map(len, tracks)))
    return Columns(
        fixes,
        [fix.recorded_at for fix in fixes],
        np.fromiter([fix.lat for fix in fixes], np.float64, len(fixes)),
        np.fromiter([fix.lon for fix in fixes], np.float64, len(fixes)),
        [fix.accuracy_m or 0.0 for fix in fixes],
        [0, *ends[:-1]],
        ends,
    )
