"""Receipts as flows reserve and find them: what is new holds its receipt and its part of the bill, or is refused."""

from collections.abc import Sequence
from uuid import UUID

from ids import MemberId, StoreId
from kit.database import Connection
from kit.sealing import Keyring
from members.aliases_repository import find_survivors
from purchases import receipts_repository
from purchases.purchase import Purchase
from purchases.receipts import BillPart, Receipt, ReceiptKind, find_meant, hash_receipt
from server.problems import Problem


def receipt_taken() -> Problem:
    return Problem(
        "receipt-taken",
        "Do not send it again: this store has sent a receipt of this number already. Members who share a bill send the"
        " same bill_amount, each with a part of it.",
    )


async def reserve_receipt(conn: Connection, receipt: Receipt) -> None:
    """Raises Problem where the member holds it."""
    if not await receipts_repository.reserve_receipts(conn, [receipt]):
        raise receipt_taken()


async def reserve_purchases(conn: Connection, keyring: Keyring, purchases: Sequence[Purchase]) -> None:
    """Reserve their receipts and their parts of the bills. Comes before every other write.

    Raises Problem where one of them is refused, and where two are of one bill: then they belong into transactions of
    their own, since the second may depend on the first.
    """
    hashes = {p.id: hash_receipt(keyring, p.store_id, p.basket.receipt) for p in purchases}
    receipts = [
        Receipt(
            store_id=p.store_id,
            kind="purchase",
            receipt_hash=hashes[p.id],
            member_id=p.member_id,
            source_id=p.id,
        )
        for p in purchases
    ]
    parts = [BillPart(p.store_id, hashes[p.id], p.basket.whole_amount, p.basket.amount) for p in purchases]
    if len({(part.store_id, part.receipt_hash) for part in parts}) < len(parts):
        raise receipt_taken()
    if len(await receipts_repository.reserve_receipts(conn, receipts)) < len(receipts):
        raise receipt_taken()
    if len(await receipts_repository.reserve_bills(conn, parts)) < len(parts):
        raise receipt_taken()


async def find_receipt(
    conn: Connection, keyring: Keyring, store_id: StoreId, kind: ReceiptKind, number: str, member_id: MemberId | None
) -> Receipt:
    """The receipt that a till names, with the one who holds it; of one that was released, who held it last.

    Raises Problem where the store has not sent it, and where several members hold it and none of them is named.
    """
    receipt_hash = hash_receipt(keyring, store_id, number)
    holders = await receipts_repository.list_holders(conn, store_id, kind, receipt_hash)
    people = {each.member_id for each in holders} | ({member_id} if member_id else set())
    meant = find_meant(holders, member_id, await find_survivors(conn, sorted(people)) if member_id else {})
    if not meant:
        raise Problem("receipt-unknown", "Send the number of a receipt that this store has sent before.")
    if len(meant) > 1:
        raise Problem(
            "receipt-shared",
            "Name in member_id the one who is meant: several members hold this receipt.",
            member_ids=sorted(each.member_id for each in meant),
        )
    (holder,) = meant
    return _receipt(store_id, kind, receipt_hash, holder.member_id, holder.source_id)


def _receipt(
    store_id: StoreId, kind: ReceiptKind, receipt_hash: bytes, member_id: MemberId, source_id: UUID
) -> Receipt:
    return Receipt(
        store_id=store_id,
        kind=kind,
        receipt_hash=receipt_hash,
        member_id=member_id,
        source_id=source_id,
    )
