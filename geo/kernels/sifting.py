"""What is seen of all fixes of a batch at a glance, before anybody looks at one of them. Pure."""

import numpy as np

from geo.compiled import compiled
from geo.jumps import NEAR_DEGREES
from geo.kernels.passages import Fixes
from kit.arrays import Mask, Positions


@compiled
def find_rising(fixes: Fixes) -> Mask:
    """Of each upload whether every fix is later than the one before."""
    rises = np.ones(len(fixes.starts), np.bool_)
    for upload in range(len(fixes.starts)):
        for row in range(fixes.starts[upload] + 1, fixes.ends[upload]):
            if fixes.times[row] <= fixes.times[row - 1]:
                rises[upload] = False
    return rises


@compiled
def find_far_steps(fixes: Fixes) -> Positions:
    """The rows that are not near the one before in the same upload: no others are jumps or end a crossing."""
    rows, found = np.empty(len(fixes.lats), np.int64), 0
    for upload in range(len(fixes.starts)):
        for row in range(fixes.starts[upload] + 1, fixes.ends[upload]):
            north, east = fixes.lats[row] - fixes.lats[row - 1], fixes.lons[row] - fixes.lons[row - 1]
            if abs(north) >= NEAR_DEGREES or abs(east) >= NEAR_DEGREES:
                rows[found] = row
                found += 1
    return rows[:found]
