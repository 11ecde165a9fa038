"""Which fences hold each of many points: candidates from the grid, each answered in place. Pure."""

import math

import numpy as np

from geo.compiled import compiled, double
from geo.kernels.cells import Cells, number_column, number_row, span
from geo.kernels.ellipsoid import Parallel, find_parallel
from geo.kernels.fences import NO, Answers, Fences, answer
from kit.arrays import Floats, Positions, Shorts

_NONE_YET = Parallel(0.0, 0.0, 0.0)


@compiled
def find_containing(
    cells: Cells, fence_of: Shorts, fences: Fences, slots: Positions, counts: Positions, lats: Floats, lons: Floats
) -> tuple[Positions, Positions, Answers]:
    """All pairs of a point and a fence that may hold it, and the answer beside each: YES or UNSURE.

    The points are those of many tracks, one after another: of a program's slot each, and of so many points. `fence_of`
    is the fence of each box. The pairs are sorted by point and then by fence.
    """
    points, held = np.empty(len(lats) + 16, np.int64), np.empty(len(lats) + 16, np.int64)
    answers = np.empty(len(lats) + 16, np.int8)
    found, point = 0, -1
    for track in range(len(counts)):
        slot = slots[track]
        for _ in range(counts[track]):
            point += 1
            lat, lon = lats[point], lons[point]
            if slot < 0 or not (math.isfinite(lat) and math.isfinite(lon)):
                continue
            first, parallel = found, _NONE_YET
            column, row = number_column(lon), number_row(lat)
            for level in cells.levels:
                begin, end = span(cells, slot, level, column >> level, row >> level)
                for box in cells.entries[begin:end]:
                    west, south, east, north = cells.boxes[box]
                    if not (west <= lon <= east and south <= lat <= north) or cells.slots[box] != slot:
                        continue
                    if parallel.w2 == 0.0:
                        parallel = find_parallel(lat)
                    fence = fence_of[box]
                    told = answer(fences, fence, parallel, lat, lon)
                    if told == NO:
                        continue
                    if found == len(points):
                        points, held, answers = double(points), double(held), double(answers)
                    points[found] = point
                    found = _insert(held, answers, first, found, fence, told)
    return points[:found], held[:found], answers[:found]


@compiled
def _insert(held: Positions, answers: Answers, first: int, end: int, fence: int, told: int) -> int:
    """Among those of one point, in order. A fence comes twice by two of its boxes, or cells that share a hash value."""
    place = end
    while place > first and held[place - 1] >= fence:
        place -= 1
    if place < end and held[place] == fence:
        return end
    for n in range(end, place, -1):
        held[n], answers[n] = held[n - 1], answers[n - 1]
    held[place], answers[place] = fence, told
    return end + 1
