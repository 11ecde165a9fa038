"""The audit trail: who of the staff changed what. Written in the transaction of the change itself."""

from datetime import datetime
from uuid import UUID

import msgspec

from ids import ProgramId
from kit.database import Connection
from kit.ids import new_id
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "audit.sql")


class AuditEntry(msgspec.Struct, frozen=True):
    """One change that somebody of the staff has made."""

    id: UUID
    """The entry."""
    actor: str
    """Who made it: `staff:` and the id."""
    action: str
    """What was done: the method and the path of the request."""
    target: str
    """What it was done to: its id, or the path of a thing that has none."""
    at: datetime
    """When it was made."""


async def record_audit(
    conn: Connection, program_id: ProgramId, *, actor: str, action: str, target: str, now: datetime
) -> None:
    await conn.execute(
        *QUERIES.insert_audit_entry(
            id=new_id(),
            program_id=program_id,
            actor=actor,
            action=action,
            target=target,
            now=now,
        )
    )


async def list_audit(
    conn: Connection, program_id: ProgramId, page: PageRequest, actor: str | None = None
) -> list[AuditEntry]:
    """`actor`: only what this one did."""
    rows = await conn.fetch(QUERIES.list_audit_entries, program_id, page.before, page.fetch_count, actor)
    return [AuditEntry(**row) for row in rows]
