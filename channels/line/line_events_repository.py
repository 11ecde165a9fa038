"""Events of LINE's webhooks: kept until a worker has handled them, and their ids until no redelivery can come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from channels.line.credentials import hash_user
from channels.line.webhook import REMEMBERED, LineEvent
from ids import ProgramId
from kit.database import Connection
from kit.leases import backlog_query, lease_query
from kit.sealing import Keyring
from kit.sql import load_queries

QUERIES = load_queries(__file__, "line_events.sql")
LEASE_EVENTS = lease_query(
    "line_events",
    key=("program_id", "event_id"),
    due_at="next_attempt_at",
    counts_attempts=True,
    returning=("program_id", "event_id", "sealed_event", "attempts", "received_at"),
)
MEASURE_EVENTS = backlog_query("line_events", due_at="next_attempt_at")

EventOutcome = Literal["handled", "retryable", "failed"]


class LeasedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One that this worker has leased; `attempts` includes this one."""

    program_id: ProgramId
    event_id: str
    sealed_event: bytes
    attempts: int
    received_at: datetime

    def unseal(self, keyring: Keyring) -> bytes:
        """The event's JSON as it came. Raises kit.sealing.Unsealable."""
        return keyring.unseal("line_event", _context(self.program_id, self.event_id), self.sealed_event)


async def insert_events(
    conn: Connection, keyring: Keyring, program_id: ProgramId, events: Sequence[LineEvent], now: datetime
) -> None:
    """Those that have not come before. One statement, so that LINE is answered at once."""
    once = {event.id: event for event in events}
    await conn.execute(
        *QUERIES.insert_events(
            program_id=program_id,
            event_id=list(once),
            sealed_event=[
                keyring.seal("line_event", _context(program_id, each.id), each.raw) for each in once.values()
            ],
            user_hash=[
                None if each.user_id is None else hash_user(keyring, program_id, each.user_id) for each in once.values()
            ],
            now=now,
        )
    )


async def lease_events(conn: Connection, now: datetime, *, limit: int, lease_s: float) -> list[LeasedEvent]:
    return [LeasedEvent(**row) for row in await conn.fetch(LEASE_EVENTS, now, lease_s, limit)]


async def record_event(
    conn: Connection, leased: LeasedEvent, outcome: EventOutcome, *, retry_at: datetime | None = None
) -> None:
    await conn.execute(
        *QUERIES.record_event(
            program_id=leased.program_id,
            event_id=leased.event_id,
            attempts=leased.attempts,
            outcome=outcome,
            retry_at=retry_at,
        )
    )


async def purge_events(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_events, now - REMEMBERED)


def _context(program_id: ProgramId, event_id: str) -> bytes:
    return program_id.bytes + event_id.encode()
