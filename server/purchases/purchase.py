"""`purchase`: what a till reports of a member's shopping, once a receipt and store."""

from datetime import datetime, timedelta

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts
from ids import MemberId, PurchaseId, ScanId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from members.aliases_repository import hold_persons
from programs.tills_repository import Till
from purchases import purchases_repository
from purchases.purchase import Basket, Purchase
from server.problems import Problem
from server.purchases.receipts import reserve_purchases
from server.rewards.complete_cards import FullStampCard, grant_full_cards, view_full_cards
from server.rewards.earn import EarningEvent, reward_events
from server.runtime.snapshot import Snapshot
from visits import visits_repository
from visits.event_times import judge_event_time
from visits.evidence import Scan

# A scan in the morning may be followed by the bill in the evening.
MAX_SCAN_AGE_FOR_PURCHASE = timedelta(hours=24)


class ScanReference(msgspec.Struct, frozen=True):
    """What POST /v1/scans answered: whose card this till's store has read."""

    member_id: MemberId
    scan_id: ScanId


class PurchaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase that was recorded, and what it earned."""

    id: PurchaseId
    """The id of the purchase."""
    member_id: MemberId
    """The member who bought."""
    points_earned: int
    """How many points the purchase earned."""
    points_balance: int | None
    """The member's points afterwards. Null: the program has no points."""
    coupons_issued: int
    """How many coupons it earned, by stamp cards that are full now."""
    full_stamp_cards: list[FullStampCard]
    """The stamp cards that it has filled."""


def new_purchase(till: Till, member_id: MemberId, scan_id: ScanId, basket: Basket, purchased_at: datetime) -> Purchase:
    return Purchase(
        id=PurchaseId(new_id()),
        member_id=member_id,
        program_id=till.program_id,
        store_id=till.store_id,
        till_id=till.id,
        scan_id=scan_id,
        basket=basket,
        purchased_at=purchased_at,
    )


def earning_event_of(purchase: Purchase) -> EarningEvent:
    return EarningEvent(
        member_id=purchase.member_id,
        program_id=purchase.program_id,
        store_id=purchase.store_id,
        actor=f"till:{purchase.till_id}",
        source="purchase",
        source_key=f"purchase:{purchase.id}",
        at=purchase.purchased_at,
        now=purchase.purchased_at,
        amount=purchase.basket.amount,
    )


async def find_scan(
    conn: Connection, till: Till, reference: ScanReference, at: datetime, *, max_age: timedelta
) -> Scan:
    """The scan that the till refers to, of its own store and not further than `max_age` from `at`. Raises Problem."""
    scan = await visits_repository.find_scan(conn, reference.member_id, reference.scan_id, till.store_id)
    if scan is None or abs(scan.at - at) > max_age:
        raise Problem("scan-unknown", "Scan the card again at this store and send what that answers.")
    return scan


async def purchase(
    conn: Connection,
    keyring: Keyring,
    snapshot: Snapshot,
    till: Till,
    reference: ScanReference,
    basket: Basket,
    purchased_at: datetime,
    now: datetime,
) -> PurchaseResult:
    """Points, stamps and ranks count from `purchased_at`, by the till's clock. Raises Problem."""
    refusal = judge_event_time(purchased_at, now)
    if refusal is not None:
        raise Problem(
            "purchase-time-out-of-range", "Correct the till's clock; older purchases are not taken.", reason=refusal
        )
    await find_scan(conn, till, reference, purchased_at, max_age=MAX_SCAN_AGE_FOR_PURCHASE)
    bought = new_purchase(till, reference.member_id, reference.scan_id, basket, purchased_at)
    await hold_persons(conn, [bought.member_id])
    await reserve_purchases(conn, keyring, [bought])
    await purchases_repository.insert_purchases(conn, [bought])
    (rewarded,) = await reward_events(conn, [msgspec.structs.replace(earning_event_of(bought), now=now)])
    coupons = await grant_full_cards(conn, snapshot, rewarded.full_cards)
    delta = FactsDelta(coupons_issued=coupons, is_of_one_member=rewarded.is_of_one_member)
    delta.note_points(rewarded.held_points, alone=rewarded.of_points_alone)
    delta.add_purchase(basket.amount, purchased_at)
    await add_to_facts(conn, {bought.member_id: delta})
    return PurchaseResult(
        id=bought.id,
        member_id=bought.member_id,
        points_earned=rewarded.points,
        points_balance=rewarded.balance,
        coupons_issued=coupons,
        full_stamp_cards=view_full_cards(rewarded.full_cards),
    )
