"""What becomes of a reservation: its coupons are redeemed with the receipt; it is given back, whole or in part.

The member is locked first (server/web/writes.py), so that no merge and no erasure comes between.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts, recount_facts
from coupons import redemptions_repository, reservations_repository
from coupons.moves_repository import end_second_uses
from coupons.reservation import HeldUse, Reservation, take_back
from coupons.usability import UseRefusal
from ids import CouponId, MemberId, RedemptionId, ReservationId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from members.aliases_repository import lock_active_member
from members.member import MemberState
from programs.tills_repository import Till
from server.problems import Problem, not_found
from server.redemptions.refusals import explain_refusal


class RedeemedReservation(msgspec.Struct, frozen=True, kw_only=True):
    """Coupons that were redeemed together."""

    reservation_id: ReservationId
    """The reservation: to give the receipt back, the till names it and the member."""
    member_id: MemberId
    """The member whose coupons they were."""
    receipt: str
    """The receipt's number."""
    redeemed_at: datetime
    """When they were redeemed."""
    discount: int
    """What they took off, in minor units of the program's currency."""
    paid: int
    """What was left to pay."""
    redemption_ids: dict[CouponId, RedemptionId]
    """The redemption of each coupon."""


class VoidedReservation(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation that was voided: before its redemption, or with its receipt."""

    reservation_id: ReservationId
    """The reservation."""
    member_id: MemberId
    """The member whose coupons they are."""
    voided_at: datetime
    """When it was voided first; the same for every repetition."""
    due_back: int
    """What the shopper gets back by it, in minor units of the program's currency: what was paid, and has not come back
    before. 0 where nothing was redeemed."""


class RefundedReservation(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a receipt that came back."""

    reservation_id: ReservationId
    """The reservation."""
    due_back: int
    """What the shopper gets back for these pieces, in minor units of the program's currency: what they cost less their
    share of the discount, rounded down."""
    refunded: int
    """What has come back of the receipt in all."""
    left: int
    """What was paid and has not come back."""


async def redeem_reservation(
    conn: Connection,
    till: Till,
    member_id: MemberId,
    reservation_id: ReservationId,
    receipt: str,
    amount: int,
    locale: Locale,
    now: datetime,
) -> RedeemedReservation:
    """All coupons, or none. `amount`: what is paid, as a check. Raises Problem."""
    found = await reservations_repository.find_reservation(conn, member_id, reservation_id, till.store_id)
    if found is None:
        raise not_found("reservation")
    uses = await reservations_repository.list_uses(conn, found)
    await _hold_campaigns(conn, found, uses)
    state = await lock_active_member(conn, member_id)
    reservation = await _lock(conn, till, member_id, reservation_id)
    _require_open(reservation, state, now)
    if amount != reservation.left:
        raise Problem(
            "invalid-request",
            f"Give in amount what is left to pay with the coupons, which is {reservation.left}; for another basket,"
            " void this reservation and make a new one.",
        )
    await _require_not_withdrawn(conn, reservation, uses, locale, now)
    redemption_ids = {use.coupon_id: RedemptionId(new_id()) for use in uses if use.is_held}
    is_whole = bool(redemption_ids) and await reservations_repository.redeem_uses(
        conn, reservation, redemption_ids, receipt, till.id, now
    )
    if not is_whole:
        raise _over()
    await add_to_facts(conn, {member_id: FactsDelta(coupons_used=len(redemption_ids))})
    return RedeemedReservation(
        reservation_id=reservation.id,
        member_id=member_id,
        receipt=receipt,
        redeemed_at=now,
        discount=reservation.discount,
        paid=reservation.left,
        redemption_ids=redemption_ids,
    )


async def void_reservation(
    conn: Connection, till: Till, member_id: MemberId, reservation_id: ReservationId, now: datetime
) -> VoidedReservation:
    """The same answer where it was voided before. What was used comes back to the member who used it, as long as they
    are that member. Raises Problem.
    """
    state = await lock_active_member(conn, member_id)
    reservation = await _lock(conn, till, member_id, reservation_id)
    if reservation.voided_at is None:
        gives_back = state in ("active", "blocked")
        await reservations_repository.void_reservation(conn, reservation, now, gives_back=gives_back)
        if gives_back:
            # As a member who became this one they may have used the period's coupon too.
            await end_second_uses(conn, member_id, now)
            await recount_facts(conn, [member_id])
    return VoidedReservation(
        reservation_id=reservation.id,
        member_id=member_id,
        voided_at=reservation.voided_at or now,
        due_back=0 if reservation.redeemed_at is None else reservation.left,
    )


async def refund_reservation(
    conn: Connection, till: Till, member_id: MemberId, reservation_id: ReservationId, pieces: Mapping[int, int]
) -> RefundedReservation:
    """Of lines of the basket so many pieces come back. The coupons stay used. Raises Problem."""
    await lock_active_member(conn, member_id)
    reservation = await _lock(conn, till, member_id, reservation_id)
    if reservation.redeemed_at is None or reservation.voided_at is not None:
        raise _over()
    after = take_back(reservation.lines, pieces)
    if after is None:
        raise Problem(
            "return-exceeds-basket",
            "Name lines of the basket that was reserved, and of each no more pieces than have not come back.",
        )
    lines, due = after
    await reservations_repository.set_refunded(conn, reservation, reservation.refunded + due, lines)
    return RefundedReservation(
        reservation_id=reservation.id,
        due_back=due,
        refunded=reservation.refunded + due,
        left=reservation.left - due,
    )


async def _lock(conn: Connection, till: Till, member_id: MemberId, reservation_id: ReservationId) -> Reservation:
    reservation = await reservations_repository.lock_reservation(conn, member_id, reservation_id, till.store_id)
    if reservation is None:  # of another store, too
        raise not_found("reservation")
    return reservation


def _require_open(reservation: Reservation, state: MemberState | None, now: datetime) -> None:
    if reservation.redeemed_at is not None and reservation.voided_at is None:
        raise Problem(
            "already-redeemed",
            "Do not honour it again: this reservation was redeemed with a receipt.",
            redeemed_at=reservation.redeemed_at,
        )
    if reservation.voided_at is not None or reservation.held_until <= now or state != "active":
        raise _over()


async def _hold_campaigns(conn: Connection, reservation: Reservation, uses: list[HeldUse]) -> None:
    wanted = [(reservation.member_id, use.coupon_id, reservation.store_id) for use in uses]
    if wanted:
        await redemptions_repository.hold_campaigns(conn, wanted)


async def _require_not_withdrawn(
    conn: Connection, reservation: Reservation, uses: list[HeldUse], locale: Locale, now: datetime
) -> None:
    """What was withdrawn since it was reserved is not redeemed. That it has expired since is nothing against it."""
    wanted = [(reservation.member_id, use.coupon_id, reservation.store_id) for use in uses]
    found = await redemptions_repository.read_redeemables(conn, wanted, now) if wanted else {}
    for coupon in found.values():
        if coupon.withdrawal is not None:
            refusal = UseRefusal(reason="withdrawn", at=coupon.withdrawal.at)
            raise explain_refusal(refusal, coupon, locale)


def _over() -> Problem:
    return Problem(
        "reservation-over", "Quote the basket again and reserve anew: this reservation holds nothing any more."
    )
