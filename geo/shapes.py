"""Shapes that a manager may draw: reads GeoJSON (RFC 7946) and says in plain words what is wrong with it. Pure."""

import re
from collections.abc import Iterator, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity

from geo.geodesy import WGS84, distance_m
from geo.geofence import Area
from geo.inscribed_circle import inscribed_radius_m, rejoin
from geo.reference_systems import find_crs_fault

MAX_POSITIONS = 10_000
MAX_EXTENT_M = 200_000.0
MIN_AREA_M2 = 100.0
MIN_RADIUS_M = 10.0
MAX_RADIUS_M = 50_000.0
POLE_DISTANCE_M = 1_000.0

# Coordinates of this size are no mistake in degrees: they are metres, of a projected map.
_METRES = (1e3, 1e9)

# A degree of latitude is 111,694 m long at the pole.
_POLE_LAT = 90 - POLE_DISTANCE_M / 111_694
_NEAR_POLE = "The shape comes within 1 km of a pole, where geofences do not work; keep it farther away."

# What GEOS says about an invalid polygon, and what the person who drew it can do about it.
_ADVICE = {
    "Self-intersection": "The ring crosses itself near {place}; move that corner.",
    "Ring Self-intersection": "The ring touches itself near {place}; move that corner or cut the shape in two.",
    "Duplicate Rings": "A ring is drawn twice near {place}; remove one of them.",
    "Hole lies outside shell": "A hole lies outside its outer ring near {place}; move it inside or remove it.",
    "Holes are nested": "A hole lies inside another hole near {place}; remove one of them.",
    "Interior is disconnected": "The holes cut the shape in two near {place}; draw it as two polygons.",
    "Nested shells": "A polygon lies inside another near {place}; remove one of them.",
    "Too few points in geometry component": "The ring has fewer than three different corners near {place}; add one.",
}
_REASON = re.compile(r"(?P<what>[^\[]*)\[(?P<lon>\S+) (?P<lat>\S+)\]")

Ring = NDArray[np.float64]


class InvalidShape(ValueError):
    """A shape that cannot be a geofence.

    `reason` is one sentence that tells a manager what to do; `pointer` is a JSON pointer (RFC 6901) within the shape.
    """

    def __init__(self, reason: str, pointer: str = "") -> None:
        super().__init__(reason, pointer)  # all of it, so that it can come from another process
        self.reason = reason
        self.pointer = pointer


def check_circle(lat: float, lon: float, radius_m: float) -> None:
    """Raise InvalidShape unless the circle can be a geofence."""
    if not -90 <= lat <= 90:
        raise InvalidShape("The latitude must be a number from -90 to 90.", "/lat")
    if not -180 <= lon <= 180:
        raise InvalidShape("The longitude must be a number from -180 to 180.", "/lon")
    if not MIN_RADIUS_M <= radius_m <= MAX_RADIUS_M:
        raise InvalidShape(f"The radius must be from {MIN_RADIUS_M:,.0f} to {MAX_RADIUS_M:,.0f} m.", "/radius_m")
    if distance_m(lat, lon, 90.0 if lat > 0 else -90.0, lon) < radius_m + POLE_DISTANCE_M:
        raise InvalidShape(_NEAR_POLE, "/lat")


def read_area(geojson: Mapping[str, object]) -> tuple[Area, float]:
    """What `parse_area` makes of it, and the radius of its largest circle in metres. Raises InvalidShape."""
    polygons = parse_area(geojson)
    return Area(polygons), inscribed_radius_m(polygons)


def parse_area(geojson: Mapping[str, object]) -> shapely.MultiPolygon:
    """Read a GeoJSON Polygon or MultiPolygon.

    Answers valid polygons in longitude and latitude with RFC 7946 winding, split where they cross the antimeridian.
    Either winding and a third coordinate are accepted. An edge that is longer than 180 degrees of longitude is taken to
    cross the antimeridian. Raises InvalidShape.
    """
    fault = find_crs_fault(geojson["crs"]) if "crs" in geojson else None
    if fault is not None:
        raise InvalidShape(fault, "/crs")
    kind, coordinates = geojson.get("type"), geojson.get("coordinates")
    if kind == "Polygon":
        drawn = [_read_polygon(coordinates, "/coordinates")]
    elif kind == "MultiPolygon":
        drawn = [_read_polygon(rings, pointer) for rings, pointer in _items(coordinates, "/coordinates", "polygons")]
    else:
        raise InvalidShape('The type must be "Polygon" or "MultiPolygon".', "/type")
    if sum(len(ring) for rings in drawn for ring in rings) > MAX_POSITIONS:
        raise InvalidShape(f"The shape has more than {MAX_POSITIONS:,} positions; simplify it.", "/coordinates")
    multi = kind == "MultiPolygon"
    polygons = [_make_polygon(rings, f"/coordinates/{n}" if multi else "/coordinates") for n, rings in enumerate(drawn)]
    parts = [part for polygon in polygons for part in _split(polygon)]
    area = shapely.orient_polygons(shapely.MultiPolygon(parts))
    _require_valid(area, "/coordinates")
    _require_size(area)
    return area


