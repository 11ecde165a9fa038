"""Areas come out of well-known binary as GEOS reads them."""

from random import Random

import numpy as np
import pytest
import shapely

from bench.random_fences import draw_fences
from geo.geofence import Area
from geo.wkb import read_drawings
from kit.arrays import Spans


def pack(areas: list[bytes]) -> Spans:
    """With something else before each, as in a row."""
    ends = np.cumsum([2 + len(area) for area in areas], dtype=np.int64)
    octets = np.frombuffer(b"".join(b"\1\6" + area for area in areas), np.uint8)
    return Spans(octets, ends - np.array([*map(len, areas)], np.int64), ends)


@pytest.mark.parametrize("byte_order", [0, 1], ids=["big-endian", "little-endian"])
def test_plain_ones_and_others_in_their_order(byte_order: int) -> None:
    """With holes, split at the antimeridian, and plain; circles between them are empty."""
    shapes = [drawn.shape for drawn in draw_fences(Random(3), 120)]
    octets = [
        shapely.to_wkb(shape.polygons, byte_order=byte_order) if isinstance(shape, Area) else b"" for shape in shapes
    ]
    drawings = read_drawings(pack(octets))
    polygons = [shape.polygons for shape in shapes if isinstance(shape, Area)]
    assert len(drawings) == len(polygons)
    assert any(len(each.geoms) > 1 for each in polygons)
    assert [drawings.geometry(n) for n in range(len(drawings))] == polygons


def test_no_areas() -> None:
    assert len(read_drawings(pack([b"", b""]))) == len(read_drawings(pack([]))) == 0
