"""`undo`: a till takes its last scan back, for it read the wrong card, or the shopper went without buying.

The evidence is marked and stays; the visit comes to what is left on it, and what that is not enough for is taken back:
points by a posting, stamps, coupons that nobody has redeemed. What was bought with the scan is refunded whole, and its
receipt may be sent again with the right card. The code that was scanned stays used.

The member is locked first, since a merge would move what is taken back; then as the lock order says
(`server.web.writes`).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from audiences.facts_repository import recount_facts
from ids import MemberId, ScanId
from kit.database import Connection
from kit.sealing import Keyring
from members.aliases_repository import history_ids, lock_active_member
from programs.tills_repository import Till
from purchases import purchases_repository, receipts_repository
from purchases.receipts import Receipt, hash_receipt
from purchases.refunding import refund
from server.check_ins.undo_rewards import reverse_rewards
from server.problems import Problem, not_found
from server.purchases.purchase import ScanReference
from server.purchases.refund import PendingRefund, make_refund_receipt, refund_purchase
from server.runtime.snapshot import Snapshot
from server.web.undo_window import UNDO_WINDOW
from visits import undoing_repository
from visits.evidence import TillScan
from visits.trust import reaches
from visits.visit import LockedVisit


class UndoResult(msgspec.Struct, frozen=True, kw_only=True):
    """A scan that was undone, and what went with it."""

    scan_id: ScanId
    """The id of the scan."""
    member_id: MemberId
    """The member whose card was scanned."""
    undone_at: datetime
    """When it was undone first; the same for every repetition."""
    is_visit_undone: bool
    """True: the visit is gone. False: other evidence of the day still stands for it."""
    coupons_ended: int
    """How many coupons ended that the visit or a stamp card had earned."""
    points_reversed: int
    """How many points went, of the visit and of what was bought with the scan."""
    amount_refunded: int
    """How much of what was bought with the scan was refunded, in minor units of the program's currency."""


async def undo(
    conn: Connection, keyring: Keyring, snapshot: Snapshot, till: Till, reference: ScanReference, now: datetime
) -> UndoResult:
    """The same answer where it was undone before. Raises Problem."""
    scan = await _find(conn, till, reference)
    if scan.undo_result is not None:
        return _read(scan.undo_result)
    await _require_undoable(conn, till, scan, now)
    if not await undoing_repository.mark_undone(conn, scan, now):
        return _read((await _find(conn, till, reference)).undo_result)
    refunds = await _reserve_refund_receipts(conn, keyring, scan)
    visit = await undoing_repository.lock_visit(conn, scan)
    earns_anew = await _earns_anew(conn, snapshot, scan, visit)
    await undoing_repository.lower_visit(conn, scan, visit, now, earns_anew=earns_anew)
    amount, points = await _refund(conn, till, refunds, now)
    taken, ended = await reverse_rewards(conn, till, scan, visit, now, earns_anew=earns_anew)
    result = UndoResult(
        scan_id=scan.id,
        member_id=scan.member_id,
        undone_at=now,
        is_visit_undone=visit.remaining_trust is None,
        coupons_ended=ended,
        points_reversed=points + taken,
        amount_refunded=amount,
    )
    await undoing_repository.store_undo_result(conn, scan, msgspec.json.encode(result).decode())
    await recount_facts(conn, [scan.member_id])
    return result


async def _find(conn: Connection, till: Till, reference: ScanReference) -> TillScan:
    scan = await undoing_repository.find_till_scan(conn, reference.member_id, reference.scan_id, till.id)
    if scan is None:  # another till's, too
        raise not_found("scan")
    return scan


async def _require_undoable(conn: Connection, till: Till, scan: TillScan, now: datetime) -> None:
    if scan.at < now - UNDO_WINDOW:
        raise Problem("undo-expired", "Ask an owner to adjust the member's points: the scan is too old.")
    if await undoing_repository.has_newer_scan(conn, scan, till.id):
        raise Problem("scan-not-last", "Undo what this till has scanned since, first.")
    if await lock_active_member(conn, scan.member_id) in ("merged", "erased"):
        raise Problem("undo-expired", "Ask an owner to adjust the member's points: the card has moved since.")


async def _earns_anew(conn: Connection, snapshot: Snapshot, scan: TillScan, visit: LockedVisit) -> bool:
    """Whether what the visit earned is reversed. Of two members who became one, either one's visit is enough for it."""
    min_trust = snapshot.visit_rules_of(scan.program_id).min_trust
    if not visit.falls_below(min_trust):
        return False
    names = [name for name in await history_ids(conn, scan.member_id) if name != scan.member_id]
    duplicate = await undoing_repository.read_duplicate_trust(conn, scan, names) if names else None
    return duplicate is None or not reaches(duplicate, min_trust)


async def _reserve_refund_receipts(conn: Connection, keyring: Keyring, scan: TillScan) -> list[PendingRefund]:
    """What was bought with the scan, each with a refund's receipt; its bills are locked."""
    bought = sorted(
        (
            Receipt(
                store_id=scan.store_id,
                kind="purchase",
                receipt_hash=hash_receipt(keyring, scan.store_id, receipt),
                member_id=scan.member_id,
                source_id=purchase_id,
            )
            for purchase_id, receipt in (
                await purchases_repository.list_purchases_of_scan(conn, scan.member_id, scan.id)
            ).items()
        ),
        key=lambda each: (each.receipt_hash, each.source_id),
    )
    for each in bought:
        await receipts_repository.lock_receipt(conn, each)
    pending = [
        PendingRefund(each, make_refund_receipt(keyring, each, _number(each)), _number(each), scan.member_id)
        for each in bought
    ]
    if pending:
        await receipts_repository.reserve_receipts(conn, [each.refund_receipt for each in pending])
    for each in bought:
        await receipts_repository.lock_bill(conn, each.store_id, each.receipt_hash)
    return pending


def _number(bought: Receipt) -> str:
    """No till can send a receipt's number with a space in it."""
    return f"undone {bought.source_id}"


async def _refund(conn: Connection, till: Till, refunds: Sequence[PendingRefund], now: datetime) -> tuple[int, int]:
    """How much was refunded, and how many points went with it."""
    amount = points = 0
    for pending in refunds:
        before = await purchases_repository.lock_purchase(conn, pending.purchase_receipt.member_id, pending.purchase_id)
        if not before.is_fully_refunded:
            refunded = await refund_purchase(conn, till, pending, before, refund(before, before.left), now)
            amount, points = amount + before.left, points + refunded.points_reversed
    return amount, points


def _read(answer: str | None) -> UndoResult:
    assert answer is not None  # it was undone by somebody who has committed
    return msgspec.json.decode(answer, type=UndoResult)
