"""Purchases that tills report with a scan, and their refunds."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ids import MemberId, PurchaseId, ScanId, TillId
from kit.database import Connection
from kit.sql import load_queries
from purchases.purchase import Item, Purchase, PurchaseAmount, RefundState, SpendTotal
from purchases.receipts import Receipt

QUERIES = load_queries(__file__, "purchases.sql")


async def insert_purchases(conn: Connection, purchases: Sequence[Purchase]) -> None:
    await conn.execute(
        *QUERIES.insert_purchases(
            member_id=[purchase.member_id for purchase in purchases],
            id=[purchase.id for purchase in purchases],
            program_id=[purchase.program_id for purchase in purchases],
            store_id=[purchase.store_id for purchase in purchases],
            till_id=[purchase.till_id for purchase in purchases],
            scan_id=[purchase.scan_id for purchase in purchases],
            receipt=[purchase.basket.receipt for purchase in purchases],
            amount=[purchase.basket.amount for purchase in purchases],
            items=[msgspec.json.encode(purchase.basket.items).decode() for purchase in purchases],
            purchased_at=[purchase.purchased_at for purchase in purchases],
        )
    )


async def lock_purchase(conn: Connection, member_id: MemberId, purchase_id: PurchaseId) -> RefundState:
    """As it stands; nobody else refunds it until the commit. It stays as long as there is a receipt of it."""
    row = await conn.fetchrow(QUERIES.lock_purchase, member_id, purchase_id)
    assert row is not None
    return RefundState(**{**row, "items": msgspec.json.decode(row["items"], type=list[Item])})


async def set_refunded(
    conn: Connection, member_id: MemberId, purchase_id: PurchaseId, state: RefundState, now: datetime
) -> None:
    """Raises asyncpg.CheckViolationError for more than the purchase came to."""
    await conn.execute(
        *QUERIES.set_refunded(
            member_id=member_id,
            id=purchase_id,
            refunded=state.refunded,
            refunded_untold=state.refunded_untold,
            fully_refunded_at=now if state.is_fully_refunded else None,
            items=msgspec.json.encode(state.items).decode(),
        )
    )


async def insert_refund(
    conn: Connection,
    refund: Receipt,
    purchase_id: PurchaseId,
    till_id: TillId,
    receipt: str,
    amount: int,
    now: datetime,
) -> None:
    await conn.execute(
        *QUERIES.insert_refund(
            member_id=refund.member_id,
            id=refund.source_id,
            purchase_id=purchase_id,
            till_id=till_id,
            receipt=receipt,
            amount=amount,
            refunded_at=now,
        )
    )


async def read_spend(conn: Connection, member_ids: Sequence[MemberId], since: datetime) -> list[PurchaseAmount]:
    return [PurchaseAmount(**row) for row in await conn.fetch(QUERIES.read_spend, member_ids, since)]


async def total_spend(conn: Connection, member_ids: Sequence[MemberId]) -> SpendTotal:
    """Of one person, who may have been several members before they were merged."""
    row = await conn.fetchrow(QUERIES.total_spend, member_ids)
    assert row is not None
    return SpendTotal(**row)


async def list_purchases_of_scan(conn: Connection, member_id: MemberId, scan_id: ScanId) -> dict[PurchaseId, str]:
    """Their receipts' numbers by the purchases' ids."""
    rows = await conn.fetch(QUERIES.list_purchases_of_scan, member_id, scan_id)
    return {row["id"]: row["receipt"] for row in rows}
