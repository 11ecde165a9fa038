"""The staff void one coupon, from its page, and give it back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from litestar import Controller, Response, post
from litestar.params import FromPath

from ids import CouponId, MemberId
from kit.database import Connection
from programs.staff_repository import Session
from server.console.forms import book, read_fields
from server.console.members.coupon_page import show_coupon_page
from server.console.members.member_page import member_url
from server.faces.pages import PageRequest, lead_to
from server.problems import Problem
from server.redemptions.void_coupon import lift_void, void_coupon
from server.redemptions.void_routes import MAX_REASON
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services

# Problems that the page itself says, where there is one: of what the staff may not see there is none.
_SAID = {
    "not-found": "void_changed",
    "coupon-voided": "void_changed",
    "already-redeemed": "void_changed",
    "coupon-withdrawn": "void_changed",
    "coupon-expired": "void_changed",
    "invalid-member-state": "void_moved",
    "forbidden": "void_not_yours",
    "idempotency-in-flight": "form_in_flight",
    "idempotency-key-reused": "form_sent_before",
}


class CouponVoidPageController(Controller):
    path = "/console/members/{member_id:uuid}/coupons/{coupon_id:uuid}"

    @post("/void", status_code=303)
    async def void(
        self,
        member_id: FromPath[MemberId],
        coupon_id: FromPath[CouponId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        typed = await read_fields(request)
        reason = typed.get("reason", "").strip()
        if not 1 <= len(reason) <= MAX_REASON or typed.get("sure") != "yes":
            return await show_coupon_page(request, staff, services, member_id, coupon_id, typed, error="void_unready")

        async def work(conn: Connection, now: datetime) -> object:
            return await void_coupon(conn, staff, member_id, coupon_id, reason, now)

        return await _do(request, staff, services, member_id, coupon_id, work, typed, done="void")

    @post("/lift", status_code=303)
    async def lift(
        self,
        member_id: FromPath[MemberId],
        coupon_id: FromPath[CouponId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        async def work(conn: Connection, now: datetime) -> object:
            return await lift_void(conn, staff, member_id, coupon_id, now)

        return await _do(request, staff, services, member_id, coupon_id, work, {}, done="lift")


async def _do(
    request: PageRequest,
    staff: Session,
    services: Services,
    member_id: MemberId,
    coupon_id: CouponId,
    work: Callable[[Connection, datetime], Awaitable[object]],
    typed: dict[str, str],
    *,
    done: str,
) -> Response[Any]:
    try:
        await book(request, services, work)
    except Problem as problem:
        if problem.slug not in _SAID:
            raise
        said = _SAID[problem.slug]
        return await show_coupon_page(request, staff, services, member_id, coupon_id, typed, error=said)
    return lead_to(f"{member_url(member_id, 'coupons')}/{coupon_id}?done={done}")
