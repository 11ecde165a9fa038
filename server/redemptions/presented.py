"""The coupons that a shopper shows at a till, by their codes or by the card: as they are now, here."""

from collections.abc import Collection
from datetime import datetime, timedelta

from coupons import coupons_repository
from coupons.coupon_codes import read_coupon_code
from coupons.redemptions import redemptions_repository
from coupons.redemptions.redemption import RedeemableCoupon
from coupons.redemptions.usability import UseRefusal, UseRefusalReason, judge_coupon
from ids import CouponId, MemberId, StoreId
from kit.database import Connection
from kit.locales import Locale
from kit.sealing import Keyring
from members.aliases_repository import history_ids
from programs.tills_repository import Till
from server.problems import Problem
from server.purchases.purchase import ScanReference, find_scan
from server.redemptions.baskets import PresentedCoupons
from server.redemptions.refusals import coupon_unknown, explain_refusal
from visits.trust import EvidenceKind

MAX_SCAN_AGE = timedelta(minutes=15)
# Of a member who holds more, those that were issued last.
MAX_OF_MEMBER = 100

_Wanted = tuple[MemberId, CouponId, StoreId]


async def find_presented(
    conn: Connection,
    keyring: Keyring,
    till: Till,
    presented: PresentedCoupons,
    now: datetime,
    *,
    evidence: Collection[EvidenceKind] | None = None,
) -> list[RedeemableCoupon]:
    """In the order of their ids. `evidence`: what a scan must have been of; None: anything.

    Raises Problem for a code that is none of this program's, for an unknown scan, and for one that proves too little.
    """
    if (presented.coupons is None) == (presented.member_id is None):
        raise Problem("invalid-request", "Send either coupons, or member_id and scan_id.")
    if (presented.member_id is None) != (presented.scan_id is None):
        raise Problem("invalid-request", "Send member_id and scan_id together.")
    if presented.coupons is not None:
        return await _find_by_codes(conn, keyring, till, presented.coupons, now)
    assert presented.member_id is not None
    assert presented.scan_id is not None
    reference = ScanReference(presented.member_id, presented.scan_id)
    scan = await find_scan(conn, till, reference, now, max_age=MAX_SCAN_AGE)
    if evidence is not None and scan.kind not in evidence:
        raise Problem(
            "scan-trust-too-low", "Scan the card's code from the app, or the coupons' codes: a number uses no coupon."
        )
    names = await history_ids(conn, presented.member_id)
    held = (await coupons_repository.list_usable_coupons(conn, names, now))[:MAX_OF_MEMBER]
    return await _read(conn, till, [(each.member_id, each.id, till.store_id) for each in held], now)


async def refuse_anew(
    conn: Connection, coupon: RedeemableCoupon, reason: UseRefusalReason, locale: Locale, now: datetime
) -> Problem:
    """Somebody was faster in this very moment, so it is asked again why not; `reason`: where nothing says more."""
    asked = (coupon.member_id, coupon.coupon_id, coupon.store_id)
    found = await redemptions_repository.read_redeemables(conn, [asked], now)
    again = next(iter(found.values()), coupon)
    return explain_refusal(judge_coupon(again, now) or UseRefusal(reason=reason), again, locale)


async def _find_by_codes(
    conn: Connection, keyring: Keyring, till: Till, codes: list[str], now: datetime
) -> list[RedeemableCoupon]:
    read = [read_coupon_code(keyring, code) for code in codes]
    wanted = sorted({(code.member_id, code.coupon_id, till.store_id) for code in read if code is not None})
    found = await _read(conn, till, wanted, now)
    known = {coupon.coupon_id for coupon in found}
    if any(code is None or code.coupon_id not in known for code in read):
        raise coupon_unknown()
    return found


async def _read(conn: Connection, till: Till, wanted: list[_Wanted], now: datetime) -> list[RedeemableCoupon]:
    if not wanted:
        return []
    found = await redemptions_repository.read_redeemables(conn, wanted, now)
    return sorted(
        (coupon for coupon in found.values() if coupon.program_id == till.program_id),
        key=lambda coupon: coupon.coupon_id,
    )
