"""Ways that lead through a fence between two fixes: what is told of them, and PostGIS as the oracle of the geometry."""

import math
import random
from typing import Any

import asyncpg
import msgspec
import pytest
import shapely

from geo.crossings import CrossableFences
from geo.edges import distance_to_fence_m
from geo.fix import Fix, RegionEvent, RegionEventFix
from geo.fix_by_fix import apply_fixes
from geo.geodesy import WGS84, metres_per_degree
from geo.geofence import Area, Circle, Fence
from geo.index import FenceIndex
from geo.matching import match_fences
from geo.presence import Presence
from geo.region_events import apply_region_events
from geo.sweeping import sweep
from geo.transition import Transition
from geo.transitions import PresenceUpdate
from tests.geo.test_index import area, fence
from tests.support.tracks import BRAND, NOON, SHOP, at, crossable, fix, upload

DOOR = msgspec.structs.replace(SHOP, report_crossings=True)
WEST, EAST = -200.0, 200.0
PLACES = [(35.68, 139.76), (65.0, 25.4), (-65.0, -64.0), (0.0, 0.0), (16.5, 180.0), (-16.8, -179.9999), (88.0, 30.0)]


def blob(chance: random.Random, lat: float, lon: float, size_m: float) -> Area:
    """A random star-shaped polygon with straight edges, across the antimeridian where it must be."""
    lat_m, lon_m = metres_per_degree(lat)
    corners = []
    count = chance.randint(3, 12)
    for step in range(count):
        turn, reach_m = step * 2 * math.pi / count, size_m * chance.uniform(0.4, 1)
        x = lon + reach_m * math.cos(turn) / lon_m
        corners.append(((x + 180) % 360 - 180, lat + reach_m * math.sin(turn) / lat_m))
    return area(*corners)


def told(moved: PresenceUpdate) -> list[tuple[str, float, str]]:
    return [(t.kind, (t.event_at - NOON).total_seconds(), t.cause) for t in moved.transitions]


def walk(*fixes: Fix, fences: tuple[Fence, ...] = (DOOR,)) -> PresenceUpdate:
    return upload(Presence.nowhere(), *fixes, fences=fences)


def test_a_way_through_is_told_at_the_middle_of_it_and_leaves_no_stay() -> None:
    moved = walk(fix(0, WEST), fix(80, EAST))
    assert moved.presence.stays == ()
    (cross,) = moved.transitions
    assert abs((cross.event_at - at(40)).total_seconds()) < 0.01
    assert cross == Transition(
        kind="cross", geofence_id=DOOR.geofence_id, store_id=DOOR.store_id, event_at=cross.event_at, cause="path"
    )


def test_a_fence_that_does_not_ask_is_told_of_nothing() -> None:
    assert told(walk(fix(0, WEST), fix(80, EAST), fences=(SHOP,))) == []


def test_over_two_uploads_it_is_the_same_and_a_repeat_tells_nothing() -> None:
    first = walk(fix(0, WEST))
    second = upload(first.presence, fix(80, EAST), fences=(DOOR,))
    assert second.transitions == walk(fix(0, WEST), fix(80, EAST)).transitions
    again = upload(second.presence, fix(0, WEST), fix(80, EAST), fix(40, WEST), fences=(DOOR,))
    assert (again.transitions, again.presence) == ((), second.presence)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (fix(0, WEST), fix(301, EAST)),  # who knows what they did in more than five minutes
        (fix(0, -501), fix(250, 501)),  # more than a kilometre
        (fix(0, WEST), fix(9.9, EAST)),  # faster than any road
        (fix(0, WEST), fix(0, EAST)),
        (fix(0, WEST, accuracy_m=50.0), fix(80, EAST)),  # noise as wide as the fence
        (fix(0, WEST), fix(80, EAST, accuracy_m=50.0)),
        (fix(0, WEST), fix(80, EAST, mocked=True)),
        (fix(0, WEST, mocked=True), fix(80, EAST)),
        (fix(0, 60), fix(80, EAST)),  # past it
        (fix(0, EAST), fix(80, 600)),
    ],
)
def test_what_makes_no_way_tells_nothing(start: Fix, end: Fix) -> None:
    assert told(walk(start, end)) == []


def test_the_bounds_of_a_way_belong_to_it() -> None:
    assert len(told(walk(fix(0, WEST), fix(300, EAST)))) == 1
    assert len(told(walk(fix(0, WEST), fix(10.1, EAST)))) == 1
    assert len(told(walk(fix(0, -499), fix(250, 499)))) == 1
    assert len(told(walk(fix(0, WEST, accuracy_m=49.0), fix(80, EAST, accuracy_m=None)))) == 1


