"""`reserve`: coupons are held for a receipt that is being written, so that no other till uses them meanwhile.

A reservation ends by itself: what it holds counts as free again once its time has passed, whoever looks.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from coupons.redemptions import redemptions_repository, reservations_repository
from coupons.redemptions.baskets import Basket
from coupons.redemptions.quoting import Quote
from coupons.redemptions.redemption import RedeemableCoupon, Taking
from coupons.redemptions.reservation import Reservation, count_stamps, reserve_lines
from ids import CouponId, MemberId, RedemptionId, ReservationId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from kit.sealing import Keyring
from members.aliases_repository import lock_active_member
from programs.tills_repository import Till
from server.problems import Problem
from server.purchases.spend import SPENDING_EVIDENCE
from server.redemptions.baskets import PresentedCoupons, QuotedCoupon
from server.redemptions.presented import find_presented, refuse_anew
from server.redemptions.quote import asks_for_rewards, quote_coupons, view_quote
from server.redemptions.refusals import coupon_unknown, explain_refusal
from server.rewards.coupon_rewards import read_earning


class ReservationResult(msgspec.Struct, frozen=True, kw_only=True):
    """Coupons that are held for a receipt."""

    reservation_id: ReservationId
    """The reservation: to redeem or to void it, the till names it and the member."""
    member_id: MemberId
    """The member whose coupons they are."""
    held_until: datetime
    """Until then no other till can use them, and this one can. From then on the reservation is over."""
    total: int
    """What the basket costs without coupons, in minor units of the program's currency."""
    discount: int
    """What the coupons take off."""
    to_pay: int
    """What is left to pay."""
    points: int
    """The points that the coupons bring with the receipt, on top of those that the purchase earns."""
    stamps: int
    """The stamps that they bring."""
    coupons: list[QuotedCoupon]
    """The coupons that are held."""


async def reserve(
    conn: Connection,
    keyring: Keyring,
    till: Till,
    presented: PresentedCoupons,
    coupon_ids: Sequence[CouponId] | None,
    basket: Basket,
    hold: timedelta,
    now: datetime,
) -> ReservationResult:
    """Of codes all that are presented, or nothing; of a card the best combination, of `coupon_ids` if they are given.

    Raises Problem.
    """
    coupons, answer = await _choose(conn, keyring, till, presented, coupon_ids, basket, now)
    (member_id, *others) = {coupon.member_id for coupon in coupons}
    if others:
        raise Problem("invalid-request", "Reserve the coupons of each member by themselves.")
    if await lock_active_member(conn, member_id) != "active":  # they have become another one in this moment, or left
        raise coupon_unknown()
    reservation = Reservation(
        member_id=member_id,
        id=ReservationId(new_id()),
        store_id=till.store_id,
        amount=basket.total,
        discount=answer.discount,
        lines=reserve_lines(basket, answer.applied),
        stamps=count_stamps({coupon.coupon_id: coupon.grant for coupon in coupons}, answer.applied),
        uses=len(coupons),
        refunded=0,
        held_until=now + hold,
        redeemed_at=None,
        voided_at=None,
        receipt=None,
    )
    await reservations_repository.insert_reservation(conn, reservation, till.program_id, till.id, now)
    await _hold(conn, till, reservation, coupons, presented.locale, now)
    quoted = view_quote(basket, coupons, answer, presented.locale)
    return ReservationResult(
        reservation_id=reservation.id,
        member_id=member_id,
        held_until=reservation.held_until,
        total=quoted.total,
        discount=quoted.discount,
        to_pay=quoted.to_pay,
        points=quoted.points,
        stamps=quoted.stamps,
        coupons=quoted.coupons,
    )


async def _choose(
    conn: Connection,
    keyring: Keyring,
    till: Till,
    presented: PresentedCoupons,
    coupon_ids: Sequence[CouponId] | None,
    basket: Basket,
    now: datetime,
) -> tuple[list[RedeemableCoupon], Quote]:
    """Those that are to be held, and what they take off."""
    found = await find_presented(conn, keyring, till, presented, now, evidence=SPENDING_EVIDENCE)
    if coupon_ids is not None:
        wanted = set(coupon_ids)
        found = [coupon for coupon in found if coupon.coupon_id in wanted]
        if len(found) < len(wanted):
            raise coupon_unknown()
    earning = await read_earning(conn, till.program_id, is_asked=asks_for_rewards(found))
    answer = quote_coupons(basket, found, earning, now)
    is_all = presented.coupons is not None or coupon_ids is not None
    for coupon in found:
        if is_all and coupon.coupon_id in answer.refused:
            raise explain_refusal(answer.refused[coupon.coupon_id], coupon, presented.locale)
    if not answer.applied:
        raise Problem("nothing-to-reserve", "Take the full price: POST /v1/coupons/quote says why no coupon applies.")
    return [coupon for coupon in found if coupon.coupon_id in answer.applied], answer


async def _hold(
    conn: Connection,
    till: Till,
    reservation: Reservation,
    coupons: Sequence[RedeemableCoupon],
    locale: Locale,
    now: datetime,
) -> None:
    """All of them, or Problem is raised."""
    takings = {RedemptionId(new_id()): coupon for coupon in coupons}
    taken = await redemptions_repository.take_uses(
        conn,
        [
            Taking(
                id=taking_id,
                member_id=coupon.member_id,
                coupon_id=coupon.coupon_id,
                uses=coupon.grant.uses,
                store_id=till.store_id,
                till_id=till.id,
                taken_at=now,
                reservation_id=reservation.id,
                held_until=reservation.held_until,
            )
            for taking_id, coupon in takings.items()
        ],
    )
    for taking_id, coupon in takings.items():
        if taking_id not in taken:
            raise await refuse_anew(conn, coupon, "held", locale, now)
