"""`./run bench oracle`: does the index in memory find the same points in the same fences as PostGIS?

PostGIS is asked about every point and the fence near whose edge it was put, and about every other pair that the index
found: circles by geodesic distance (ST_Distance and ST_DWithin on geography), polygons by ST_Covers on their planar
edges in longitude and latitude, in one piece, with the point moved by 360 degrees where that brings it near. On an edge
itself both are at the mercy of the last bit of a float, so a disagreement counts from 0.1 m off the edge.
"""

import argparse
import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from random import Random
from uuid import UUID

import asyncpg
import numpy as np
import shapely
import uvloop
from numpy.typing import NDArray

from bench.random_fences import Drawn, Floats, draw_fences, scatter
from devtools.apt import say
from devtools.private_database import private_database
from devtools.template_database import own_database
from geo.geodesy import metres_per_degree
from geo.geofence import Circle, Fence
from geo.index import FenceIndex
from ids import GeofenceId, ProgramId, StoreId

AGREEMENT_M = 0.1
POINTS_A_FENCE = 50
_STEP = 100_000
_PROGRAM, _STORE = ProgramId(UUID(int=1)), StoreId(UUID(int=1))

_MAKE_TABLE = "CREATE TEMPORARY TABLE drawn (n bigint PRIMARY KEY, centre geography, radius_m float8, area geometry)"
_FILL_TABLE = """
INSERT INTO drawn
SELECT n, CASE WHEN wkb IS NULL THEN ST_MakePoint(lon, lat)::geography END, radius_m, ST_GeomFromWKB(wkb, 4326)
FROM unnest($1::bigint[], $2::float8[], $3::float8[], $4::float8[], $5::bytea[]) AS f (n, lat, lon, radius_m, wkb)
"""
_ASK = """
SELECT coalesce(
           ST_DWithin(d.centre, here.place, d.radius_m, true),
           ST_Covers(d.area, ST_SetSRID(ST_MakePoint(p.lon + here.turn, p.lat), 4326))
       ) AS held,
       abs(ST_Distance(d.centre, here.place, true) - d.radius_m) AS edge_m
FROM unnest($1::bigint[], $2::float8[], $3::float8[]) WITH ORDINALITY AS p (n, lat, lon, position)
JOIN drawn d USING (n)
CROSS JOIN LATERAL (
    SELECT ST_MakePoint(p.lon, p.lat)::geography AS place,
           360 * round((ST_X(ST_Centroid(d.area)) - p.lon) / 360) AS turn
) AS here
ORDER BY p.position
"""


