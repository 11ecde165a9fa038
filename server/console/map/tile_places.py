"""Where a tile of the map lies, and what it may hold. Pure."""

import math

import msgspec

MAX_ZOOM = 16
# Below it a shop is no more than a dot: then groups are drawn, and only what is wide is a shape.
SHAPES_FROM_ZOOM = 11
MOST_SHAPES = 400
MOST_WIDE_SHAPES = 100
MOST_BYTES = 100_000
# A shape of fewer pixels than that across its half is a dot.
_LEAST_PIXELS = 6
_EQUATOR_M = 40_075_016.7
_TILE_PIXELS = 512
# How far shapes of the neighbours reach in, as a share of the tile: what 128 of 4096 units are.
_RIM = 128 / 4096


class TilePlace(msgspec.Struct, frozen=True):
    """In degrees, with the rim. `turns`: how often around the world what is drawn here may have to be moved."""

    z: int
    x: int
    y: int
    west: float
    south: float
    east: float
    north: float
    turns: tuple[int, ...]

    @property
    def least_radius_m(self) -> float:
        """Of what is drawn as a shape where the rest is in groups. At the tile's middle."""
        lat = math.radians(_latitude(self.y + 0.5, self.z))
        return _EQUATOR_M * math.cos(lat) / (_TILE_PIXELS << self.z) * _LEAST_PIXELS


def find_tile(z: int, x: int, y: int) -> TilePlace | None:
    """None for a tile that no map has."""
    if not 0 <= z <= MAX_ZOOM or not (0 <= x < 1 << z and 0 <= y < 1 << z):
        return None
    west, east = ((x + rim) / (1 << z) * 360 - 180 for rim in (-_RIM, 1 + _RIM))
    north, south = (_latitude(y + rim, z) for rim in (-_RIM, 1 + _RIM))
    turns = [0, *([-1] if x == 0 else []), *([1] if x == (1 << z) - 1 else [])]
    return TilePlace(z, x, y, west, south, east, north, tuple(turns))


def _latitude(y: float, z: int) -> float:
    """The top of a row of tiles."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / (1 << z)))))
