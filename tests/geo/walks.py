"""Walks with known truth: visits to a shop and ways between, with the errors that phones make."""

from dataclasses import dataclass
from random import Random

from geo.geodesy import metres_per_degree
from geo.index import Circle, Fence
from geo.matching import Fix
from tests.geo.tracks import SHOP, at

RADIUS_M = 100.0
FENCE = Fence(SHOP.geofence_id, SHOP.program_id, SHOP.store_id, "shop", Circle(35.68, 139.76, RADIUS_M), RADIUS_M)
WALK_M_S = 1.3
# Where in the shop they stay, from its centre; and what the phone says of its error, which is too good to be true.
COUNTER_M = 50.0
CLAIMED_M = 10.0


@dataclass(frozen=True)
class Errors:
    """How wrong the phone is: inside and outside, how long its error lasts, how often a fix is wild or missing."""

    inside_m: float = 25.0
    outside_m: float = 10.0
    lasting_s: float = 90.0
    wild: float = 0.0
    tunnel: float = 0.0


@dataclass(frozen=True)
class Walk:
    fixes: list[Fix]
    visits: list[tuple[float, float]]  # seconds


def take_walk(seed: int, every_s: float, errors: Errors, visits: int = 30) -> Walk:
    chance = Random(seed)
    stretches: list[tuple[float, float]] = []
    fixes: list[Fix] = []
    error, clock_s = [0.0, 0.0], 0.0
    for _ in range(visits):
        far_m = chance.uniform(500, 1500)
        away_s, stay_s = chance.uniform(300, 1500), chance.uniform(1200, 5400)
        way_s = far_m / WALK_M_S
        stretches.append((clock_s + 2 * way_s + away_s, clock_s + 2 * way_s + away_s + stay_s))
        leg_s, in_tunnel = 0.0, chance.random() < errors.tunnel
        while leg_s < 2 * way_s + away_s + stay_s:
            east_m = _where(leg_s, way_s, away_s, far_m)
            sigma_m = errors.inside_m if east_m == COUNTER_M else errors.outside_m
            keep = 2.718281828 ** (-every_s / errors.lasting_s)
            error = [keep * e + chance.gauss(0, sigma_m * (1 - keep * keep) ** 0.5) for e in error]
            is_wild = chance.random() < errors.wild
            seen = (east_m + error[0] + is_wild * 1000, error[1])
            if not (in_tunnel and 0 < leg_s - way_s < away_s):
                fixes.append(_fix(clock_s + leg_s, *seen))
            leg_s += every_s
        clock_s += 2 * way_s + away_s + stay_s
    return Walk(fixes, stretches)


def _where(leg_s: float, way_s: float, away_s: float, far_m: float) -> float:
    if leg_s < way_s:
        return COUNTER_M + leg_s * WALK_M_S
    if leg_s < way_s + away_s:
        return COUNTER_M + far_m
    return max(COUNTER_M, COUNTER_M + far_m - (leg_s - way_s - away_s) * WALK_M_S)


def _fix(seconds: float, east_m: float, north_m: float) -> Fix:
    lat_m, lon_m = metres_per_degree(35.68)
    return Fix(35.68 + north_m / lat_m, 139.76 + east_m / lon_m, CLAIMED_M, at(seconds))
