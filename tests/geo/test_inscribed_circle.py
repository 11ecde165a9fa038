"""The largest circle in an area is found to one per cent, also where a search by halving ends at its limit of steps."""

import math

import numpy as np
import pytest
import shapely

from geo.geodesy import metres_per_degree
from geo.inscribed_circle import inscribed_radius_m
from geo.shapes import parse_area

LAT, LON = 35.6, 139.7


def on_earth(flat: shapely.Polygon | shapely.MultiPolygon) -> shapely.MultiPolygon:
    """A shape in metres, laid out around a place on the ground."""
    lat_m, lon_m = metres_per_degree(LAT)
    placed = shapely.transform(flat, lambda at: at / (lon_m, lat_m) + (LON, LAT))
    return parse_area(shapely.geometry.mapping(placed))


def lanes(count: int, length_m: float, width_m: float) -> shapely.Polygon:
    """A corridor that turns round at the end of each lane."""
    ends = [(lane * 2 * width_m, length_m * (end ^ (lane % 2))) for lane in range(count) for end in (0, 1)]
    return shapely.LineString(ends).buffer(width_m / 2, cap_style="flat", join_style="mitre")


def spiral(width_m: float) -> shapely.Polygon:
    turn = np.linspace(2, 60, 2000)
    return shapely.LineString(np.column_stack([2 * turn * np.cos(turn), 2 * turn * np.sin(turn)])).buffer(
        width_m / 2, cap_style="flat", join_style="mitre"
    )


@pytest.mark.parametrize(
    ("flat", "radius_m"),
    [
        # In a corner of a corridor a circle touches the outer walls and the inner corner.
        (lanes(300, 400, 4), 4 * (2 - math.sqrt(2))),
        (lanes(1000, 5000, 4), 4 * (2 - math.sqrt(2))),
        (spiral(6.92), 3.46),
        (shapely.Point(0, 0).buffer(500, quad_segs=2000), 500),
        (shapely.box(0, 0, 300, 300) - shapely.box(100, 0, 101, 299), 99.5),
    ],
)
def test_the_radius_is_right_to_one_per_cent(flat: shapely.Polygon, radius_m: float) -> None:
    assert inscribed_radius_m(on_earth(flat)) == pytest.approx(radius_m, rel=0.01)


def test_of_several_parts_the_widest_counts_and_parts_may_touch() -> None:
    squares = shapely.MultiPolygon([shapely.box(0, 0, 20, 20), shapely.box(20, 20, 80, 80)])
    assert inscribed_radius_m(on_earth(squares)) == pytest.approx(30, rel=0.01)
    touching = shapely.MultiPolygon([shapely.box(0, 0, 60, 60), shapely.Polygon([(60, 30), (90, 20), (90, 40)])])
    assert inscribed_radius_m(on_earth(touching)) == pytest.approx(30, rel=0.01)
