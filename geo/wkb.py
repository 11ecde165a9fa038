"""Areas in well-known binary, read into drawings. Pure.

Nearly every area is one polygon without holes. Its octets are a head that is always the same, the number of its corners
and the corners, so many are taken over at once. GEOS reads the others.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.drawings import Drawings, join_drawings
from kit.arrays import Positions, Spans, spread, to_starts

# Little-endian: a MultiPolygon of one Polygon, which has one ring.
_HEAD = np.frombuffer(bytes.fromhex("01 06000000 01000000 01 03000000 01000000"), np.uint8)
_CORNERS_AT = len(_HEAD) + 4
_CORNER_SIZE = 16


def read_drawings(areas: Spans) -> Drawings:
    """Those that are not empty, in their order."""
    lengths = areas.ends - areas.begins
    drawn = np.flatnonzero(lengths)
    starts, lengths = areas.begins[drawn], lengths[drawn]
    if len(drawn) == 0:
        return Drawings.of(np.empty(0, object))
    is_plain = (areas.octets[starts[:, None] + np.arange(len(_HEAD))] == _HEAD).all(axis=1)
    plain, others = np.flatnonzero(is_plain), np.flatnonzero(~is_plain)
    drawings = _read_plain(areas.octets, starts[plain], lengths[plain])
    if len(others) == 0:
        return drawings
    spans = zip(starts[others].tolist(), (starts + lengths)[others].tolist(), strict=True)
    octets = [areas.octets[start:end].tobytes() for start, end in spans]
    both = join_drawings([drawings, Drawings.of(np.array(shapely.from_wkb(octets), object))])
    return both.take(np.argsort(np.concatenate([plain, others])))


def _read_plain(octets: NDArray[np.uint8], starts: Positions, lengths: Positions) -> Drawings:
    counts = (lengths - _CORNERS_AT) // _CORNER_SIZE
    owners, numbers = spread(np.zeros(len(starts), np.int64), counts)
    places = starts[owners] + _CORNERS_AT + numbers * _CORNER_SIZE
    # A corner may begin at any octet.
    anywhere = np.ndarray((max(0, len(octets) - _CORNER_SIZE + 1),), f"V{_CORNER_SIZE}", octets, strides=(1,))
    corners = anywhere[places].view("<f8").reshape(-1, 2).astype(np.float64)
    each = np.arange(len(starts) + 1, dtype=np.int32)
    return Drawings(corners, to_starts(counts), each, each)
