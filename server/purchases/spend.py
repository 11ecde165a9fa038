"""`spend` and `void`: points are used at a till, once a receipt, and given back if that was a mistake."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from ids import MemberId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from points import postings_repository
from points.ledger import Memo, NotEnough
from programs.tills_repository import Till
from purchases import purchases_repository
from purchases.receipts import Receipt, hash_receipt
from server.problems import Problem
from server.purchases.purchase import ScanReference, find_scan, receipt_taken
from server.rewards.move_points import lock_holder, move_account
from visits.trust import EvidenceKind

MAX_SCAN_AGE_FOR_SPENDING = timedelta(minutes=15)
# What can be photographed or typed by anybody identifies, and never spends (docs/decisions/0013).
SPENDING_EVIDENCE: frozenset[EvidenceKind] = frozenset({"rotating_code", "totp_code"})


class SpendResult(msgspec.Struct, frozen=True, kw_only=True):
    """Points that were spent, or given back."""

    id: UUID
    """The id of the posting."""
    member_id: MemberId
    """Who holds the points."""
    points: int
    """The change of the balance: below zero for points that were spent."""
    points_balance: int
    """The member's points afterwards."""


async def spend(
    conn: Connection, keyring: Keyring, till: Till, reference: ScanReference, receipt: str, points: int, now: datetime
) -> SpendResult:
    """Raises Problem."""
    scan = await find_scan(conn, till, reference, now, max_age=MAX_SCAN_AGE_FOR_SPENDING)
    if scan.kind not in SPENDING_EVIDENCE:
        raise Problem("scan-trust-too-low", "Scan the card's code from the app: a number alone spends no points.")
    member_id = reference.member_id
    spend_id = new_id()
    entry = Receipt(
        store_id=till.store_id,
        kind="spend",
        receipt_hash=hash_receipt(keyring, till.store_id, receipt),
        member_id=member_id,
        source_id=spend_id,
    )
    if not await purchases_repository.reserve_receipts(conn, [entry]):
        raise receipt_taken()
    memo = Memo(
        cause="till",
        source_key=f"spend:{spend_id}",
        at=now,
        store_id=till.store_id,
        actor=f"till:{till.id}",
    )
    accounts = await postings_repository.open_accounts(conn, {member_id: till.program_id})
    account = accounts[member_id]
    account.expire(now)
    try:
        posting = account.spend(points, memo)
    except NotEnough as shortage:
        raise Problem("insufficient-points", "Take no more than the balance.", balance=shortage.balance) from None
    await postings_repository.write_accounts(conn, accounts)
    return SpendResult(
        id=posting.id,
        member_id=member_id,
        points=posting.points,
        points_balance=posting.balance_after,
    )


async def void(conn: Connection, keyring: Keyring, till: Till, receipt: str, now: datetime) -> SpendResult:
    """Give back what was spent under this receipt of this store, once. Raises Problem."""
    receipt_hash = hash_receipt(keyring, till.store_id, receipt)
    found = await purchases_repository.find_receipt(conn, till.store_id, "spend", receipt_hash)
    if found is None:
        raise Problem("receipt-unknown", "Send the number of a receipt under which this store has spent points.")
    member_id, spend_id = found
    spend_key, void_key = f"spend:{spend_id}", f"void:{spend_id}"
    holder_id = await lock_holder(conn, member_id)
    accounts = await postings_repository.open_accounts(conn, dict.fromkeys((member_id, holder_id), till.program_id))
    postings = await postings_repository.find_postings(conn, [(member_id, spend_key), (member_id, void_key)])
    if (member_id, void_key) in postings:
        raise Problem("already-voided", "Nothing to do: these points have been given back.")
    for account in accounts.values():
        account.expire(now)
    memo = Memo(
        cause="void",
        source_key=void_key,
        at=now,
        store_id=till.store_id,
        actor=f"till:{till.id}",
    )
    posting = accounts[member_id].reverse_spending(postings[member_id, spend_key], memo)
    accounts[member_id].expire(now)  # what expired while it was spent comes back for a moment only
    move_account(accounts, member_id, holder_id, now)
    await postings_repository.write_accounts(conn, accounts)
    return SpendResult(
        id=posting.id,
        member_id=holder_id,
        points=posting.points,
        points_balance=accounts[holder_id].balance,
    )
