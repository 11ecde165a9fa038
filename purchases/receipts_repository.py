"""Who holds the receipts of a store, and how much of a bill is taken: what makes each of them count once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ids import StoreId
from kit.database import Connection
from kit.sql import load_queries
from purchases.receipts import BillPart, Receipt, ReceiptHolder, ReceiptKind

QUERIES = load_queries(__file__, "receipts.sql")


async def reserve_bills(conn: Connection, parts: Sequence[BillPart]) -> set[tuple[StoreId, bytes]]:
    """Take each part of its bill, at most one part a bill; return the (store_id, receipt_hash) that had room for it."""
    rows = await conn.fetch(
        *QUERIES.reserve_bills(
            store_id=[part.store_id for part in parts],
            receipt_hash=[part.receipt_hash for part in parts],
            amount=[part.bill_amount for part in parts],
            held=[part.amount for part in parts],
        )
    )
    return {(row["store_id"], row["receipt_hash"]) for row in rows}


async def reserve_receipts(conn: Connection, receipts: Sequence[Receipt]) -> set[UUID]:
    """Reserve each for its source; return the sources whose receipt the member did not hold."""
    rows = await conn.fetch(
        *QUERIES.reserve_receipts(
            store_id=[receipt.store_id for receipt in receipts],
            kind=[receipt.kind for receipt in receipts],
            receipt_hash=[receipt.receipt_hash for receipt in receipts],
            member_id=[receipt.member_id for receipt in receipts],
            source_id=[receipt.source_id for receipt in receipts],
        )
    )
    return {row["source_id"] for row in rows}


async def list_holders(
    conn: Connection, store_id: StoreId, kind: ReceiptKind, receipt_hash: bytes
) -> list[ReceiptHolder]:
    """Who holds it, and who did."""
    return [ReceiptHolder(**row) for row in await conn.fetch(QUERIES.list_holders, store_id, kind, receipt_hash)]


async def lock_bill(conn: Connection, store_id: StoreId, receipt_hash: bytes) -> None:
    """Nobody else takes a part of it, or gives one back, until the commit. Does nothing where nobody holds it."""
    await conn.execute(QUERIES.lock_bill, store_id, receipt_hash)


async def lock_receipt(conn: Connection, receipt: Receipt) -> None:
    await conn.execute(
        *QUERIES.lock_receipt(
            store_id=receipt.store_id,
            kind=receipt.kind,
            receipt_hash=receipt.receipt_hash,
            member_id=receipt.member_id,
            source_id=receipt.source_id,
        )
    )


async def release_receipt(conn: Connection, receipt: Receipt, now: datetime) -> None:
    """Let the store send it again: what it stood for has been taken back."""
    await conn.execute(
        *QUERIES.release_receipt(
            now=now,
            store_id=receipt.store_id,
            kind=receipt.kind,
            receipt_hash=receipt.receipt_hash,
            member_id=receipt.member_id,
            source_id=receipt.source_id,
        )
    )


async def lower_bill(conn: Connection, receipt: Receipt, amount: int, *, is_ended: bool) -> None:
    """Give back `amount` of what the purchase holds. `is_ended`: it was the last of it, and the receipt is released."""
    if is_ended and await conn.fetchval(QUERIES.delete_last_held_bill, receipt.store_id, receipt.receipt_hash):
        return
    await conn.execute(
        *QUERIES.lower_bill(
            amount=amount, ended=int(is_ended), store_id=receipt.store_id, receipt_hash=receipt.receipt_hash
        )
    )
