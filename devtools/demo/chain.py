"""The chain: every shop with its geofence and hours, the same at every start. Pure."""

from random import Random
from typing import Any, NamedTuple

from devtools.demo.stations import STATIONS, Station
from devtools.demo.streets import Point, shift

PROGRAM_CODE = "kissa-sakura"
PROGRAM_NAME = "喫茶さくら / Kissa Sakura"
TIME_ZONE = "Asia/Tokyo"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Exits of a station: name, and which way from the platforms (east, north).
_EXITS = (("East", "東口", 1, 0), ("West", "西口", -1, 0), ("South", "南口", 0, -1), ("North", "北口", 0, 1))
_HOURS = (("07:00:00", "22:00:00"), ("08:00:00", "21:00:00"), ("10:00:00", "23:00:00"), ("17:00:00", "02:00:00"))


class Shop(NamedTuple):
    """`shape` is the part of a geofence's body that says where it is."""

    code: str
    name: str
    label: str
    station: Point
    door: Point
    shape: dict[str, Any]
    opening_hours: dict[str, list[tuple[str, str]]] | None


def make_chain() -> list[Shop]:
    """Some 300 shops. Those of one station never have touching geofences."""
    return [shop for station in STATIONS for shop in _shops_of(station)]


def _shops_of(station: Station) -> list[Shop]:
    rng = Random(station.name)
    return [_shop(station, *exit_, rng) for exit_ in _EXITS[: station.shops]]


def _shop(station: Station, side: str, side_ja: str, east: int, north: int, rng: Random) -> Shop:
    platforms = Point(station.lat, station.lon)
    away_m, aside_m = rng.uniform(150, 210), rng.uniform(-35, 35)
    door = shift(platforms, east * away_m + north * aside_m, north * away_m + east * aside_m)
    return Shop(
        f"{station.name}-{side}".lower().replace(" ", "-"),
        f"{station.name_ja}{side_ja}店 {station.name} {side}",
        f"{station.name} {side}",
        platforms,
        door,
        _shape(door, rng),
        _hours(rng),
    )


def _shape(door: Point, rng: Random) -> dict[str, Any]:
    """Mostly circles; one in six is a building's outline."""
    if rng.random() > 1 / 6:
        return {"circle": {"lat": door.lat, "lon": door.lon, "radius_m": rng.choice((40, 50, 60, 75))}}
    width_m, depth_m = rng.uniform(35, 50), rng.uniform(30, 40)
    outline = ((-width_m, -depth_m), (width_m, -depth_m), (width_m, depth_m), (0, depth_m + 12), (-width_m, depth_m))
    corners = [shift(door, east_m, north_m) for east_m, north_m in outline]
    ring = [[round(corner.lon, 6), round(corner.lat, 6)] for corner in (*corners, corners[0])]
    return {"area": {"type": "Polygon", "coordinates": [ring]}}


def _hours(rng: Random) -> dict[str, list[tuple[str, str]]] | None:
    """None: open round the clock, as two shops in ten are."""
    if rng.random() < 0.2:
        return None
    hours = rng.choice(_HOURS)
    closed = rng.choice((None, None, None, "tue"))
    return {day: [hours] for day in _DAYS if day != closed}
