"""`refund`: goods come back to the shop, and with them the points and the stamp that they earned."""

from datetime import datetime
from uuid import UUID

import msgspec

from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from points import postings_repository, stamps_repository
from points.ledger import Account, Memo
from points.rules import points_to_take_back
from points.stamps import may_revoke
from programs.tills_repository import Till
from server.flows.purchase import receipt_taken
from server.flows.ranking import judge_members
from server.handles import hash_receipt
from server.problems import Problem
from visits import purchases_repository
from visits.purchases_repository import Receipt, Refunded


class RefundAnswer(msgspec.Struct, frozen=True):
    """`refunded`: of the purchase, in all. `points_owed`: what was spent already and the next points settle."""

    id: UUID
    purchase_id: UUID
    member_id: UUID
    amount: int
    refunded: int
    points_taken_back: int
    points_owed: int
    points_balance: int


async def refund(
    conn: Connection, keyring: Keyring, till: Till, receipt: str, refund_receipt: str, amount: int | None, now: datetime
) -> RefundAnswer:
    """Give back `amount` of a purchase of this store, or all that is left of it. Raises Problem."""
    found = await purchases_repository.find_receipt(
        conn, till.store_id, "purchase", hash_receipt(keyring, till.store_id, receipt)
    )
    if found is None:
        raise Problem("receipt-unknown", "Send the number of a receipt that this store has sent before.")
    member_id, purchase_id = found
    paper_hash = hash_receipt(keyring, till.store_id, refund_receipt)
    paper = Receipt(till.store_id, "refund", paper_hash, member_id, new_id())
    if not await purchases_repository.claim_receipts(conn, [paper]):
        raise receipt_taken()
    before = await purchases_repository.lock_purchase(conn, member_id, purchase_id)
    if before is None:
        raise Problem("receipt-unknown", "What this receipt stood for has been erased.")
    left = before.amount - before.refunded
    given_back = left if amount is None else amount
    if not 0 < given_back <= left:
        raise Problem("refund-exceeds", "Give back no more than is left of the purchase.", left=left)
    return await give_back(conn, till, paper, purchase_id, refund_receipt, before, given_back, now)


async def give_back(
    conn: Connection,
    till: Till,
    paper: Receipt,
    purchase_id: UUID,
    refund_receipt: str,
    before: Refunded,
    amount: int,
    now: datetime,
) -> RefundAnswer:
    """`paper` is claimed and the purchase locked: it stands as `before` tells. No more than is left of it."""
    after = Refunded(before.amount, before.refunded + amount)
    await purchases_repository.set_refunded(conn, paper.member_id, purchase_id, after.refunded)
    await purchases_repository.insert_refund(conn, paper, purchase_id, till.id, refund_receipt, amount, now)
    account, taken = await _take_back(conn, till, paper, purchase_id, after, now)
    return RefundAnswer(
        paper.source_id,
        purchase_id,
        paper.member_id,
        amount,
        after.refunded,
        taken,
        account.owed,
        account.balance,
    )


async def _take_back(
    conn: Connection, till: Till, paper: Receipt, purchase_id: UUID, after: Refunded, now: datetime
) -> tuple[Account, int]:
    """The member's account afterwards, and how many points went or are owed."""
    member_id, source_key = paper.member_id, f"purchase:{purchase_id}"
    holders = {member_id: till.program_id}
    accounts = await postings_repository.open_accounts(conn, holders)
    account = accounts[member_id]
    account.expire(now)
    taken = 0
    earned = (await postings_repository.find_postings(conn, [(member_id, source_key)])).get((member_id, source_key))
    if earned is not None:
        reversals = await postings_repository.find_reversals(conn, member_id, earned.id)
        before = -sum(each.earned for each in reversals)
        taken = points_to_take_back(earned.earned, before, after.amount, after.refunded)
        if taken:
            memo = Memo("refund", f"refund:{paper.source_id}", now, till.store_id, f"till:{till.id}")
            account.take_back(taken, earned, memo)
    await postings_repository.write_accounts(conn, accounts)
    if after.refunded == after.amount:
        await _take_stamps_back(conn, till.program_id, member_id, source_key, now)
    await judge_members(conn, holders, now)
    return account, taken


async def _take_stamps_back(
    conn: Connection, program_id: UUID, member_id: UUID, source_key: str, now: datetime
) -> None:
    cards = {
        card.id: card for card in (await stamps_repository.read_stamp_cards(conn, [program_id])).get(program_id, ())
    }
    progress = await stamps_repository.read_progress(conn, [member_id])
    for card_id in await stamps_repository.find_stamps(conn, member_id, source_key):
        if card_id in cards and may_revoke(cards[card_id], progress[member_id, card_id]):
            await stamps_repository.revoke_stamp(conn, member_id, card_id, source_key, now)
