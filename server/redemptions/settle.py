"""What becomes of a reservation: its coupons are redeemed with the receipt; it is given back, whole or in part.

The member is locked first (server/web/writes.py), so that no merge and no erasure comes between.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts, recount_facts, update_reward_facts
from coupons.moves_repository import end_second_uses
from coupons.redemptions import redemptions_repository, reservations_repository
from coupons.redemptions.conditions import may_go_together
from coupons.redemptions.reservation import HeldUse, Reservation, is_all_back, points_gone, take_back
from coupons.redemptions.usability import UseRefusal
from ids import CouponId, MemberId, RedemptionId, ReservationId
from kit.database import Connection
from kit.ids import new_id
from kit.locales import Locale
from members.aliases_repository import lock_active_member
from members.member import MemberState
from programs.tills_repository import Till
from server.problems import Problem, not_found
from server.redemptions.refusals import explain_refusal
from server.rewards.coupon_rewards import CouponReward, bring_rewards, take_back_rewards
from server.rewards.move_points import lock_holder
from server.runtime.snapshot import Snapshot


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
    points: int
    """The points that the coupons brought."""
    stamps: int
    """The stamps that they brought."""
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
    points_reversed: int
    """How many of the points that the coupons brought went, or are owed: the share of what came back, rounded up. Their
    stamps go when all has come back."""


class WrittenReceipt(msgspec.Struct, frozen=True):
    """`amount`: what is paid, as a check."""

    number: str
    amount: int


async def redeem_reservation(
    conn: Connection,
    snapshot: Snapshot,
    till: Till,
    member_id: MemberId,
    reservation_id: ReservationId,
    written: WrittenReceipt,
    locale: Locale,
    now: datetime,
) -> RedeemedReservation:
    """All coupons, or none. Raises Problem."""
    found = await reservations_repository.find_reservation(conn, member_id, reservation_id, till.store_id)
    if found is None:
        raise not_found("reservation")
    uses = await reservations_repository.list_uses(conn, found)
    await _hold_campaigns(conn, found, uses)
    state = await lock_active_member(conn, member_id)
    reservation = await _lock(conn, till, member_id, reservation_id)
    _require_open(reservation, state, now)
    if written.amount != reservation.left:
        raise Problem(
            "invalid-request",
            f"Give in amount what is left to pay with the coupons, which is {reservation.left}; for another basket,"
            " void this reservation and make a new one.",
        )
    await _require_usable(conn, reservation, uses, written, locale, now)
    reward = _reward_of(reservation)
    earned = await bring_rewards(conn, snapshot, till, reward, now)
    redemption_ids = {use.coupon_id: RedemptionId(new_id()) for use in uses if use.is_held}
    # What was said to come off is what all of them do together: where one ended otherwise since, none is redeemed.
    is_whole = len(redemption_ids) == reservation.uses and await reservations_repository.redeem_uses(
        conn, reservation, redemption_ids, written.number, till.id, now
    )
    if not is_whole:
        raise _over()
    delta = FactsDelta(
        coupons_used=len(redemption_ids), coupons_issued=earned, has_rewards=bool(reward.points or reward.stamps)
    )
    await add_to_facts(conn, {member_id: delta})
    return RedeemedReservation(
        reservation_id=reservation.id,
        member_id=member_id,
        receipt=written.number,
        redeemed_at=now,
        discount=reservation.discount,
        paid=reservation.left,
        points=reward.points,
        stamps=sum(reward.stamps.values()),
        redemption_ids=redemption_ids,
    )


async def void_reservation(
    conn: Connection, till: Till, member_id: MemberId, reservation_id: ReservationId, now: datetime
) -> VoidedReservation:
    """The same answer where it was voided before. What was used comes back to the member who used it, as long as they
    are that member. Raises Problem.
    """
    holder_id = await lock_holder(conn, member_id)
    reservation = await _lock(conn, till, member_id, reservation_id)
    if reservation.voided_at is None:
        gives_back = holder_id == member_id
        await _take_back(conn, till, reservation, holder_id, reservation.points, now, is_whole=True)
        await reservations_repository.void_reservation(conn, reservation, now, gives_back=gives_back)
        if gives_back:
            # As a member who became this one they may have used the period's coupon too.
            await end_second_uses(conn, member_id, now)
        if holder_id is not None:
            await recount_facts(conn, [holder_id])
    return VoidedReservation(
        reservation_id=reservation.id,
        member_id=member_id,
        voided_at=reservation.voided_at or now,
        due_back=0 if reservation.redeemed_at is None else reservation.left,
    )


async def refund_reservation(
    conn: Connection,
    till: Till,
    member_id: MemberId,
    reservation_id: ReservationId,
    pieces: Mapping[int, int],
    now: datetime,
) -> RefundedReservation:
    """Of lines of the basket so many pieces come back. The coupons stay used. Raises Problem."""
    holder_id = await lock_holder(conn, member_id)
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
    gone, is_whole = points_gone(reservation.lines, lines), is_all_back(lines)
    taken = await _take_back(conn, till, reservation, holder_id, gone, now, is_whole=is_whole)
    if holder_id is not None:
        await update_reward_facts(conn, [holder_id])
    return RefundedReservation(
        reservation_id=reservation.id,
        due_back=due,
        refunded=reservation.refunded + due,
        left=reservation.left - due,
        points_reversed=taken,
    )


def _reward_of(reservation: Reservation) -> CouponReward:
    return CouponReward(
        member_id=reservation.member_id,
        source_key=f"reservation:{reservation.id}",
        points=reservation.points,
        stamps=reservation.stamps,
    )


async def _take_back(
    conn: Connection,
    till: Till,
    reservation: Reservation,
    holder_id: MemberId | None,
    points: int,
    now: datetime,
    *,
    is_whole: bool,
) -> int:
    """Of what the coupons brought, so many points, and with all that was bought the stamps; how many points went."""
    reward = _reward_of(reservation)
    if holder_id is None or reservation.redeemed_at is None or not (reward.points or reward.stamps):
        return 0
    return await take_back_rewards(
        conn, till, reward.member_id, holder_id, reward.source_key, points, now, and_stamps=is_whole
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


async def _require_usable(
    conn: Connection,
    reservation: Reservation,
    uses: list[HeldUse],
    written: WrittenReceipt,
    locale: Locale,
    now: datetime,
) -> None:
    """What was withdrawn since it was reserved is not redeemed. That it has expired since is nothing against it. With
    coupons that other members have used with the same receipt it goes together as with their own.
    """
    wanted = [(reservation.member_id, use.coupon_id, reservation.store_id) for use in uses]
    found = await redemptions_repository.read_redeemables(conn, wanted, now) if wanted else {}
    for coupon in found.values():
        if coupon.withdrawal is not None:
            refusal = UseRefusal(reason="withdrawn", at=coupon.withdrawal.at)
            raise explain_refusal(refusal, coupon, locale)
    company = await reservations_repository.read_company(conn, reservation, written.number, now)
    for coupon in found.values():
        if not all(may_go_together(coupon.grant.conditions, other) for other in company):
            raise explain_refusal(UseRefusal(reason="not_combinable"), coupon, locale)


def _over() -> Problem:
    return Problem(
        "reservation-over", "Quote the basket again and reserve anew: this reservation holds nothing any more."
    )