def test_what_noise_explains_is_no_way() -> None:
    small = msgspec.structs.replace(DOOR, shape=Circle(35.68, 139.76, 20.0), radius_m=20.0)
    assert told(walk(fix(0, -49), fix(60, 49), fences=(small,))) == []
    assert len(told(walk(fix(0, -51), fix(60, 51), fences=(small,)))) == 1


def test_who_was_in_the_fence_at_either_end_went_through_its_door() -> None:
    assert [kind for kind, _, _ in told(walk(fix(0, WEST), fix(80), fix(160, EAST), fix(400, EAST)))] == [
        "enter",
        "exit",
    ]
    # In the fence, but too wide to say so: no enter, and no way either.
    assert told(walk(fix(0, WEST), fix(80, 40, accuracy_m=120.0), fix(160, EAST))) == []


def test_who_has_not_yet_left_crosses_nothing() -> None:
    assert [kind for kind, _, _ in told(walk(fix(0), fix(60, WEST), fix(120, EAST), fix(130, EAST)))] == ["enter"]


def test_a_wild_fix_makes_no_way_there_or_back() -> None:
    assert told(walk(fix(0, WEST), fix(2, 900), fix(4, WEST))) == []
    # A suspect that is believed was not travelled to; what follows is a way again, at its own time.
    there = walk(fix(0, 5000), fix(2, WEST), fix(82, EAST))
    assert [(kind, round(at_s)) for kind, at_s, _ in told(there)] == [("cross", 42)]


def test_crossings_stand_before_what_the_fix_at_the_end_shows_in_the_order_of_the_way() -> None:
    lon, lat, _ = WGS84.fwd(139.76, 35.68, 90, 150)
    second = msgspec.structs.replace(fence(2, Circle(lat, lon, 40.0)), report_crossings=True)
    end = fence(3, Circle(fix(0, 300).lat, fix(0, 300).lon, 50.0))
    moved = walk(fix(0, WEST), fix(100, 300), fences=(end, second, DOOR))
    assert [t.kind for t in moved.transitions] == ["cross", "cross", "enter"]
    assert [t.geofence_id for t in moved.transitions] == [DOOR.geofence_id, second.geofence_id, end.geofence_id]


def redrawn_while_inside() -> tuple[Presence, Fence]:
    """A device whose fence was moved so that the way of its next fix leads through it."""
    inside = upload(Presence.nowhere(), fix(0, WEST), fix(150, WEST), fences=(moved_to(WEST),)).presence
    return inside, moved_to(0)


def moved_to(east_m: float) -> Fence:
    return msgspec.structs.replace(DOOR, shape=Circle(35.68, fix(0, east_m).lon, 50.0))


def test_a_fence_redrawn_under_a_device_is_left_and_not_crossed() -> None:
    inside, redrawn = redrawn_while_inside()
    moved = upload(inside, fix(200, EAST), fix(300, WEST), fences=(redrawn,))
    assert [(t.kind, t.cause) for t in moved.transitions] == [("exit", "fence_changed"), ("cross", "path")]
    assert moved.transitions[1].event_at > at(200)


def test_a_crossing_before_what_was_decided_is_late() -> None:
    inside, redrawn = redrawn_while_inside()
    index = FenceIndex.build([moved_to(WEST)])
    dwelled = sweep(inside, index.get, at(90_000)).presence
    assert dwelled.watermark == at(300)
    assert [kind for kind, _, _ in told(upload(dwelled, fix(390, EAST), fences=(redrawn,)))] == ["exit"]
    # The exit of the redrawn fence is swept at the watermark; no cross of that fence may come before it.
    left = sweep(dwelled, FenceIndex.build([redrawn]).get, at(90_001))
    assert [(t.kind, t.event_at) for t in left.transitions] == [("exit", at(300))]
    assert told(upload(left.presence, fix(390, EAST), fences=(redrawn,))) == []


def test_a_phone_that_says_it_entered_has_not_crossed() -> None:
    index, wide = FenceIndex.build([DOOR]), 30.0
    event = RegionEvent("enter", DOOR.geofence_id)
    end = RegionEventFix(**msgspec.structs.asdict(fix(80, 75, accuracy_m=wide)), region_event=event)
    (seen,) = match_fences(index, [(BRAND, [fix(0, WEST), end])])
    weighed = apply_region_events(BRAND, seen, index)
    assert [
        kind for kind, _, _ in told(apply_fixes(Presence.nowhere(), weighed, index.get, at(90), crossable([DOOR])))
    ] == ["enter"]


