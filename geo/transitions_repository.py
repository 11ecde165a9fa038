"""Transitions: what happened at the fences, kept in weekly partitions that are dropped whole."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from geo.transition import NewTransitionRecord, TransitionRecord
from ids import MemberId, ProgramId, StoreId
from kit.database import Connection
from kit.pages import PageRequest
from kit.partition_upkeep import maintain_partitions
from kit.partitions import Partitioning
from kit.sql import load_queries

QUERIES = load_queries(__file__, "transitions.sql")
PARTITIONING = Partitioning(table="transitions", column="received_at", days=7, ahead=4)


async def insert_transitions(conn: Connection, rows: Sequence[NewTransitionRecord]) -> None:
    await conn.execute(
        *QUERIES.insert_transitions(
            member_id=[row.member_id for row in rows],
            program_id=[row.program_id for row in rows],
            device_id=[row.device_id for row in rows],
            **columns_of(rows),
        )
    )


def columns_of(rows: Sequence[NewTransitionRecord]) -> dict[str, list[object]]:
    """All but whose they are."""
    return {
        "received_at": [row.received_at for row in rows],
        "id": [row.id for row in rows],
        "store_id": [row.store_id for row in rows],
        "geofence_id": [row.geofence_id for row in rows],
        "kind": [row.kind for row in rows],
        "cause": [row.cause for row in rows],
        "event_at": [row.event_at for row in rows],
        "minutes": [row.minutes for row in rows],
    }


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
    return [TransitionRecord(**row) for row in rows]


async def list_transitions_of_member(
    conn: Connection, member_ids: Sequence[MemberId], page: PageRequest
) -> list[TransitionRecord]:
    """Newest first, of a member and all who became them, at every store."""
    rows = await conn.fetch(QUERIES.list_transitions_of_member, member_ids, page.before, page.fetch_count)
    return [TransitionRecord(**row) for row in rows]


async def maintain_transitions(conn: Connection, now: datetime, keep_days: int) -> None:
    await maintain_partitions(conn, PARTITIONING, now, now - timedelta(days=keep_days))
