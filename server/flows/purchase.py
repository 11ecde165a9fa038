"""`purchase`: what a till reports of a member's shopping, once a receipt and store."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from members.devices_repository import find_push_addresses
from members.members_repository import find_claimed
from programs.tills_repository import Till
from server.catalogue import Catalogue
from server.flows.granting import PushTarget, grant_offers
from server.flows.rewarding import Deed, Rewarded, happening_of, record_completions, reward_deeds
from server.handles import hash_receipt
from server.problems import Problem
from visits import purchases_repository
from visits.purchases_repository import Basket, Purchase, Receipt, Scan

# A scan in the morning may be followed by the bill in the evening.
SCAN_HOLDS_FOR_PURCHASE = timedelta(hours=24)


class ScanReference(msgspec.Struct, frozen=True):
    """What POST /v1/scans answered: whose card this till's store has read."""

    member_id: UUID
    scan_id: UUID


class Purchased(msgspec.Struct, frozen=True):
    """`points_balance` None: the program has no points."""

    id: UUID
    member_id: UUID
    points_earned: int
    points_balance: int | None
    coupons_issued: int


def new_purchase(till: Till, member_id: UUID, scan_id: UUID, basket: Basket, now: datetime) -> Purchase:
    return Purchase(new_id(), member_id, till.program_id, till.store_id, till.id, scan_id, basket, now)


def deed_of(purchase: Purchase) -> Deed:
    return Deed(
        purchase.member_id,
        purchase.program_id,
        purchase.store_id,
        f"till:{purchase.till_id}",
        "purchase",
        f"purchase:{purchase.id}",
        purchase.purchased_at,
        purchase.purchased_at,
        purchase.basket.amount,
    )


def receipt_taken() -> Problem:
    return Problem("receipt-taken", "Do not send it again: this store has sent a receipt of this number already.")


async def claim_purchases(conn: Connection, keyring: Keyring, purchases: Sequence[Purchase]) -> set[UUID]:
    """Claim their receipts; return the purchases whose receipt was new. Comes before every other write."""
    return await purchases_repository.claim_receipts(
        conn,
        [
            Receipt(p.store_id, "purchase", hash_receipt(keyring, p.store_id, p.basket.receipt), p.member_id, p.id)
            for p in purchases
        ],
    )


async def find_scan(conn: Connection, till: Till, reference: ScanReference, now: datetime, *, holds: timedelta) -> Scan:
    """The scan that the till refers to, of its own store. Raises Problem."""
    scan = await purchases_repository.find_scan(conn, reference.member_id, reference.scan_id, till.store_id)
    if scan is None or scan.at < now - holds:
        raise Problem("scan-unknown", "Scan the card again at this store and send what that answers.")
    return scan


async def purchase(
    conn: Connection,
    keyring: Keyring,
    catalogue: Catalogue,
    till: Till,
    reference: ScanReference,
    basket: Basket,
    now: datetime,
) -> Purchased:
    """Raises Problem."""
    await find_scan(conn, till, reference, now, holds=SCAN_HOLDS_FOR_PURCHASE)
    bought = new_purchase(till, reference.member_id, reference.scan_id, basket, now)
    if not await claim_purchases(conn, keyring, [bought]):
        raise receipt_taken()
    await purchases_repository.insert_purchases(conn, [bought])
    (rewarded,) = await reward_deeds(conn, [deed_of(bought)])
    coupons = await _grant_full_cards(conn, catalogue, rewarded)
    return Purchased(bought.id, bought.member_id, rewarded.points, rewarded.balance, coupons)


async def _grant_full_cards(conn: Connection, catalogue: Catalogue, rewarded: Rewarded) -> int:
    """How many coupons the stamp cards earned that this purchase filled."""
    if not rewarded.full_cards:
        return 0
    member_id = rewarded.full_cards[0].deed.member_id
    address = (await find_push_addresses(conn, [member_id])).get(member_id)
    target = PushTarget(address.device_id, address.locale) if address else None
    is_claimed = member_id in await find_claimed(conn, [member_id])
    heard = [(full, happening_of(full, target, is_claimed=is_claimed)) for full in rewarded.full_cards]
    happenings = [happening for _, happening in heard if happening is not None]
    verdicts = iter(await grant_offers(conn, catalogue, happenings))
    judged = [(full, None if happening is None else next(verdicts)) for full, happening in heard]
    await record_completions(conn, judged)
    return sum(len(verdict.coupon_ids) for _, verdict in judged if verdict is not None)