def _items(value: object, pointer: str, what: str) -> Iterator[tuple[object, str]]:
    if not isinstance(value, list | tuple) or not value:
        raise InvalidShape(f"There must be a list of {what} here, with at least one.", pointer)
    return ((item, f"{pointer}/{n}") for n, item in enumerate(value))


def _read_polygon(value: object, pointer: str) -> list[Ring]:
    return [_read_ring(ring, at) for ring, at in _items(value, pointer, "rings")]


def _read_ring(value: object, pointer: str) -> Ring:
    if isinstance(value, list | tuple) and len(value) > MAX_POSITIONS:
        raise InvalidShape(f"The ring has more than {MAX_POSITIONS:,} positions; simplify it.", pointer)
    ring = np.array([_read_position(item, at) for item, at in _items(value, pointer, "positions")])
    if len(ring) < 4:
        raise InvalidShape("A ring needs at least four positions: three corners and the first one again.", pointer)
    if not np.array_equal(ring[0], ring[-1]):
        raise InvalidShape(
            "The ring is not closed; repeat its first position at the end.", f"{pointer}/{len(ring) - 1}"
        )
    return ring


def _read_position(value: object, pointer: str) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= 3 or not all(map(_is_number, value)):
        raise InvalidShape("A position must be two numbers: longitude, then latitude.", pointer)
    lon, lat = value[0], value[1]
    if _METRES[0] < max(abs(lon), abs(lat)) < _METRES[1]:
        raise InvalidShape("These are no degrees; save the shape in WGS 84 (EPSG:4326), longitude first.", pointer)
    if not -90 <= lat <= 90:
        if -90 <= lon <= 90 and -180 <= lat <= 180:
            raise InvalidShape("Latitude and longitude look swapped; GeoJSON puts the longitude first.", pointer)
        raise InvalidShape("The latitude must be from -90 to 90.", f"{pointer}/1")
    if not -180 <= lon <= 180:
        raise InvalidShape("The longitude must be from -180 to 180.", f"{pointer}/0")
    if abs(lat) > _POLE_LAT:
        raise InvalidShape(_NEAR_POLE, pointer)
    return float(lon), float(lat)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _make_polygon(rings: list[Ring], pointer: str) -> shapely.Polygon:
    """A valid polygon whose longitudes run on past 180 where it crosses the antimeridian."""
    shell = _unwrap(rings[0], f"{pointer}/0")
    holes = []
    for n, ring in enumerate(rings[1:], start=1):
        hole = _unwrap(ring, f"{pointer}/{n}")
        # A hole may begin on the other side of the antimeridian than its shell.
        hole[:, 0] += 360 * np.round((shell[:, 0].mean() - hole[:, 0].mean()) / 360)
        holes.append(hole)
    polygon = shapely.Polygon(shell, holes)
    _require_valid(polygon, pointer)
    return polygon


def _unwrap(ring: Ring, pointer: str) -> Ring:
    steps = np.diff(ring[:, 0])
    turns = np.where(steps > 180, -360.0, np.where(steps < -180, 360.0, 0.0))
    if turns.sum() != 0:
        raise InvalidShape("The ring goes around a pole; draw it so that the pole lies outside.", pointer)
    unwrapped = ring.copy()
    unwrapped[1:, 0] += np.cumsum(turns)
    return unwrapped


def _split(polygon: shapely.Polygon) -> list[shapely.Polygon]:
    west, _, east, _ = polygon.bounds
    if west >= -180 and east <= 180:
        return [polygon]
    parts: list[shapely.Polygon] = []
    for turn in (-360, 0, 360):
        world = shapely.box(turn - 180, -90, turn + 180, 90)
        pieces = shapely.get_parts(shapely.intersection(polygon, world)).tolist()
        # A corner that only touches the antimeridian leaves a point or a line there.
        parts += [affinity.translate(piece, -turn) for piece in pieces if isinstance(piece, shapely.Polygon)]
    return parts


def _require_valid(shape: shapely.Polygon | shapely.MultiPolygon, pointer: str) -> None:
    reason = shapely.is_valid_reason(shape)
    if reason == "Valid Geometry":
        return
    found = _REASON.match(reason)
    if found is None:
        raise InvalidShape(f"The shape is not valid: {reason}.", pointer)
    lon = (float(found["lon"]) + 180) % 360 - 180
    place = f"{float(found['lat']):.4f}, {lon:.4f}"
    advice = _ADVICE.get(found["what"], "The shape is not valid near {place}; draw that part again.")
    raise InvalidShape(advice.format(place=place), pointer)


def _require_size(area: shapely.MultiPolygon) -> None:
    west, south, east, north = rejoin(area).bounds
    # The widest parallel is the one nearest to the equator.
    widest_lat = min(max(south, 0.0), north) if north > 0 else north
    if max(distance_m(widest_lat, west, widest_lat, east), distance_m(south, west, north, west)) > MAX_EXTENT_M:
        raise InvalidShape(
            f"The shape is more than {MAX_EXTENT_M / 1000:,.0f} km wide; check the longitudes or draw it smaller.",
            "/coordinates",
        )
    if abs(WGS84.geometry_area_perimeter(area)[0]) < MIN_AREA_M2:
        raise InvalidShape(f"The shape is smaller than {MIN_AREA_M2:,.0f} square metres.", "/coordinates")
