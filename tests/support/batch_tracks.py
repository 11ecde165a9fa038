"""Uploads of several phones around a few fences, and whether two updates are the same: for `geo.uploads`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from geo.crossings import CrossableFences
from geo.fix import Fix, RegionEvent, RegionEventFix
from geo.geodesy import WGS84
from geo.geofence import Area, Circle, Fence
from geo.index import FenceSet
from geo.long_stays import MinutesOf
from geo.presence import Presence
from geo.shapes import parse_area
from geo.transitions import PresenceUpdate
from geo.upload import Upload
from geo.uploads import apply_uploads
from ids import GeofenceId, StoreId
from tests.support.reference_machine import apply_alone
from tests.support.tracks import BRAND, NOON

# Somewhere, on the antimeridian, as near to a pole as it goes, and on the equator.
PLACES = ((35.68, 139.76), (-17.0, 179.9995), (89.9, 10.0), (0.0, -0.0003))
DEVICES = 3
FLAWS = ("one instant", "jump", "rough", "mocked", "event", "disorder")
FINE_M, ROUGH_M = (None, 5.0, 10.0, 24.0, 26.0, 60.0), (10.0, 60.0, 120.0, 400.0)
AWAY_M = (0.0, 20.0, 60.0, 90.0, 130.0, 200.0, 320.0)
FLOAT_TOLERANCE = 1e-9


def draw_fences(chance: Random, lat: float, lon: float) -> list[Fence]:
    """Circles and areas that overlap, some with a hole or of two parts."""
    fences = []
    for number in range(chance.randint(1, 6)):
        radius_m = chance.choice([20.0, 50.0, 150.0])
        centre_lat, centre_lon = move(lat, lon, chance.uniform(-120, 120), chance.uniform(-120, 120))
        is_round = chance.random() < 0.5
        shape = (
            Circle(centre_lat, centre_lon, radius_m)
            if is_round
            else _draw_area(chance, centre_lat, centre_lon, radius_m)
        )
        fences.append(
            Fence(
                *(GeofenceId(UUID(int=1 + number)), BRAND, StoreId(UUID(int=100 + number)), f"fence {number}", shape),
                radius_m,
                exit_margin_m=chance.choice([0.0, 10.0, 25.0, 25.0, 150.0]),
                exit_confirm_s=chance.choice([0.0, 60.0, 120.0, 120.0]),
                exit_confirm_fixes=chance.choice([1, 2, 2, 3]),
                dwell_s=chance.choice([1.0, 60.0, 300.0]),
                report_crossings=chance.random() < 0.3,
            )
        )
    return fences


def draw_fixes(chance: Random, lat: float, lon: float, began_s: float, fences: Sequence[Fence]) -> list[Fix]:
    """Legs of some fixes at a place each. Most uploads have a flaw: fixes of one instant, jumps, events and so on."""
    flaws = {flaw for flaw in FLAWS if chance.random() < 0.15}
    fixes: list[Fix] = []
    at_s = began_s
    for _ in range(chance.choice([1, 2, 3, 5])):
        east_m, north_m = (chance.choice(AWAY_M) * chance.choice([-1, 1]) for _ in "xy")
        accuracy_m = chance.choice(ROUGH_M if "rough" in flaws else FINE_M)
        pause_s = chance.choice([0, 20] if "one instant" in flaws else [1, 5, 20, 20, 60, 300])
        noise_m = chance.choice([0.0, 5.0, 40.0])
        at_s += 60
        for _ in range(chance.choice([1, 1, 2, 5, 35])):
            at_s += pause_s
            wild_m = 20_000.0 if "jump" in flaws and chance.random() < 0.2 else 0.0
            place = move(lat, lon, east_m + wild_m + chance.gauss(0, noise_m), north_m + chance.gauss(0, noise_m))
            mocked = "mocked" in flaws and chance.random() < 0.2
            fix = Fix(*place, accuracy_m, NOON + timedelta(seconds=at_s), mocked)
            fixes.append(_with_event(chance, fix, fences) if "event" in flaws and chance.random() < 0.3 else fix)
    if "disorder" in flaws:
        chance.shuffle(fixes)
    return fixes


def _with_event(chance: Random, fix: Fix, fences: Sequence[Fence]) -> Fix:
    event = RegionEvent(chance.choice(["enter", "dwell", "exit"]), chance.choice(fences).geofence_id)
    return RegionEventFix(fix.lat, fix.lon, fix.accuracy_m, fix.recorded_at, fix.mocked, event)


def _draw_area(chance: Random, lat: float, lon: float, radius_m: float) -> Area:
    ring = [move(lat, lon, *_at_corner(chance, corner, radius_m)) for corner in range(8)]
    rings = [[(lon, lat) for lat, lon in [*ring, ring[0]]]]
    if chance.random() < 0.3:
        hole = [move(lat, lon, *_at_corner(chance, corner, radius_m / 3)) for corner in range(8)]
        rings.append([(lon, lat) for lat, lon in [*hole, hole[0]]])
    polygons = [rings]
    if chance.random() < 0.3:
        far = [move(lat, lon, 500 + 20 * east, 20 * north) for east, north in [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]]
        polygons.append([[(lon, lat) for lat, lon in far]])
    return Area(parse_area({"type": "MultiPolygon", "coordinates": polygons}))


def _at_corner(chance: Random, corner: int, radius_m: float) -> tuple[float, float]:
    turn, far_m = corner * np.pi / 4, radius_m * chance.uniform(0.7, 1.0)
    return float(np.cos(turn) * far_m), float(np.sin(turn) * far_m)


def move(lat: float, lon: float, east_m: float, north_m: float) -> tuple[float, float]:
    lon, lat, _ = WGS84.fwd(lon, lat, np.degrees(np.arctan2(east_m, north_m)), float(np.hypot(east_m, north_m)))
    return lat, lon


@dataclass
class Phones:
    """Several phones, each with what a server holds of it; every batch is applied both ways and compared."""

    fences: FenceSet
    presences: list[Presence]
    crossable: CrossableFences | None = None
    minutes_of: MinutesOf | None = None
    transitions: int = 0

    def send(self, batch: Sequence[tuple[int, Sequence[Fix]]], received_at: datetime) -> None:
        uploads = [
            Upload(
                program_id=BRAND,
                presence=self.presences[phone],
                fixes=fixes,
                received_at=received_at,
                crossable=self.crossable,
                minutes_of=self.minutes_of,
            )
            for phone, fixes in batch
        ]
        for (phone, _), upload, mine in zip(batch, uploads, apply_uploads(self.fences, uploads), strict=True):
            plain = apply_alone(self.fences, upload)
            assert_same(mine, plain)
            if mine.policies is not None:
                ids = [stay.geofence_id for stay in mine.presence.stays]
                assert mine.policies == {each: self.fences.find_policy(each) for each in ids}
            self.transitions += len(mine.transitions)
            self.presences[phone] = msgspec.json.decode(msgspec.json.encode(plain.presence), type=Presence)


def assert_same(mine: PresenceUpdate, plain: PresenceUpdate) -> None:
    """All the same, but for the last digits of a float; what an instant cancelled is in no order."""
    assert mine.transitions == plain.transitions
    assert mine.counts == plain.counts
    difference = _find_difference(_in_one_order(mine.presence), _in_one_order(plain.presence))
    assert difference is None, difference


def _in_one_order(presence: Presence) -> Any:
    plain = _take_apart(presence)
    plain["instant"]["cancelled"].sort(key=lambda stay: str(stay["geofence_id"]))
    return plain


def _take_apart(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {name: _take_apart(each) for name, each in msgspec.structs.asdict(value).items()}
    return [_take_apart(each) for each in value] if isinstance(value, list | tuple) else value


def _find_difference(mine: Any, plain: Any, where: str = "") -> str | None:
    if isinstance(mine, float) and isinstance(plain, float):
        return None if abs(mine - plain) <= FLOAT_TOLERANCE * max(1.0, abs(plain)) else f"{where}: {mine} {plain}"
    if isinstance(mine, dict) and isinstance(plain, dict) and list(mine) == list(plain):
        pairs = [(key, mine[key], plain[key]) for key in mine]
    elif isinstance(mine, list | tuple) and isinstance(plain, list | tuple) and len(mine) == len(plain):
        pairs = [(str(n), one, other) for n, (one, other) in enumerate(zip(mine, plain, strict=True))]
    else:
        return None if mine == plain else f"{where}: {mine} {plain}"
    found = (_find_difference(one, other, f"{where}/{name}") for name, one, other in pairs)
    return next((each for each in found if each is not None), None)
