"""Walks with known truth: visits to a shop and ways between, with the errors that phones make."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, exp, pi, sin
from random import Random
from uuid import UUID

from geo.fix import Fix
from geo.geodesy import metres_per_degree
from geo.geofence import Circle, Fence
from ids import GeofenceId, ProgramId, StoreId

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
SHOP = Circle(35.68, 139.76, 100.0)
FENCE = Fence(GeofenceId(UUID(int=1)), ProgramId(UUID(int=2)), StoreId(UUID(int=3)), "shop", SHOP, SHOP.radius_m)
WALK_M_S = 1.3
# Where in the shop they stay, from its centre; and what the phone says of its error, which is too good to be true.
COUNTER_M = 50.0
CLAIMED_M = 10.0
WILD_M = 1000.0

_LAT_M, _LON_M = metres_per_degree(SHOP.lat)


@dataclass(frozen=True)
class Errors:
    """How wrong the phone is: its error inside and outside (standard deviation on each axis) and how long that lasts,
    the share of wild fixes (a kilometre off), the share of ways with a stretch without any fix; how long visits are."""

    inside_m: float = 25.0
    distance_to_fence_m: float = 10.0
    lasting_s: float = 90.0
    wild: float = 0.0
    tunnel: float = 0.0
    stay_s: tuple[float, float] = (1200.0, 5400.0)


@dataclass(frozen=True)
class Step:
    """A fix, and what only the walk knows of it."""

    fix: Fix
    at_s: float
    is_wild: bool


@dataclass(frozen=True)
class Walk:
    """`visits` are the seconds from when to when they stood at the counter; the walk begins there, too."""

    steps: list[Step]
    visits: list[tuple[float, float]]

    @property
    def fixes(self) -> list[Fix]:
        return [step.fix for step in self.steps]


@dataclass(frozen=True)
class _Leg:
    """From the counter to a place so far east of it, back after a while, and a visit; without fixes in the tunnel."""

    began_s: float
    far_m: float
    away_s: float
    stay_s: float
    tunnel: tuple[float, float]

    @property
    def way_s(self) -> float:
        return self.far_m / WALK_M_S

    @property
    def visit(self) -> tuple[float, float]:
        arrived_s = self.began_s + 2 * self.way_s + self.away_s
        return arrived_s, arrived_s + self.stay_s

    def east_m(self, leg_s: float) -> float:
        if leg_s < self.way_s + self.away_s:
            return COUNTER_M + min(self.far_m, leg_s * WALK_M_S)
        return max(COUNTER_M, COUNTER_M + self.far_m - (leg_s - self.way_s - self.away_s) * WALK_M_S)


def take_walk(seed: int, every_s: float, errors: Errors, visits: int = 30) -> Walk:
    chance = Random(seed)
    legs: list[_Leg] = []
    steps: list[Step] = []
    error, keep = (0.0, 0.0), exp(-every_s / errors.lasting_s)
    for _ in range(visits):
        leg = _plan_leg(chance, legs[-1].visit[1] if legs else 0.0, errors)
        legs.append(leg)
        for tick in range(int((leg.visit[1] - leg.began_s) / every_s)):
            leg_s = tick * every_s
            east_m = leg.east_m(leg_s)
            sigma_m = errors.inside_m if east_m == COUNTER_M else errors.distance_to_fence_m
            fresh_m = sigma_m * (1 - keep * keep) ** 0.5
            error = keep * error[0] + chance.gauss(0, fresh_m), keep * error[1] + chance.gauss(0, fresh_m)
            is_wild, turn = chance.random() < errors.wild, chance.uniform(0, 2 * pi)
            seen = (east_m + error[0] + is_wild * WILD_M * cos(turn), error[1] + is_wild * WILD_M * sin(turn))
            if not leg.tunnel[0] < leg_s < leg.tunnel[1]:
                steps.append(Step(_fix(leg.began_s + leg_s, *seen), leg.began_s + leg_s, is_wild))
    return Walk(steps, [leg.visit for leg in legs])


def _plan_leg(chance: Random, began_s: float, errors: Errors) -> _Leg:
    far_m, away_s, stay_s = chance.uniform(500, 1500), chance.uniform(300, 1500), chance.uniform(*errors.stay_s)
    out_s, back_s = far_m / WALK_M_S + away_s, 2 * far_m / WALK_M_S + away_s
    entered_s = chance.uniform(0, out_s)
    tunnel = (entered_s, chance.uniform(entered_s, back_s)) if chance.random() < errors.tunnel else (0.0, 0.0)
    return _Leg(began_s, far_m, away_s, stay_s, tunnel)


def _fix(at_s: float, east_m: float, north_m: float) -> Fix:
    place = SHOP.lat + north_m / _LAT_M, SHOP.lon + east_m / _LON_M
    return Fix(*place, CLAIMED_M, NOON + timedelta(seconds=at_s))
