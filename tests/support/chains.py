"""A chain of any size in a database, without a request for each store."""

from collections.abc import Sequence

from ids import GeofenceId, ProgramId
from kit.clock import utc_now
from kit.database import Pool
from kit.ids import new_id
from programs import programs_repository

# Half circles, half squares, in a grid of a bit more than a kilometre around Tokyo.
_MANY = """
WITH made AS (
    INSERT INTO stores (id, program_id, code, name, time_zone, location, created_at)
    SELECT gen_random_uuid(), $1, 'store-' || n, 'Store ' || n, 'Asia/Tokyo',
           ST_SetSRID(ST_MakePoint(139 + (n % 100) * 0.015, 35 + (n / 100) * 0.012), 4326)::geography, now()
    FROM generate_series(0, $2 - 1) n
    RETURNING id, location, code
)
INSERT INTO geofences (id, program_id, store_id, name, centre, radius_m, area, version, created_at)
SELECT gen_random_uuid(), $1, id, 'Door', CASE WHEN is_circle THEN location END, 100,
       CASE WHEN NOT is_circle THEN ST_Multi(ST_Expand(location::geometry, 0.001)) END, 1, now()
FROM made, LATERAL (SELECT right(code, 1)::int % 2 = 0) AS kind (is_circle)
"""

_SOME = """
WITH made AS (
    INSERT INTO stores (id, program_id, code, name, time_zone, created_at)
    SELECT gen_random_uuid(), $1, 'store-' || n, 'Store ' || n, 'Asia/Tokyo', now()
    FROM generate_series(1, $2) n
    RETURNING id, split_part(code, '-', 2)::int AS n
)
INSERT INTO geofences (id, program_id, store_id, name, centre, radius_m, version, created_at)
SELECT place.id, $1, made.id, 'Door', ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography, radius_m, 1, now()
FROM unnest($3::uuid[], $4::float8[], $5::float8[], $6::float8[])
     WITH ORDINALITY AS place (id, lat, lon, radius_m, n)
JOIN made USING (n)
"""


async def add_many_fences(pool: Pool, number: int) -> ProgramId:
    """A program with so many stores, a geofence each."""
    program_id = await _add_program(pool)
    await pool.execute(_MANY, program_id, number)
    await pool.execute("ANALYZE stores, geofences")
    return program_id


async def add_fences(
    pool: Pool, circles: Sequence[tuple[float, float, float]]
) -> tuple[ProgramId, Sequence[GeofenceId]]:
    """Latitude, longitude and radius of each: a program with a store for every one."""
    program_id, ids = await _add_program(pool), [GeofenceId(new_id()) for _ in circles]
    lats, lons, radii = ([float(each[place]) for each in circles] for place in range(3))
    await pool.execute(_SOME, program_id, len(ids), ids, lats, lons, radii)
    return program_id, ids


async def _add_program(pool: Pool) -> ProgramId:
    async with pool.acquire() as conn:
        return (
            await programs_repository.create_program(conn, f"chain-{new_id().hex}"[:40], "Chain", "ja", utc_now())
        ).id
