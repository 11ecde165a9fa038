"""Points that were spent at tills, each spending under a receipt, and how many of them were given back."""

from uuid import UUID

from ids import MemberId
from kit.database import Connection
from kit.sql import load_queries
from purchases.spend import Spend, SpendState

QUERIES = load_queries(__file__, "spends.sql")


async def insert_spend(conn: Connection, spend: Spend) -> None:
    await conn.execute(
        *QUERIES.insert_spend(
            member_id=spend.member_id,
            id=spend.id,
            store_id=spend.store_id,
            till_id=spend.till_id,
            receipt=spend.receipt,
            points=spend.points,
            spent_at=spend.spent_at,
        )
    )


async def lock_spend(conn: Connection, member_id: MemberId, spend_id: UUID) -> SpendState:
    """As it stands; nobody else gives points of it back until the commit."""
    row = await conn.fetchrow(QUERIES.lock_spend, member_id, spend_id)
    assert row is not None
    return SpendState(**row)


async def set_voided(conn: Connection, member_id: MemberId, spend_id: UUID, voided: int) -> None:
    """Raises asyncpg.CheckViolationError for more than was spent."""
    await conn.execute(QUERIES.set_voided, member_id, spend_id, voided)
