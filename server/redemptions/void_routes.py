"""One coupon of a member is voided by the staff, with a reason, and given back."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, post
from litestar.params import FromPath, JSONBody

from ids import CouponId, MemberId
from kit.database import Connection
from server.redemptions.void_coupon import RestoredCoupon, VoidedCoupon, lift_void, void_coupon
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.writes import write

MAX_REASON = 500


class VoidCouponRequest(Body, frozen=True):
    """The void of one coupon."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_REASON, pattern=r"\S")]
    """Why. The staff read it; the shopper reads only that the shop has voided the coupon."""


class CouponVoidController(Controller):
    path = "/v1/members/{member_id:uuid}/coupons/{coupon_id:uuid}/void"
    tags = ("Campaigns",)

    @post(operation_id="voidCoupon", summary="Void one coupon of a member, with a reason", status_code=200)
    async def void_coupon(
        self,
        member_id: FromPath[MemberId],
        coupon_id: FromPath[CouponId],
        data: JSONBody[VoidCouponRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[VoidedCoupon]:
        """What is left of it can be used no more; a receipt that holds it is over. What a till has redeemed stays
        redeemed, and is given back with its receipt. A store manager voids coupons of campaigns for their own stores
        only.
        """

        async def work(conn: Connection, now: datetime) -> VoidedCoupon:
            return await void_coupon(conn, staff, member_id, coupon_id, data.reason, now)

        return await write(request, services, work)

    @delete(operation_id="restoreCoupon", summary="Give a voided coupon back", status_code=200)
    async def restore_coupon(
        self,
        member_id: FromPath[MemberId],
        coupon_id: FromPath[CouponId],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[RestoredCoupon]:
        """As it was, until it expires. It may be voided again."""

        async def work(conn: Connection, now: datetime) -> RestoredCoupon:
            return await lift_void(conn, staff, member_id, coupon_id, now)

        return await write(request, services, work)
