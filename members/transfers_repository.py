"""Transfers: is who has confirmed a contact the member to whom it leads?"""

from datetime import datetime

from ids import MemberId, TransferId
from kit.database import Connection
from kit.ids import digest
from kit.sql import load_queries
from members.contacts import ContactKind
from members.transfers import KEPT, LIFE, MAX_ANSWERS, NewTransfer, Signs, Transfer, TransferState

QUERIES = load_queries(__file__, "transfers.sql")


async def open_transfer(conn: Connection, new: NewTransfer) -> bool:
    """In the place of one for another contact of that kind. False where the same one is open already."""
    await conn.execute(
        *QUERIES.replace_transfers(
            member_id=new.member_id,
            kind=new.kind,
            value_hash=new.value_hash,
            holder_id=new.holder_id,
            expired=new.created_at - LIFE,
            now=new.created_at,
        )
    )
    opened = await conn.fetchval(
        *QUERIES.insert_transfer(
            member_id=new.member_id,
            id=new.id,
            program_id=new.program_id,
            holder_id=new.holder_id,
            kind=new.kind,
            value_hash=new.value_hash,
            objection_hash=digest(new.objection_secret),
            created_at=new.created_at,
        )
    )
    return opened is not None


async def read_open_transfer(conn: Connection, member_id: MemberId, kind: ContactKind) -> Transfer:
    """One that is known to be there."""
    (row,) = await conn.fetch(QUERIES.find_open_transfer, member_id, kind)
    return Transfer(**row)


async def find_transfer(conn: Connection, member_id: MemberId, transfer_id: TransferId) -> Transfer | None:
    """One for which this member asked."""
    row = await conn.fetchrow(QUERIES.find_transfer, member_id, transfer_id)
    return Transfer(**row) if row else None


async def find_transfer_from(conn: Connection, holder_id: MemberId, transfer_id: TransferId) -> Transfer | None:
    """One by which somebody else would become this member."""
    row = await conn.fetchrow(QUERIES.find_transfer_from, holder_id, transfer_id)
    return Transfer(**row) if row else None


async def find_transfer_by_objection(conn: Connection, secret: bytes) -> Transfer | None:
    row = await conn.fetchrow(QUERIES.find_transfer_by_objection, digest(secret))
    return Transfer(**row) if row else None


async def lock_open_transfer(conn: Connection, transfer: Transfer) -> Transfer | None:
    """As it is until the commit; None where it has been decided since. Lock its contact's handle before."""
    row = await conn.fetchrow(QUERIES.lock_open_transfer, transfer.member_id, transfer.id)
    return Transfer(**row) if row else None


async def list_open_transfers(conn: Connection, member_id: MemberId, now: datetime) -> list[Transfer]:
    """For which this member asked, and by which somebody would become them."""
    return [Transfer(**row) for row in await conn.fetch(QUERIES.list_open_transfers, member_id, now - LIFE)]


async def count_answers_left(conn: Connection, holder_id: MemberId, now: datetime) -> int:
    """Whoever answers: in all open transfers from this member."""
    counted: int = await conn.fetchval(QUERIES.count_answers, holder_id, now - LIFE)
    return max(0, MAX_ANSWERS - counted)


async def count_answer(conn: Connection, transfer: Transfer) -> None:
    """Lock the holder before, so that no two are counted as one."""
    await conn.execute(QUERIES.count_answer, transfer.member_id, transfer.id)


async def set_answered(conn: Connection, transfer: Transfer, now: datetime) -> None:
    await conn.execute(QUERIES.set_answered, transfer.member_id, transfer.id, now)


async def set_approved(conn: Connection, transfer: Transfer, now: datetime) -> None:
    await conn.execute(QUERIES.set_approved, transfer.member_id, transfer.id, now)


async def decide_transfer(conn: Connection, transfer: Transfer, state: TransferState, now: datetime) -> None:
    await conn.execute(QUERIES.decide_transfer, transfer.member_id, transfer.id, state, now)


async def read_signs(conn: Connection, member_id: MemberId) -> Signs:
    """Of a member that is known to be there; what tills and doors have seen of them comes on top."""
    (row,) = await conn.fetch(QUERIES.find_signs, member_id)
    return Signs(**row)


async def purge_old_transfers(conn: Connection, now: datetime) -> None:
    await conn.execute(QUERIES.purge_transfers, now - KEPT)
