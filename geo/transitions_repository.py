"""Transitions: what happened at the fences, kept in weekly partitions that are dropped whole."""

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from geo.partitions import bounds, outdated_names, partition_name, wanted_mondays
from geo.transition import NewTransitionRecord, TransitionRecord
from ids import CampaignId, MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "transitions.sql")


async def insert_transitions(conn: Connection, rows: Sequence[NewTransitionRecord]) -> None:
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


async def list_transitions_of_store(
    conn: Connection,
    program_id: ProgramId,
    store_id: StoreId,
    page: PageRequest,
    member_ids: Sequence[MemberId] | None = None,
) -> list[TransitionRecord]:
    """Newest first; `member_ids` narrows them to those of a member and all who became them."""
    rows = await conn.fetch(
        *QUERIES.list_transitions_of_store(
            program_id=program_id,
            store_id=store_id,
            before=page.before,
            fetch_count=page.fetch_count,
            member_ids=member_ids,
        )
    )
    return [_record(row) for row in rows]


async def list_transitions_of_member(
    conn: Connection, member_ids: Sequence[MemberId], page: PageRequest
) -> list[TransitionRecord]:
    """Newest first, of a member and all who became them, at every store."""
    rows = await conn.fetch(QUERIES.list_transitions_of_member, member_ids, page.before, page.fetch_count)
    return [_record(row) for row in rows]


def _record(row: Any) -> TransitionRecord:
    return TransitionRecord(**{**row, "decisions": msgspec.json.decode(row["decisions"], type=dict[CampaignId, str])})


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