@dataclass(frozen=True)
class Verdict:
    """`worst_m` is how far from the edge the farthest disagreement lay; `disagreements` are those beyond 0.1 m."""

    points: int
    fences: int
    pairs: int
    held: int
    disagreements: int
    on_the_edge: int
    worst_m: float


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    seed = secrets.randbits(32) if asked.seed is None else asked.seed
    say(f"{asked.points} points near edges, seed {seed}")
    verdict = uvloop.run(_run(seed, asked.points))
    print(
        f"{verdict.points:,} points at {verdict.fences:,} fences; {verdict.pairs:,} pairs asked, PostGIS holds "
        f"{verdict.held:,}\n{verdict.disagreements} disagreements farther than {AGREEMENT_M} m from an edge, "
        f"{verdict.on_the_edge} nearer; the farthest {verdict.worst_m:.2g} m from it. Seed {seed}."
    )
    if asked.json:
        print(json.dumps(asdict(verdict) | {"seed": seed}))
    return int(verdict.disagreements > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench oracle", description="The index against PostGIS, near edges.")
    parser.add_argument("--points", type=int, default=1_000_000, help="how many (1,000,000)")
    parser.add_argument("--seed", type=int, help="of an earlier run, to repeat it; else a new one")
    parser.add_argument("--json", action="store_true", help="end with one object that holds all figures")
    return parser


async def _run(seed: int, points: int) -> Verdict:
    with private_database("bench") as server:
        async with own_database(server) as dsn:
            return await compare(dsn, seed, points)


async def compare(dsn: str, seed: int, points: int) -> Verdict:
    """Ask both about so many points; the database needs PostGIS and nothing else."""
    chance = Random(seed)
    fences = draw_fences(chance, max(2, points // POINTS_A_FENCE))
    owner, lats, lons = scatter(chance, fences, POINTS_A_FENCE)
    found = await asyncio.to_thread(_find, fences, lats, lons)
    pairs = np.union1d(np.arange(len(owner)) * len(fences) + owner, found)
    point_of, fence_of = pairs // len(fences), pairs % len(fences)
    connection = await asyncpg.connect(dsn)
    try:
        await _fill(connection, fences)
        held, edge_m = await _ask(connection, fence_of, lats[point_of], lons[point_of])
    finally:
        await connection.close()
    differing = np.flatnonzero(held != np.isin(pairs, found))
    off_m = [
        float(edge_m[n])
        if fences[fence_of[n]].whole is None
        else _edge_m(fences[fence_of[n]], lats[point_of[n]], lons[point_of[n]])
        for n in differing.tolist()
    ]
    far = sum(metres > AGREEMENT_M for metres in off_m)
    return Verdict(
        len(owner), len(fences), len(pairs), int(held.sum()), far, len(off_m) - far, float(max(off_m, default=0.0))
    )


def _find(fences: Sequence[Drawn], lats: Floats, lons: Floats) -> NDArray[np.int64]:
    """Point and fence of every pair that the index finds, as one number."""
    ids = [GeofenceId(UUID(int=1000 + number)) for number in range(len(fences))]
    index = FenceIndex.build(
        Fence(geofence_id, _PROGRAM, _STORE, "", drawn.shape, 10.0)
        for geofence_id, drawn in zip(ids, fences, strict=True)
    )
    found = []
    for start in range(0, len(lats), _STEP):
        window = slice(start, start + _STEP)
        points, positions = index.find_containing([_PROGRAM], [len(lats[window])], lats[window], lons[window])
        found.append((points + start) * len(fences) + positions)
    return np.concatenate(found)


async def _fill(connection: "asyncpg.Connection[asyncpg.Record]", fences: Sequence[Drawn]) -> None:
    await connection.execute(_MAKE_TABLE)
    circles = [fence.shape if isinstance(fence.shape, Circle) else None for fence in fences]
    areas = [None if fence.whole is None else shapely.to_wkb(fence.whole) for fence in fences]
    columns = [[circle and getattr(circle, name) for circle in circles] for name in ("lat", "lon", "radius_m")]
    await connection.execute(_FILL_TABLE, range(len(fences)), *columns, areas)


async def _ask(
    connection: "asyncpg.Connection[asyncpg.Record]", fence_of: NDArray[np.int64], lats: Floats, lons: Floats
) -> tuple[NDArray[np.bool_], Floats]:
    held, edge_m = np.empty(len(lats), np.bool_), np.empty(len(lats))
    for start in range(0, len(lats), _STEP):
        window = slice(start, start + _STEP)
        rows = await connection.fetch(_ASK, fence_of[window].tolist(), lats[window].tolist(), lons[window].tolist())
        held[window] = [row["held"] for row in rows]
        edge_m[window] = [row["edge_m"] or 0.0 for row in rows]
    return held, edge_m


def _edge_m(fence: Drawn, lat: float, lon: float) -> float:
    """Metres from a point to a polygon's edge, in a plane that is scaled at the point."""
    assert fence.whole is not None
    lat_m, lon_m = metres_per_degree(lat)

    def flatten(coordinates: Floats) -> Floats:
        east = (coordinates[:, 0] - lon + 180) % 360 - 180
        return np.stack([east * lon_m, (coordinates[:, 1] - lat) * lat_m], axis=1)

    return float(shapely.distance(shapely.transform(fence.whole.boundary, flatten), shapely.Point(0, 0)))
