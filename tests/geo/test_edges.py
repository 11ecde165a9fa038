"""Outlines of any shape against GEOS, which measures the same plane."""

import math
from random import Random
from uuid import UUID

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.edges import distance_to_edge_m, distance_to_fence_m
from geo.geodesy import WGS84, metres_per_degree
from geo.geofence import Area, Fence
from geo.index import FenceIndex
from geo.kernels import fences as compiled_fences
from geo.kernels.ellipsoid import way_m
from ids import GeofenceId, ProgramId, StoreId
from tests.support.batch_tracks import PLACES, draw_fences, move


def star(lat: float, lon: float, radii_m: list[float], scale: float) -> list[tuple[float, float]]:
    lat_m, lon_m = metres_per_degree(lat)
    turns = [2 * math.pi * n / len(radii_m) for n in range(len(radii_m))]
    return [
        (lon + scale * r * math.cos(turn) / lon_m, lat + scale * r * math.sin(turn) / lat_m)
        for r, turn in zip(radii_m, turns, strict=True)
    ]


def fence(polygons: shapely.MultiPolygon) -> Fence:
    return Fence(GeofenceId(UUID(int=1)), ProgramId(UUID(int=2)), StoreId(UUID(int=3)), "shop", Area(polygons), 30.0)


def by_geos(polygons: shapely.MultiPolygon, lat: float, lon: float) -> float:
    lat_m, lon_m = metres_per_degree(lat)
    flat = shapely.transform(polygons, lambda c: np.stack([(c[:, 0] - lon) * lon_m, (c[:, 1] - lat) * lat_m], axis=1))
    return float(shapely.distance(flat, shapely.Point(0, 0)))


@given(
    lat=st.floats(-85, 85),
    lon=st.floats(-179, 179),
    radii_m=st.lists(st.floats(50, 300), min_size=3, max_size=30),
    hole=st.booleans(),
    wing=st.booleans(),
    east_m=st.floats(-800, 800),
    north_m=st.floats(-800, 800),
)
def test_the_way_to_the_edge_is_that_of_geos_with_holes_and_several_parts(
    lat: float, lon: float, radii_m: list[float], hole: bool, wing: bool, east_m: float, north_m: float
) -> None:
    lat_m, lon_m = metres_per_degree(lat)
    holes = [star(lat, lon, radii_m, 0.5)] if hole else []
    parts = [shapely.Polygon(star(lat, lon, radii_m, 1.0), holes)]
    if wing:
        parts.append(shapely.Polygon(star(lat, lon + 700 / lon_m, [20.0, 30.0, 20.0], 1.0)))
    polygons = shapely.MultiPolygon(parts)
    y, x = lat + north_m / lat_m, lon + east_m / lon_m
    assert distance_to_fence_m(fence(polygons), y, x) == pytest.approx(by_geos(polygons, y, x), rel=1e-6, abs=1e-4)
    if not shapely.intersects_xy(polygons, x, y):
        assert distance_to_edge_m(fence(polygons), y, x) == pytest.approx(by_geos(polygons, y, x), rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("place", PLACES)
def test_machine_code_finds_the_same_way_to_the_edge(place: tuple[float, float]) -> None:
    chance = Random(1)
    for _ in range(20):
        drawn = draw_fences(chance, *place)
        known, _ = FenceIndex.build(drawn).layers
        for _ in range(20):
            position = chance.randrange(len(drawn))
            point = move(*place, chance.uniform(-400, 400), chance.uniform(-400, 400))
            plain_m = distance_to_edge_m(drawn[position], *point)
            found_m = compiled_fences.distance_to_edge_m(known, position, *point)
            assert found_m == pytest.approx(plain_m, rel=1e-10, abs=1e-8)


def test_distances_of_machine_code_are_those_of_geodesics() -> None:
    rng = np.random.default_rng(3)
    lats, lons = np.concatenate([rng.uniform(-90, 90, 2000), rng.uniform(89, 90, 500)]), rng.uniform(-180, 180, 2500)
    away_m = 10 ** rng.uniform(0, 4, 2500)
    to_lons, to_lats, _ = WGS84.fwd(lons, lats, rng.uniform(0, 360, 2500), away_m)
    ways_m = [way_m(*each) for each in zip(lats, lons, to_lats, to_lons, strict=True)]
    assert np.abs(np.array(ways_m) - away_m).max() < 1e-8
