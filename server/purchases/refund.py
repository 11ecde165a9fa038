"""`refund`: a purchase is given back to the shop, and with it the points and the stamp that it earned."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from audiences.facts_repository import recount_facts
from ids import MemberId, ProgramId, PurchaseId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from points import postings_repository, stamps_repository
from points.ledger import Account, Memo
from points.rules import points_to_reverse
from points.stamps import may_revoke, still_earns_stamp
from programs.tills_repository import Till
from purchases import purchases_repository, receipts_repository, refunding
from purchases.purchase import Item, RefundState
from purchases.receipts import Receipt, hash_receipt
from server.problems import Problem
from server.purchases.receipts import find_receipt, reserve_receipt
from server.rewards.move_points import lock_holder, move_account
from server.rewards.ranks import update_member_ranks
from server.rewards.reverse_points import open_expired_accounts, restore_expired


class RefundResult(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that was recorded. Amounts are in minor units of the program's currency."""

    id: UUID
    """The id of the refund."""
    purchase_id: PurchaseId
    """The id of the purchase."""
    member_id: MemberId | None
    """Who holds the points: who bought it, or the member whom they became. Null: they are erased, and so are their
    points."""
    amount: int
    """How much this refund gives back."""
    refunded: int
    """How much of the purchase has been given back in all."""
    points_reversed: int
    """How many of the earned points went."""
    points_owed: int
    """How many of them could not go because they were spent. The next points that the member earns settle them."""
    points_balance: int
    """The member's points afterwards."""


class GivenBack(msgspec.Struct, frozen=True):
    """`amount`: None: all that is left. `items`: the lines that come back, if the till tells them."""

    amount: int | None = None
    items: Sequence[Item] = ()


class PendingRefund(msgspec.Struct, frozen=True):
    """`number`: of the refund's receipt. `holder_id`: who has the points of the purchase now; None: nobody any more."""

    purchase_receipt: Receipt
    refund_receipt: Receipt
    number: str
    holder_id: MemberId | None

    @property
    def purchase_id(self) -> PurchaseId:
        return PurchaseId(self.purchase_receipt.source_id)


async def refund(
    conn: Connection,
    keyring: Keyring,
    till: Till,
    receipt_number: str,
    refund_receipt_number: str,
    given_back: GivenBack,
    member_id: MemberId | None,
    now: datetime,
) -> RefundResult:
    """Give back a part of a purchase of this store, or all that is left of it. Raises Problem.

    `member_id`: who bought it, where members have shared the bill.
    """
    bought = await find_receipt(conn, keyring, till.store_id, "purchase", receipt_number, member_id)
    holder_id = await lock_holder(conn, bought.member_id)
    await receipts_repository.lock_receipt(conn, bought)
    refund_receipt = make_refund_receipt(keyring, bought, refund_receipt_number)
    await reserve_receipt(conn, refund_receipt)
    await receipts_repository.lock_bill(conn, bought.store_id, bought.receipt_hash)
    pending = PendingRefund(bought, refund_receipt, refund_receipt_number, holder_id)
    before = await purchases_repository.lock_purchase(conn, bought.member_id, pending.purchase_id)
    amount = before.left if given_back.amount is None else given_back.amount
    if before.is_fully_refunded or amount > before.left:
        raise Problem("refund-exceeds-purchase", "Give back no more than is left of the purchase.", left=before.left)
    result = await refund_purchase(conn, till, pending, before, _after(before, amount, given_back.items), now)
    if holder_id is not None:
        await recount_facts(conn, [holder_id])
    return result


def _after(before: RefundState, amount: int, returned: Sequence[Item]) -> RefundState:
    try:
        return refunding.refund(before, amount, returned)
    except refunding.UnknownReturn as unknown:
        raise Problem(
            "returned-item-unknown",
            "Send in items lines of the purchase, by their code or as they were named, and no more than is left.",
            at=f"items[{unknown.place}]",
        ) from None


