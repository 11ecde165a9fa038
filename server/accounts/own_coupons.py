"""A coupon of the member whose device asks."""

from coupons import coupons_repository
from coupons.coupon import MemberCoupon
from ids import CouponId
from kit.database import Connection
from members.aliases_repository import history_ids
from members.device import Device
from server.problems import not_found


async def require_coupon(conn: Connection, device: Device, coupon_id: CouponId) -> MemberCoupon:
    """Raises Problem for one that is not among the member's."""
    members = await history_ids(conn, device.member_id)
    coupon = await coupons_repository.find_coupon_of_member(conn, members, coupon_id)
    if coupon is None:
        raise not_found("coupon")
    return coupon
