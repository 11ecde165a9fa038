"""`void_coupon`: the staff end what is left of one coupon, with a reason; `lift_void` gives it back.

The member is locked first (server/web/writes.py), so that of all that tills do only a use by the coupon's code alone
comes between: the key of `redemptions` decides. A void of the whole campaign is its withdrawal (server/campaigns).
"""

from datetime import datetime
from typing import Any

import msgspec

from audiences.facts_repository import recount_facts
from coupons import voids_repository
from coupons.campaigns.campaign import Campaign
from coupons.coupon import MemberCoupon
from coupons.coupons_repository import find_coupon_of_member
from coupons.moves_repository import end_second_uses
from coupons.voiding import CouponVoid, VoidRefusalReason, judge_void
from ids import CampaignId, CouponId, CouponVoidId, MemberId
from kit.database import Connection
from kit.ids import new_id
from members.aliases_repository import lock_members
from programs.staff_repository import Session
from push.deferred_repository import drop_messages
from server.campaigns.own_campaigns import find_campaign_of, require_own
from server.problems import Problem, not_found
from server.web.scoping import find_history_of


class VoidedCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that was voided."""

    coupon_id: CouponId
    """The coupon."""
    member_id: MemberId
    """The member whose coupon it is."""
    campaign_id: CampaignId
    """The campaign that issued it."""
    voided_at: datetime
    """When it was voided."""
    uses_ended: int
    """How many uses were left of it. Those that tills had made before stay made."""
    reason: str
    """Why, for the staff."""


class RestoredCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that was given back after it had been voided."""

    coupon_id: CouponId
    """The coupon."""
    member_id: MemberId
    """The member whose coupon it is."""
    lifted_at: datetime
    """When it was given back."""
    uses_left: int
    """How often it can be used again, until it expires."""


async def find_coupon_for(
    conn: Connection, staff: Session, member_id: MemberId, coupon_id: CouponId
) -> tuple[MemberCoupon, Campaign]:
    """A coupon of the member, or of somebody who became them. A store manager finds those of campaigns that cover one
    of their stores. Raises Problem.
    """
    members = await find_history_of(conn, staff, member_id)
    coupon = await find_coupon_of_member(conn, members, coupon_id)
    if coupon is None:
        raise not_found("coupon")
    return coupon, await find_campaign_of(conn, staff, coupon.campaign_id)


async def void_coupon(
    conn: Connection, staff: Session, member_id: MemberId, coupon_id: CouponId, reason: str, now: datetime
) -> VoidedCoupon:
    """Its place in the campaign's caps and its period stay taken: it was issued. Raises Problem."""
    coupon = await _lock_coupon(conn, staff, member_id, coupon_id)
    refusal = judge_void(coupon, now)
    if refusal is not None:
        raise _refuse(refusal, coupon)
    void = CouponVoid(
        id=CouponVoidId(new_id()),
        member_id=coupon.member_id,
        coupon_id=coupon_id,
        reason=reason,
        voided_by=staff.staff_id,
        voided_at=now,
    )
    ended = await voids_repository.void_coupon(conn, void)
    if not ended:  # in this very moment, at a till
        raise _refuse("redeemed", coupon)
    await drop_messages(conn, coupon.member_id, [coupon_id], "coupon_voided")
    return VoidedCoupon(
        coupon_id=coupon_id,
        member_id=coupon.member_id,
        campaign_id=coupon.campaign_id,
        voided_at=now,
        uses_ended=ended,
        reason=reason,
    )


async def lift_void(
    conn: Connection, staff: Session, member_id: MemberId, coupon_id: CouponId, now: datetime
) -> RestoredCoupon:
    """As it was, with the uses that were left and those that tills have taken back since. What was dropped of its
    messages is not sent any more. Raises Problem.
    """
    coupon = await _lock_coupon(conn, staff, member_id, coupon_id)
    void = await voids_repository.find_standing_void(conn, coupon.member_id, coupon_id)
    if void is None:
        raise not_found("void")
    lifted_at = await voids_repository.lift_void(conn, void, staff.staff_id, now)
    # As a member who became this one they may have used the period's coupon meanwhile.
    await end_second_uses(conn, coupon.member_id, now)
    await recount_facts(conn, [coupon.member_id])
    lifted = await find_coupon_of_member(conn, [coupon.member_id], coupon_id)
    return RestoredCoupon(
        coupon_id=coupon_id,
        member_id=coupon.member_id,
        lifted_at=lifted_at,
        uses_left=0 if lifted is None else lifted.uses_left,
    )


async def _lock_coupon(conn: Connection, staff: Session, member_id: MemberId, coupon_id: CouponId) -> MemberCoupon:
    """As it is until the commit, if it is theirs to void. Its member is there, and has not become another one."""
    found, campaign = await find_coupon_for(conn, staff, member_id, coupon_id)
    require_own(staff, campaign)
    states = await lock_members(conn, [found.member_id])
    if states[found.member_id] not in ("active", "blocked", "closed"):
        raise Problem("invalid-member-state", "Do nothing more: what was left of it is on the member's new card.")
    coupon = await find_coupon_of_member(conn, [found.member_id], coupon_id)
    if coupon is None:
        raise not_found("coupon")
    return coupon


_REFUSALS: dict[VoidRefusalReason, tuple[str, str]] = {
    "voided": ("coupon-voided", "Do nothing more: the coupon was voided before."),
    "redeemed": (
        "already-redeemed", "Void the receipt at the till that redeemed it: nothing of this coupon is left to void.",
    ),
    "withdrawn": ("coupon-withdrawn", "Do nothing more: its campaign was withdrawn, and the coupon with it."),
    "expired": ("coupon-expired", "Do nothing more: the coupon has expired."),
}  # fmt: skip


def _refuse(reason: VoidRefusalReason, coupon: MemberCoupon) -> Problem:
    slug, detail = _REFUSALS[reason]
    withdrawn_at = None if coupon.withdrawal is None else coupon.withdrawal.at
    moments: dict[VoidRefusalReason, dict[str, Any]] = {
        "voided": {"voided_at": coupon.voided_at},
        "redeemed": {"redeemed_at": coupon.redeemed_at},
        "withdrawn": {"withdrawn_at": withdrawn_at},
        "expired": {"expired_at": coupon.expires_at},
    }
    return Problem(slug, detail, **{name: at for name, at in moments[reason].items() if at is not None})
