"""A city in the database: one program, a store a fence, a member and a device a walker, with real tokens and hashes."""

import contextlib
from collections.abc import Sequence
from datetime import datetime

import asyncpg
import shapely

from audiences.facts_repository import open_facts
from bench.city import Fences
from coupons.issuing.decisions_repository import maintain_decisions
from geo.presences_repository import create_presences
from geo.transitions_repository import maintain_transitions
from ids import DeviceId, MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.ids import new_id, new_secret
from kit.sql import load_queries
from members.consent import Consent
from members.device import NewDevice
from members.devices_repository import create_devices
from members.member import NewMember
from members.members_repository import create_members
from programs.programs_repository import bump_fence_version, create_program
from server.web.tokens import DeviceToken

QUERIES = load_queries(__file__, "population.sql")
_CHUNK = 10_000


async def populate(
    conn: "asyncpg.Connection[asyncpg.Record]", fences: Fences, walkers: int, now: datetime
) -> list[DeviceToken]:
    """Return the walkers' tokens, in their order."""
    async with conn.transaction():
        program = await create_program(conn, "metropolis", "Metropolis", "ja", now)
        await maintain_transitions(conn, now, keep_days=90)
        await maintain_decisions(conn, now)
        await _insert_fences(conn, program.id, fences, now)
        await bump_fence_version(conn, program.id)
        tokens = [DeviceToken(MemberId(new_id()), DeviceId(new_id()), new_secret()) for _ in range(walkers)]
        for start in range(0, walkers, _CHUNK):
            await _enrol(conn, program.id, tokens[start : start + _CHUNK], now)
    await conn.execute("VACUUM ANALYZE")
    with contextlib.suppress(asyncpg.InsufficientPrivilegeError):
        # What was just written would else be brought to disk during the first measurements.
        await conn.execute("CHECKPOINT")
    return tokens


async def _insert_fences(conn: Connection, program_id: ProgramId, fences: Fences, now: datetime) -> None:
    areas: list[bytes | None] = [None] * fences.circle_count + shapely.to_wkb(fences.areas).tolist()
    for start in range(0, len(areas), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        store_ids = [StoreId(new_id()) for _ in areas[chunk]]
        await conn.execute(QUERIES.insert_stores, store_ids, program_id, now, start)
        await conn.execute(
            *QUERIES.insert_geofences(
                id=[new_id() for _ in store_ids],
                lat=fences.lats[chunk].tolist(),
                lon=fences.lons[chunk].tolist(),
                radius_m=fences.radii_m[chunk].tolist(),
                area=areas[chunk],
                program_id=program_id,
                now=now,
                store_id=store_ids,
            )
        )


async def _enrol(conn: Connection, program_id: ProgramId, tokens: Sequence[DeviceToken], now: datetime) -> None:
    consent = Consent(purpose="location", granted=True, text_version="1", source="app", at=now)
    await create_members(
        conn,
        [
            NewMember(member_id=t.member_id, program_id=program_id, locale="ja", consents=[consent], created_at=now)
            for t in tokens
        ],
    )
    await create_devices(
        conn,
        [
            NewDevice(
                member_id=t.member_id,
                id=t.device_id,
                program_id=program_id,
                platform="android",
                locale="ja",
                token_hash=t.secret_hash,
                created_at=now,
            )
            for t in tokens
        ],
    )
    await create_presences(conn, [(t.member_id, t.device_id, program_id) for t in tokens])
    await open_facts(conn, [t.member_id for t in tokens])  # as the enrolment of each does
