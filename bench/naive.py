"""`python -m bench.naive PORT`: the route as one would write it first, one PostGIS query and one transaction a fix.

It checks the device's token, finds the fences with the help of GiST indexes and writes the presence: no transitions, no
coupons, no order of fixes. DATABASE_URL names the database, which `prepare` has made ready.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvloop
from litestar import Litestar, Request, post
from litestar.datastructures import State
from litestar.params import JSONBody

from bench.city import WIDEST_M
from bench.decode_only import Count, Reading, Upload, serve
from ids import DeviceId, MemberId
from kit.database import Pool
from server.web.auth import read_locating_token
from server.web.tokens import DeviceToken, LocateToken

# Commits wait for the disk: enough connections that they can wait together.
CONNECTIONS = 16

PREPARE = """
CREATE INDEX naive_centre_idx ON geofences USING gist (centre) WHERE deleted_at IS NULL;
CREATE INDEX naive_area_idx ON geofences USING gist (area) WHERE deleted_at IS NULL;
CREATE TABLE naive_presences (
    device_id uuid PRIMARY KEY, fence_ids uuid[] NOT NULL, seen_at timestamptz NOT NULL
) WITH (fillfactor = 60);
INSERT INTO naive_presences SELECT id, '{}', created_at FROM devices;
"""

# The radius is a column, which no index can widen a box by: the widest one narrows it down, the fence's own decides.
FIND_FENCES = """
WITH here AS (SELECT ST_SetSRID(ST_MakePoint($1, $2), 4326) AS point),
     caller AS (
         SELECT d.program_id
         FROM devices d JOIN members m USING (member_id)
         WHERE (d.member_id, d.id) = ($3, $4) AND d.token_hash = $5 AND d.revoked_at IS NULL AND m.location_consent
     )
SELECT caller.program_id, (
    SELECT array_agg(id) FROM (
        SELECT g.id FROM geofences g, here
        WHERE g.deleted_at IS NULL AND g.program_id = caller.program_id
          AND ST_DWithin(g.centre, here.point::geography, $6)
          AND ST_DWithin(g.centre, here.point::geography, g.radius_m)
        UNION ALL
        SELECT g.id FROM geofences g, here
        WHERE g.deleted_at IS NULL AND g.program_id = caller.program_id AND ST_Covers(g.area, here.point)
    ) AS holding
) AS fence_ids
FROM caller
"""

WRITE_PRESENCE = """
INSERT INTO naive_presences AS held (device_id, fence_ids, seen_at) VALUES ($1, $2, $3)
ON CONFLICT (device_id) DO UPDATE SET fence_ids = excluded.fence_ids, seen_at = excluded.seen_at
"""


async def prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Make the indexes that the queries want, and a row a device as the real presences have."""
    await connection.execute(PREPARE)


@post("/v1/locations", status_code=200)
async def upload(request: Request[Any, Any, State], data: JSONBody[Upload]) -> Count:
    token = read_locating_token(request.headers.get("authorization"))
    pool: Pool = request.app.state.pool
    for fix in data.fixes:
        await _write_fix(pool, token, fix)
    return Count(len(data.fixes))


async def _write_fix(pool: Pool, token: DeviceToken | LocateToken, fix: Reading) -> None:
    async with pool.acquire() as conn, conn.transaction():
        credential: tuple[MemberId, DeviceId, bytes] = (token.member_id, token.device_id, token.secret_hash)
        found = await conn.fetchrow(FIND_FENCES, fix.lon, fix.lat, *credential, WIDEST_M)
        if found is None:
            raise PermissionError("an unknown device")
        await conn.execute(WRITE_PRESENCE, token.device_id, found["fence_ids"] or [], fix.recorded_at)


@asynccontextmanager
async def _pooled(app: Litestar) -> AsyncIterator[None]:
    # Planning anew costs it more than it gains: 300 us against 110 us for the whole query.
    settings = {"timezone": "UTC", "jit": "off", "plan_cache_mode": "force_generic_plan"}
    app.state.pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=CONNECTIONS, max_size=CONNECTIONS, server_settings=settings
    )
    try:
        yield
    finally:
        await app.state.pool.close()


if __name__ == "__main__":
    uvloop.run(serve(Litestar([upload], lifespan=[_pooled], openapi_config=None), int(sys.argv[1])))
