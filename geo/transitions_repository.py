"""Transitions: what happened at the fences, kept in weekly partitions that are dropped whole."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec

from geo.partitions import bounds, outdated_names, partition_name, wanted_mondays
from geo.transitions import Cause, Kind
from ids import CampaignId, DeviceId, GeofenceId, MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "transitions.sql")


class TransitionRow(msgspec.Struct, frozen=True):
    """A transition as it is kept. `decisions` tells for each campaign that listened what came of it."""

    id: UUID
    member_id: MemberId
    program_id: ProgramId
    device_id: DeviceId
    store_id: StoreId
    geofence_id: GeofenceId
    kind: Kind
    cause: Cause
    event_at: datetime
    received_at: datetime
    decisions: Mapping[str, str]


class TransitionView(msgspec.Struct, frozen=True):
    """`decisions`: campaign id -> `issued`, or the reason why not."""

    id: UUID
    member_id: MemberId
    store_id: StoreId
    geofence_id: GeofenceId
    kind: Kind
    cause: Cause
    event_at: datetime
    received_at: datetime
    decisions: dict[CampaignId, str]


async def insert_transitions(conn: Connection, rows: Sequence[TransitionRow]) -> None:
    await conn.execute(
        *QUERIES.insert_transitions(
            member_id=[row.member_id for row in rows],
            received_at=[row.received_at for row in rows],
            id=[row.id for row in rows],
            program_id=[row.program_id for row in rows],
            device_id=[row.device_id for row in rows],
            store_id=[row.store_id for row in rows],
            geofence_id=[row.geofence_id for row in rows],
            kind=[row.kind for row in rows],
            cause=[row.cause for row in rows],
            event_at=[row.event_at for row in rows],
            decisions=[msgspec.json.encode(row.decisions).decode() for row in rows],
        )
    )


async def list_transitions(
    conn: Connection, program_id: ProgramId, store_id: StoreId, page: PageRequest
) -> list[TransitionView]:
    rows = await conn.fetch(QUERIES.list_transitions, program_id, store_id, page.before, page.fetch_count)
    return [
        TransitionView(**{**row, "decisions": msgspec.json.decode(row["decisions"], type=dict[CampaignId, str])})
        for row in rows
    ]


async def maintain_partitions(conn: Connection, now: datetime, keep_days: int) -> None:
    """Make the partitions of the coming weeks and drop those whose every row is older than `keep_days`.

    Where nobody kept house for weeks, the default partition has caught rows; their week then gets no partition of its
    own, and they are deleted row by row.
    """
    present = {row["name"] for row in await conn.fetch(QUERIES.list_partitions)}
    for monday in wanted_mondays(now.date()):
        if partition_name(monday) not in present:
            ddl = await conn.fetchval(QUERIES.create_partition, partition_name(monday), *bounds(monday))
            with contextlib.suppress(asyncpg.CheckViolationError):
                async with conn.transaction():
                    await conn.execute(ddl)
    for name in outdated_names(present, now.date(), keep_days):
        await conn.execute(await conn.fetchval(QUERIES.drop_partition, name))
    await conn.execute(QUERIES.empty_default_partition, now - timedelta(days=keep_days))
