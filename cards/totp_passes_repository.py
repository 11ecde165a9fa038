"""TOTP passes: each a secret that one wallet shares with us; one live pass of a kind a member."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from cards.totp import PassKind, TotpPass
from ids import MemberId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "totp_passes.sql")


async def create_totp_pass(conn: Connection, totp_pass: TotpPass) -> None:
    """With the card locked. The member's former pass of the kind is revoked."""
    await revoke_totp_passes(conn, totp_pass.member_id, totp_pass.created_at, totp_pass.kind)
    await conn.execute(
        *QUERIES.insert_totp_pass(
            member_id=totp_pass.member_id,
            id=totp_pass.id,
            program_id=totp_pass.program_id,
            kind=totp_pass.kind,
            sealed_secret=totp_pass.sealed_secret,
            created_at=totp_pass.created_at,
        )
    )


async def revoke_totp_passes(
    conn: Connection, member_id: MemberId, now: datetime, kind: PassKind | None = None
) -> None:
    """Those of a kind; None: all."""
    await conn.execute(QUERIES.revoke_totp_passes, member_id, kind, now)


async def find_totp_passes(
    conn: Connection, ids: Collection[tuple[MemberId, UUID]]
) -> dict[tuple[MemberId, UUID], TotpPass]:
    """The live ones, by member and id."""
    rows = await conn.fetch(
        QUERIES.find_totp_passes, [member_id for member_id, _ in ids], [pass_id for _, pass_id in ids]
    )
    return {(row["member_id"], row["id"]): TotpPass(**row) for row in rows}
