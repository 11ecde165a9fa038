"""Suppressions: addresses (as keyed hashes) to which a member is sent no e-mail of campaigns any more, and why.

`bounced` is lifted by a new confirmation of that address; `complained` and `unsubscribed` by a new consent to e-mail;
`staff`, who know of an address what its member does not say, by the staff alone.
"""

from datetime import datetime
from typing import Literal

from ids import MemberId, ProgramId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "suppressions.sql")

SuppressionReason = Literal["bounced", "complained", "unsubscribed", "staff"]


async def suppress_address(
    conn: Connection,
    member_id: MemberId,
    program_id: ProgramId,
    value_hash: bytes,
    reason: SuppressionReason,
    now: datetime,
) -> None:
    """Told twice it is told once."""
    await conn.execute(
        *QUERIES.insert_suppression(
            member_id=member_id, value_hash=value_hash, program_id=program_id, reason=reason, at=now
        )
    )


async def list_suppressions(
    conn: Connection, member_id: MemberId, value_hash: bytes
) -> list[tuple[SuppressionReason, datetime]]:
    """Why, and since when; oldest first."""
    rows = await conn.fetch(QUERIES.list_suppressions, member_id, value_hash)
    return [(row["reason"], row["at"]) for row in rows]


async def lift_address(conn: Connection, member_id: MemberId, value_hash: bytes) -> None:
    """Whatever the reason."""
    await conn.execute(QUERIES.lift_address, member_id, value_hash)


async def lift_refusals(conn: Connection, member_id: MemberId) -> None:
    """The member wants e-mail after all."""
    await conn.execute(QUERIES.lift_suppressions, member_id, ["complained", "unsubscribed"])


async def lift_bounces(conn: Connection, member_id: MemberId, value_hash: bytes) -> None:
    """The address works: a code that went there came back."""
    await conn.execute(QUERIES.lift_bounces_of, member_id, value_hash)


async def move_suppressions(conn: Connection, member_id: MemberId, to_member: MemberId) -> None:
    await conn.execute(QUERIES.move_suppressions, member_id, to_member)
    await conn.execute(QUERIES.delete_suppressions, member_id)