def test_a_part_that_was_cut_at_the_antimeridian_has_no_seam() -> None:
    shape = area((179.9995, -0.0005), (-179.9995, -0.0005), (-179.9995, 0.0005), (179.9995, 0.0005))
    across = msgspec.structs.replace(fence(1, shape), report_crossings=True)
    fences = CrossableFences(FenceIndex.build([across]), BRAND)
    # Along the seam itself: 55 m from either side.
    north, south = Fix(0.002, 180.0, 40.0, at(0)), Fix(-0.002, -180.0, 40.0, at(60))
    assert [round((c.crossed_at - NOON).total_seconds()) for c in fences.find(north, south, None)] == [30]


# Degrees of a stretch inside, and metres from a circle's edge, within which the two may disagree.
STRETCH_DEGREES, AGREEMENT_M = 1e-6, 0.1

ROUND_ORACLE = """
SELECT ST_Distance(ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography,
                   ST_SetSRID(ST_MakeLine(ST_MakePoint($3, $4), ST_MakePoint($5, $6)), 4326)::geography)
"""
# In longitudes from 0 to 360 where the antimeridian is near: PostGIS knows none in a geometry.
DRAWN_ORACLE = """
WITH shapes AS (SELECT ST_SetSRID(ST_MakeLine(ST_MakePoint($1, $2), ST_MakePoint($3, $4)), 4326) AS way,
                       ST_GeomFromWKB($5, 4326) AS area),
     shifted AS (SELECT CASE WHEN $6 THEN ST_ShiftLongitude(way) ELSE way END AS way,
                        CASE WHEN $6 THEN ST_ShiftLongitude(area) ELSE area END AS area
                 FROM shapes)
SELECT ST_Intersects(way, area) AS meets, ST_Length(ST_Intersection(way, ST_UnaryUnion(area))) AS stretch
FROM shifted
"""


async def ask(connection: asyncpg.Connection, shape: Circle | Area, start: Fix, end: Fix) -> bool | None:
    """Whether the way leads through the shape; None where it does so by too little to agree upon."""
    ends = start.lon, start.lat, end.lon, end.lat
    if isinstance(shape, Circle):
        inside_m = shape.radius_m - await connection.fetchval(ROUND_ORACLE, shape.lon, shape.lat, *ends)
        return None if abs(inside_m) < AGREEMENT_M else inside_m > 0
    row: Any = await connection.fetchrow(DRAWN_ORACLE, *ends, shapely.to_wkb(shape.polygons), abs(start.lon) > 90)
    return None if row["meets"] and row["stretch"] < STRETCH_DEGREES else row["meets"]


def way_near(chance: random.Random, lat: float, lon: float, reach_m: float) -> tuple[Fix, Fix]:
    """From somewhere around the edge of a shape so large to somewhere else within a kilometre."""
    middle_lon, middle_lat, _ = WGS84.fwd(lon, lat, chance.uniform(0, 360), reach_m * chance.uniform(0, 1.2))
    bearing, half_m = chance.uniform(0, 360), chance.uniform(51, 499)
    ends = [WGS84.fwd(middle_lon, middle_lat, bearing + turn, half_m) for turn in (180, 0)]
    start, end = (Fix(float(y), float(x), 0.0, at(200 * n)) for n, (x, y, _) in enumerate(ends))
    return start, end


async def test_postgis_finds_the_same_crossings(database: str) -> None:
    """Circles by the distance of the geodesic between the fixes, areas by the straight line in degrees."""
    seed = 20_261_122
    chance, connection = random.Random(seed), await asyncpg.connect(database)
    compared = crossed = 0
    for lat, lon in PLACES:
        shapes: list[Circle | Area] = [Circle(lat, lon, 60.0), Circle(lat, lon, 2000.0), blob(chance, lat, lon, 150.0)]
        for shape in shapes:
            drawn = msgspec.structs.replace(fence(1, shape), report_crossings=True)
            for _ in range(60):
                start, end = way_near(chance, lat, lon, shape.radius_m if isinstance(shape, Circle) else 150.0)
                found = crossable([drawn]).find(start, end, None)
                if any(distance_to_fence_m(drawn, each.lat, each.lon) == 0 for each in (start, end)):
                    assert not found, (seed, drawn, start, end)
                    continue
                truth = await ask(connection, shape, start, end)
                assert truth is None or bool(found) == truth, (seed, drawn, start, end)
                compared, crossed = compared + (truth is not None), crossed + bool(found)
    await connection.close()
    assert compared > 500
    assert 100 < crossed < compared - 100
