"""Random fences all over the Earth, and random points near their edges.

A quarter of the fences lies near a pole and a quarter across the antimeridian. Half are circles of 10 m to 50 km, half
polygons of 20 m to 5 km with straight edges in longitude and latitude, a third of them with a hole.
"""

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.geodesy import WGS84, metres_per_degree
from geo.geofence import Area, Circle
from geo.shapes import InvalidShape, check_circle, parse_area

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """A fence as the index holds it, and for a polygon as it was drawn: in one piece, its longitudes running on past
    180 degrees where it crosses the antimeridian."""

    shape: Circle | Area
    whole: shapely.Polygon | None = None


def draw_fences(chance: Random, count: int) -> list[Drawn]:
    return [_draw_circle(chance) if number % 2 else _draw_polygon(chance) for number in range(count)]


def scatter(chance: Random, fences: list[Drawn], each: int) -> tuple[NDArray[np.int64], Floats, Floats]:
    """So many points for each fence: its position, and the latitudes and longitudes. Half of the points lie within
    20 cm of the edge, half within 20 m."""
    owner = np.repeat(np.arange(len(fences)), each)
    draws = np.random.default_rng(chance.getrandbits(64))
    off_m = draws.uniform(-1, 1, len(owner)) * draws.choice([0.2, 20.0], len(owner))
    bearing = draws.uniform(0, 360, len(owner))
    lats, lons = np.empty(len(owner)), np.empty(len(owner))
    is_round = np.array([isinstance(fence.shape, Circle) for fence in fences])[owner]
    circles = np.array([_centre(fence) for fence in fences])[owner[is_round]]
    lons[is_round], lats[is_round], _ = WGS84.fwd(
        circles[:, 1], circles[:, 0], bearing[is_round], circles[:, 2] + off_m[is_round]
    )
    edges = np.array([None if fence.whole is None else fence.whole.boundary for fence in fences], object)
    drawn = edges[owner[~is_round]]
    foot = shapely.line_interpolate_point(drawn, draws.uniform(0, 1, len(drawn)), normalized=True)
    lons[~is_round], lats[~is_round], _ = WGS84.fwd(
        _wrap(shapely.get_x(foot)), shapely.get_y(foot), bearing[~is_round], off_m[~is_round]
    )
    return owner, lats, _wrap(lons)


def _draw_circle(chance: Random) -> Drawn:
    while True:
        radius_m = math.exp(chance.uniform(math.log(10), math.log(50_000)))
        lat, lon = _draw_place(chance, radius_m)
        try:
            check_circle(lat, lon, radius_m)
        except InvalidShape:  # it would cover a pole
            continue
        return Drawn(Circle(lat, lon, radius_m))


def _draw_polygon(chance: Random) -> Drawn:
    while True:
        size_m = math.exp(chance.uniform(math.log(20), math.log(5_000)))
        lat, lon = _draw_place(chance, size_m)
        rings = [_draw_star(chance, lat, lon, size_m)]
        if chance.random() < 1 / 3:  # well within the least reach of the star
            rings.append([(lon + (x - lon) / 4, lat + (y - lat) / 4) for x, y in rings[0]])
        wrapped = [[[(x + 180) % 360 - 180, y] for x, y in ring] for ring in rings]
        try:
            area = parse_area({"type": "Polygon", "coordinates": wrapped})
        except InvalidShape:  # too small, or at a pole
            continue
        # From what was wrapped, so that both hold the very same corners.
        corners = [[(x + 360 * round((lon - x) / 360), y) for x, y in ring] for ring in wrapped]
        return Drawn(Area(area), shapely.Polygon(corners[0], corners[1:]))


def _draw_star(chance: Random, lat: float, lon: float, size_m: float) -> list[tuple[float, float]]:
    lat_m, lon_m = metres_per_degree(lat)
    count = chance.randint(4, 12)
    turns = [(step + chance.uniform(-0.3, 0.3)) * 2 * math.pi / count for step in range(count)]
    reach = [size_m * chance.uniform(0.5, 1) for _ in turns]
    corners = [
        (lon + r * math.cos(turn) / lon_m, lat + r * math.sin(turn) / lat_m)
        for turn, r in zip(turns, reach, strict=True)
    ]
    return [*corners, corners[0]]


def _draw_place(chance: Random, size_m: float) -> tuple[float, float]:
    kind, lat = chance.randrange(4), math.degrees(math.asin(chance.uniform(-0.98, 0.98)))
    if kind == 0:
        return chance.choice([-1, 1]) * chance.uniform(80, 89.95), chance.uniform(-180, 180)
    if kind == 1:
        east_m = chance.uniform(-1, 1) * size_m
        return lat, (180 + east_m / metres_per_degree(lat)[1] + 180) % 360 - 180
    return lat, chance.uniform(-180, 180)


def _centre(fence: Drawn) -> tuple[float, float, float]:
    shape = fence.shape
    return (shape.lat, shape.lon, shape.radius_m) if isinstance(shape, Circle) else (0.0, 0.0, 0.0)


def _wrap(lons: Floats) -> Floats:
    return (lons + 180) % 360 - 180
