"""What a visit earned and does not deserve any more: the part of `undo` behind the visit's lock."""

from datetime import datetime

from coupons.campaigns.triggers import TRIGGERS
from coupons.coupon import EarnedCoupon
from coupons.redemptions import undoing_repository as ending
from ids import CouponId, StampCardId
from kit.database import Connection
from points import postings_repository, stamps_repository
from points.ledger import Memo
from points.stamps import CardCompletion, may_revoke
from programs.tills_repository import Till
from push.deferred_repository import drop_messages
from server.check_ins.check_in import visit_source_key
from server.rewards.earn import posting_key
from server.rewards.ranks import update_member_ranks
from visits.evidence import TillScan
from visits.trust import TRUST_LEVELS
from visits.undoing_repository import list_coupons_of_visit
from visits.visit import LockedVisit

# Stamps by card: with the full card that the stamp made, if it made one.
_Stamps = dict[StampCardId, CardCompletion | None]


async def reverse_rewards(
    conn: Connection, till: Till, scan: TillScan, visit: LockedVisit, now: datetime, *, earns_anew: bool
) -> tuple[int, int]:
    """How many points went or are owed, and how many coupons ended. `earns_anew`: points and stamps go."""
    holders = {scan.member_id: scan.program_id}
    accounts = await postings_repository.open_accounts(conn, holders)
    account = accounts[scan.member_id]
    taken = 0
    stamps: _Stamps = {}
    if earns_anew:
        account.expire(now)
        key = scan.member_id, posting_key(visit_source_key(scan.visit), visit.earning_round)
        earned = (await postings_repository.find_postings(conn, [key])).get(key)
        if earned is not None and not await postings_repository.find_reversals(conn, scan.member_id, earned.id):
            taken = earned.earned
            memo = Memo(
                cause="undo",
                source_key=f"undo:{scan.id}",
                at=now,
                store_id=till.store_id,
                actor=f"till:{till.id}",
            )
            account.reverse_earning(taken, earned, memo)
        await postings_repository.write_accounts(conn, accounts)
        stamps = await _find_stamps(conn, scan)
    ended = await ending.end_coupons(conn, scan.member_id, await _find_lost(conn, scan, visit, stamps), scan.id, now)
    await drop_messages(conn, scan.member_id, ended, "coupon_undone")
    await _revoke_stamps(conn, scan, stamps, ended, now)
    await update_member_ranks(conn, holders, now)
    return taken, len(ended)


async def _find_stamps(conn: Connection, scan: TillScan) -> _Stamps:
    """The stamps that may go. One whose full card was handed over, or has been used, stays as with a refund."""
    programs = await stamps_repository.read_stamp_cards(conn, [scan.program_id])
    cards = {card.id: card for card in programs.get(scan.program_id, ())}
    progress = await stamps_repository.read_progress(conn, [scan.member_id])
    found: _Stamps = {}
    for card_id in await stamps_repository.find_stamps(conn, scan.member_id, visit_source_key(scan.visit)):
        if card_id not in cards:
            continue
        held = progress[scan.member_id, card_id]
        if may_revoke(cards[card_id], held):
            found[card_id] = None
            continue
        full = await stamps_repository.find_completion(conn, scan.member_id, card_id, held.completed)
        if full is not None and full.decision != "card":
            found[card_id] = full
    return found


async def _find_lost(conn: Connection, scan: TillScan, visit: LockedVisit, stamps: _Stamps) -> list[EarnedCoupon]:
    """Coupons of the visit that what is left is not enough for, and of cards that it filled."""
    of_cards = {full.coupon_id for full in stamps.values() if full is not None and full.coupon_id is not None}
    coupon_ids = sorted({*await list_coupons_of_visit(conn, scan), *of_cards})
    found = await ending.find_coupons(conn, scan.member_id, coupon_ids) if coupon_ids else []
    return [
        coupon
        for coupon in found
        if coupon.id in of_cards or (_is_of_visit(coupon) and visit.falls_below(TRUST_LEVELS[coupon.min_trust_level]))
    ]


def _is_of_visit(coupon: EarnedCoupon) -> bool:
    return TRIGGERS[coupon.trigger].recorded_with == "visit"


async def _revoke_stamps(
    conn: Connection, scan: TillScan, stamps: _Stamps, ended: set[CouponId], now: datetime
) -> None:
    gone = []
    for card_id, full in stamps.items():
        if full is not None:
            if full.coupon_id is not None and full.coupon_id not in ended:
                continue  # it was redeemed
            await stamps_repository.remove_completion(conn, full)
        gone.append((card_id, visit_source_key(scan.visit)))
    await stamps_repository.revoke_stamps(conn, scan.member_id, gone, now)
