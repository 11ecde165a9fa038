"""`undo_redemption`: a till takes back a redemption, for it scanned the wrong coupon. The coupon can be used again.

The bounds are those of a scan's undo (`server.check_ins.undo`): the till's own last one, within `UNDO_WINDOW`, and not
after the member has become another one or was erased. The member is locked first, so that no merge comes between.
"""

from datetime import datetime

import msgspec

from audiences.facts_repository import recount_facts
from coupons.moves_repository import end_second_uses
from coupons.redemptions import redemptions_repository
from coupons.redemptions.redemption import TillRedemption
from ids import CouponId, MemberId, RedemptionId
from kit.database import Connection
from members.aliases_repository import lock_active_member
from programs.tills_repository import Till
from server.problems import Problem, not_found
from server.web.undo_window import UNDO_WINDOW


class UndoneRedemption(msgspec.Struct, frozen=True, kw_only=True):
    """A redemption that was undone."""

    redemption_id: RedemptionId
    """The id of the redemption."""
    member_id: MemberId
    """The member whose coupon it was."""
    coupon_id: CouponId
    """The coupon."""
    undone_at: datetime
    """When it was undone first; the same for every repetition."""
    is_coupon_usable: bool
    """True: the shopper can use the coupon now. False: it has expired, or it was redeemed again."""


async def undo_redemption(
    conn: Connection, till: Till, member_id: MemberId, redemption_id: RedemptionId, now: datetime
) -> UndoneRedemption:
    """The same answer where it was undone before. Raises Problem."""
    found = await _find(conn, till, member_id, redemption_id)
    if found.undone_at is None:
        await _require_undoable(conn, till, found, now)
        if await redemptions_repository.undo_redemption(conn, found, now):
            # As a member who became this one they may have used the period's coupon too.
            await end_second_uses(conn, member_id, now)
            await recount_facts(conn, [member_id])
        found = await _find(conn, till, member_id, redemption_id)
    assert found.undone_at is not None
    usable = await redemptions_repository.is_coupon_usable(conn, member_id, found.coupon_id, now)
    return UndoneRedemption(
        redemption_id=found.id,
        member_id=found.member_id,
        coupon_id=found.coupon_id,
        undone_at=found.undone_at,
        is_coupon_usable=usable,
    )


async def _find(conn: Connection, till: Till, member_id: MemberId, redemption_id: RedemptionId) -> TillRedemption:
    found = await redemptions_repository.find_till_redemption(conn, member_id, redemption_id, till.id)
    if found is None:  # another till's, too
        raise not_found("redemption")
    return found


async def _require_undoable(conn: Connection, till: Till, redemption: TillRedemption, now: datetime) -> None:
    if redemption.redeemed_at < now - UNDO_WINDOW:
        raise Problem("undo-expired", "Give the shopper what the coupon was for: its use is too long ago to undo.")
    if await redemptions_repository.has_newer_redemption(conn, redemption, till.id):
        raise Problem("redemption-not-last", "Undo what this till has redeemed since, first.")
    if await lock_active_member(conn, redemption.member_id) in ("merged", "erased"):
        raise Problem("undo-expired", "Give the shopper what the coupon was for: their card has moved since.")
