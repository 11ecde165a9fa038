"""Many ids at once, found by bisection. Pure."""

import numpy as np

from geo.compiled import compiled
from kit.arrays import Positions, Shorts, Unsigned


@compiled
def find_ids(
    highs: Unsigned, positions: Shorts, lows: Unsigned, wanted_highs: Unsigned, wanted_lows: Unsigned
) -> Positions:
    """The position of each wanted id, or -1: as `kit.arrays.IdOrder.find`, whose arrays these are.

    `highs` are in order, of the ids at `positions`; `lows` are in the order of the ids.
    """
    found = np.full(len(wanted_highs), -1)
    for n in range(len(wanted_highs)):
        low, high = 0, len(highs)
        while low < high:
            middle = (low + high) // 2
            if highs[middle] < wanted_highs[n]:
                low = middle + 1
            else:
                high = middle
        while low < len(highs) and highs[low] == wanted_highs[n]:  # hardly ever do several share their upper half
            if lows[positions[low]] == wanted_lows[n]:
                found[n] = positions[low]
            low += 1
    return found
