"""`spend` and `void`: points are used at a till, once a receipt, and given back if that was a mistake."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from audiences.facts_repository import update_reward_facts
from ids import MemberId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from points import postings_repository
from points.ledger import Account, Cause, Memo, NotEnough, Posting
from programs.tills_repository import Till
from purchases import receipts_repository, spends_repository
from purchases.receipts import Receipt, hash_receipt
from purchases.spend import Spend, SpendState
from server.problems import Problem
from server.purchases.purchase import ScanReference, find_scan
from server.purchases.receipts import find_receipt, reserve_receipt
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
    """The change of the balance: below zero for points that were spent. Points that are given back settle what the
    member owes first.
    """
    points_spent: int
    """How many points stand as spent under the receipt afterwards."""
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
    paid = Spend(
        id=new_id(),
        member_id=member_id,
        store_id=till.store_id,
        till_id=till.id,
        receipt=receipt,
        points=points,
        spent_at=now,
    )
    await reserve_receipt(conn, _receipt_of(keyring, paid))
    await spends_repository.insert_spend(conn, paid)
    accounts = await postings_repository.open_accounts(conn, {member_id: till.program_id})
    account = accounts[member_id]
    account.expire(now)
    try:
        posting = account.spend(points, _memo(till, "till", _posting_key(paid.id), now))
    except NotEnough as shortage:
        raise Problem("insufficient-points", "Take no more than the balance.", balance=shortage.balance) from None
    await postings_repository.write_accounts(conn, accounts)
    await update_reward_facts(conn, [member_id])
    return SpendResult(
        id=posting.id,
        member_id=member_id,
        points=posting.points,
        points_spent=points,
        points_balance=posting.balance_after,
    )


async def void(
    conn: Connection,
    keyring: Keyring,
    till: Till,
    receipt: str,
    points: int | None,
    member_id: MemberId | None,
    now: datetime,
) -> SpendResult:
    """Give back `points` of what was spent under this receipt of this store, or all that is left. Raises Problem.

    `member_id`: who spent them, where several members have paid under the receipt.
    """
    held = await find_receipt(conn, keyring, till.store_id, "spend", receipt, member_id)
    holder_id = await lock_holder(conn, held.member_id)
    if holder_id is None:
        raise Problem("invalid-member-state", "Nothing to do: the member is erased, and nobody can have the points.")
    await receipts_repository.lock_receipt(conn, held)
    before = await spends_repository.lock_spend(conn, held.member_id, held.source_id)
    if not before.left:
        raise Problem("already-voided", "Nothing to do: these points have been given back.")
    returned = before.left if points is None else points
    if returned > before.left:
        raise Problem("void-exceeds-spend", "Give back no more than is still spent.", left=before.left)
    if returned == before.left:
        await receipts_repository.release_receipt(conn, held, now)
    await spends_repository.set_voided(conn, held.member_id, held.source_id, before.voided + returned)
    posting, account = await _return_points(conn, till, held, holder_id, before, returned, now)
    return SpendResult(
        id=posting.id,
        member_id=holder_id,
        points=posting.points,
        points_spent=before.left - returned,
        points_balance=account.balance,
    )


async def _return_points(
    conn: Connection, till: Till, held: Receipt, holder_id: MemberId, before: SpendState, points: int, now: datetime
) -> tuple[Posting, Account]:
    """The posting, and the holder's account afterwards: who has become another member gives them to that one."""
    member_id = held.member_id
    accounts = await postings_repository.open_accounts(conn, dict.fromkeys((member_id, holder_id), till.program_id))
    key = member_id, _posting_key(held.source_id)
    spent = (await postings_repository.find_postings(conn, [key]))[key]
    for account in accounts.values():
        account.expire(now)
    memo = _memo(till, "void", f"void:{new_id()}", now)
    posting = accounts[member_id].reverse_spending(points, before.voided, spent, memo)
    accounts[member_id].expire(now)  # what expired while it was spent comes back for a moment only
    move_account(accounts, member_id, holder_id, now)
    await postings_repository.write_accounts(conn, accounts)
    await update_reward_facts(conn, [holder_id])
    return posting, accounts[holder_id]


def _receipt_of(keyring: Keyring, paid: Spend) -> Receipt:
    return Receipt(
        store_id=paid.store_id,
        kind="spend",
        receipt_hash=hash_receipt(keyring, paid.store_id, paid.receipt),
        member_id=paid.member_id,
        source_id=paid.id,
    )


def _posting_key(spend_id: UUID) -> str:
    return f"spend:{spend_id}"


def _memo(till: Till, cause: Cause, source_key: str, now: datetime) -> Memo:
    return Memo(
        cause=cause,
        source_key=source_key,
        at=now,
        store_id=till.store_id,
        actor=f"till:{till.id}",
    )
