"""A member's coupons and messages, one coupon with its history, and the look-up of a coupon by its code."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from coupons.coupon_codes import read_coupon_code
from coupons.coupons_repository import list_coupons_of_member
from ids import CouponId, MemberId
from kit.database import Connection, connect
from kit.pages import make_page, parse_page
from kit.sql import load_queries
from members.aliases_repository import history_ids
from programs.staff_repository import Session
from server.console.forms import read_fields
from server.console.members.care_words import CARE
from server.console.members.coupon_page import line_of, show_coupon_page
from server.console.members.member_page import member_url, open_member
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest, lead_to
from server.problems import Problem
from server.redemptions.void_coupon import find_coupon_for
from server.web.dependencies import ServicesDependency, SessionDependency

QUERIES = load_queries(__file__, "care.sql")
_ROWS_A_PAGE = 30
_MOST_CODE = 200


class MemberCouponController(Controller):
    path = "/console/members/{member_id:uuid}"

    @get("/coupons")
    async def show_coupons(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        asked = parse_page(request.query_params.get("cursor") or None, _ROWS_A_PAGE)
        async with connect(services.pool) as conn:
            page = await open_member(conn, request, services, staff, member_id, "coupons")
            rows = await list_coupons_of_member(conn, await history_ids(conn, member_id), asked, None)
        coupons = make_page(rows, asked, lambda coupon: coupon.id)
        lines = [line_of(each, page.viewing.locale) for each in coupons.items]
        return page.show(lines=lines, next_cursor=coupons.next_cursor, url=member_url(member_id, "coupons"))

    @get("/coupons/{coupon_id:uuid}")
    async def show_coupon(
        self,
        member_id: FromPath[MemberId],
        coupon_id: FromPath[CouponId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        return await show_coupon_page(request, staff, services, member_id, coupon_id, {})

    @get("/messages")
    async def show_messages(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        asked = parse_page(request.query_params.get("cursor") or None, _ROWS_A_PAGE)
        async with connect(services.pool) as conn:
            page = await open_member(conn, request, services, staff, member_id, "messages")
            members = await history_ids(conn, member_id)
            rows = await conn.fetch(
                *QUERIES.list_messages_of_member(member_ids=members, before=asked.before, count=asked.fetch_count)
            )
        messages = make_page(rows, asked, lambda message: message["id"])
        return page.show(
            messages=messages.items, next_cursor=messages.next_cursor, url=member_url(member_id, "messages")
        )


class CouponLookUpController(Controller):
    path = "/console/coupons"

    @get()
    async def show_look_up(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
        return viewing.show("console/members/look_up.html", CARE, typed="", error=None)

    @post(status_code=303)
    async def look_up(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Any]:
        """By what the shopper's phone shows, scanned or typed. Whose it is stands in the code, behind a MAC of ours."""
        typed = (await read_fields(request)).get("code", "").strip()[:_MOST_CODE]
        code, error = read_coupon_code(services.keyring, typed), "code_unknown"
        async with connect(services.pool) as conn:
            owner_id = (
                None
                if code is None
                else await conn.fetchval(QUERIES.find_owner_of_coupon, staff.program_id, code.member_id, code.coupon_id)
            )
            if code is not None and owner_id is not None:
                if await _may_see(conn, staff, owner_id, code.coupon_id):
                    return lead_to(f"{member_url(owner_id, 'coupons')}/{code.coupon_id}")
                error = "code_elsewhere"
            viewing = await open_viewing(conn, request, services, staff)
        return viewing.show("console/members/look_up.html", CARE, status=422, typed=typed, error=error)


async def _may_see(conn: Connection, staff: Session, member_id: MemberId, coupon_id: CouponId) -> bool:
    """A store manager does where its campaign covers one of their stores."""
    try:
        await find_coupon_for(conn, staff, member_id, coupon_id)
    except Problem:
        return False
    return True
