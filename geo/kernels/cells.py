"""The cells of the grid of boxes: their numbers, and which of them a box touches. Pure. See `geo.cell_grid`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.compiled import compiled, double
from kit.arrays import Positions, Shorts, Unsigned

Boxes = NDArray[np.float32]

# At the lowest level 2 ** 20 cells lie around the Earth, at the highest one.
LEVELS = 21
COLUMNS = 1 << (LEVELS - 1)
_ROWS = COLUMNS // 2
# A window of more cells than that is compared with every box.
_MAX_CELLS = 4096
# Odd numbers without a pattern (Knuth's multiplicative hashing).
_MIX_COLUMN, _MIX_ROW, _MIX_LEVEL = (
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)


class Cells(NamedTuple):
    """A grid: the entries of the cells of one hash value are those from begins[value >> shift] on.

    An entry is the position of a box (west, south, east, north), of a program's slot.
    """

    levels: Positions
    begins: Shorts
    entries: Shorts
    shift: np.uint64
    boxes: Boxes
    slots: Shorts


@compiled
def number_column(lon: float) -> int:
    """At the lowest level. What lies beyond the map belongs to the cell at its edge."""
    return int(min(max((lon + 180.0) * (COLUMNS / 360.0), 0.0), COLUMNS - 1.0))


@compiled
def number_row(lat: float) -> int:
    return int(min(max((lat + 90.0) * (_ROWS / 180.0), 0.0), _ROWS - 1.0))


@compiled
def hash_cell(slot: int, level: int, column: int, row: int) -> np.uint64:
    """A number of 64 bits for each cell of a program; its upper bits are mixed best."""
    mixed = np.uint64(slot * 32 + level) * _MIX_LEVEL
    mixed ^= (np.uint64(column) * _MIX_COLUMN) ^ (np.uint64(row) * _MIX_ROW)
    mixed ^= mixed >> np.uint64(29)
    return mixed * _MIX_COLUMN


@compiled
def span(cells: Cells, slot: int, level: int, column: int, row: int) -> tuple[int, int]:
    """Where the entries of a cell begin and end. Column and row are those at its own level."""
    place = np.int64(hash_cell(slot, level, column, row) >> cells.shift)
    return cells.begins[place], cells.begins[place + 1]


@compiled
def enter_boxes(boxes: Boxes, slots: Shorts, levels: Positions) -> tuple[Unsigned, Shorts]:
    """The hash values of all cells that each box touches at its level, and which box it is."""
    hashes, owners = np.empty(4 * len(boxes), np.uint64), np.empty(4 * len(boxes), np.int32)
    entered = 0
    for box in range(len(boxes)):
        level = levels[box]
        west, east = number_column(boxes[box, 0]) >> level, number_column(boxes[box, 2]) >> level
        south, north = number_row(boxes[box, 1]) >> level, number_row(boxes[box, 3]) >> level
        for column in range(west, east + 1):
            for row in range(south, north + 1):
                if entered == len(owners):
                    hashes, owners = double(hashes), double(owners)
                hashes[entered], owners[entered] = hash_cell(slots[box], level, column, row), box
                entered += 1
    return hashes[:entered], owners[:entered]


@compiled
def _list_all_touching(cells: Cells, slot: int, west: float, south: float, east: float, north: float) -> Positions:
    """The same where the window has more cells than there is use in looking into."""
    found, count = np.empty(len(cells.boxes), np.int64), 0
    for box in range(len(cells.boxes)):
        if _touches(cells, box, slot, west, south, east, north):
            found[count] = box
            count += 1
    return found[:count]


@compiled
def _touches(cells: Cells, box: int, slot: int, west: float, south: float, east: float, north: float) -> bool:
    edges = cells.boxes[box]
    is_near: bool = edges[0] <= east and west <= edges[2] and edges[1] <= north and south <= edges[3]
    return is_near and bool(cells.slots[box] == slot)


@compiled
def list_touching(cells: Cells, slot: int, west: float, south: float, east: float, north: float) -> Positions:
    """The positions of the program's boxes that touch the window, each once or more often."""
    found, count = np.empty(64, np.int64), 0
    columns, rows = (number_column(west), number_column(east)), (number_row(south), number_row(north))
    for level in cells.levels:
        wide, tall = (columns[1] >> level) - (columns[0] >> level), (rows[1] >> level) - (rows[0] >> level)
        if (wide + 1) * (tall + 1) > _MAX_CELLS:
            return _list_all_touching(cells, slot, west, south, east, north)
        for column in range(columns[0] >> level, (columns[1] >> level) + 1):
            for row in range(rows[0] >> level, (rows[1] >> level) + 1):
                begin, end = span(cells, slot, level, column, row)
                for box in cells.entries[begin:end]:
                    if _touches(cells, box, slot, west, south, east, north):
                        if count == len(found):
                            found = double(found)
                        found[count] = box
                        count += 1
    return found[:count]