def make_refund_receipt(keyring: Keyring, bought: Receipt, number: str) -> Receipt:
    return Receipt(
        store_id=bought.store_id,
        kind="refund",
        receipt_hash=hash_receipt(keyring, bought.store_id, number),
        member_id=bought.member_id,
        source_id=new_id(),
    )


async def refund_purchase(
    conn: Connection, till: Till, pending: PendingRefund, before: RefundState, after: RefundState, now: datetime
) -> RefundResult:
    """The refund's receipt is reserved, the purchase's, its bill and the purchase are locked; `before` is its state.

    A purchase that is given back whole holds its receipt no more. The caller recounts the holder's facts.
    """
    bought, refund_receipt, purchase_id = pending.purchase_receipt, pending.refund_receipt, pending.purchase_id
    amount = after.refunded - before.refunded
    await purchases_repository.set_refunded(conn, bought.member_id, purchase_id, after, now)
    await purchases_repository.insert_refund(conn, refund_receipt, purchase_id, till.id, pending.number, amount, now)
    if after.is_fully_refunded:
        await receipts_repository.release_receipt(conn, bought, now)
    await receipts_repository.lower_bill(conn, bought, amount, is_ended=after.is_fully_refunded)
    owed = balance = taken = 0
    if pending.holder_id is not None:
        account, taken = await _reverse_points(conn, till, refund_receipt, pending.holder_id, purchase_id, after, now)
        owed, balance = account.owed, account.balance
    return RefundResult(
        id=refund_receipt.source_id,
        purchase_id=purchase_id,
        member_id=pending.holder_id,
        amount=amount,
        refunded=after.refunded,
        points_reversed=taken,
        points_owed=owed,
        points_balance=balance,
    )


async def _reverse_points(
    conn: Connection,
    till: Till,
    refund_receipt: Receipt,
    holder_id: MemberId,
    purchase_id: PurchaseId,
    after: RefundState,
    now: datetime,
) -> tuple[Account, int]:
    """The holder's account afterwards, and how many points went or are owed.

    If the buyer has become another member, the reversal is posted to the buyer and moves to that one.
    """
    member_id, source_key = refund_receipt.member_id, f"purchase:{purchase_id}"
    holders = dict.fromkeys((member_id, holder_id), till.program_id)
    accounts = await open_expired_accounts(conn, holders, now)
    taken = 0
    earned = (await postings_repository.find_postings(conn, [(member_id, source_key)])).get((member_id, source_key))
    if earned is not None:
        reversals = await postings_repository.find_reversals(conn, member_id, earned.id)
        before = -sum(each.earned for each in reversals)
        taken = points_to_reverse(earned.earned, before, after.amount, after.refunded)
        if taken:
            await restore_expired(
                conn,
                accounts,
                earned,
                taken,
                Memo(cause="expiry", source_key=f"back:{refund_receipt.source_id}", at=now),
            )
            memo = Memo(
                cause="refund",
                source_key=f"refund:{refund_receipt.source_id}",
                at=now,
                store_id=till.store_id,
                actor=f"till:{till.id}",
            )
            accounts[member_id].reverse_earning(taken, earned, memo)
            move_account(accounts, member_id, holder_id, now)
    await postings_repository.write_accounts(conn, accounts)
    await _revoke_stamps(conn, till.program_id, holder_id, source_key, after, now)
    await update_member_ranks(conn, {holder_id: till.program_id}, now)
    return accounts[holder_id], taken


async def _revoke_stamps(
    conn: Connection, program_id: ProgramId, member_id: MemberId, source_key: str, after: RefundState, now: datetime
) -> None:
    """Those that what is left of the purchase would not have earned."""
    stamped = await stamps_repository.find_stamps(conn, member_id, source_key)
    if not stamped:
        return
    cards = (await stamps_repository.read_stamp_cards(conn, [program_id])).get(program_id, ())
    progress = await stamps_repository.read_progress(conn, [member_id])
    gone = [
        (card.id, source_key)
        for card in cards
        if card.id in stamped
        and not still_earns_stamp(card, after.left)
        and may_revoke(card, progress[member_id, card.id])
    ]
    await stamps_repository.revoke_stamps(conn, member_id, gone, now)
