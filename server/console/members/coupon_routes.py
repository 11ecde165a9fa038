"""A member's coupons and messages, one coupon with its history, and the look-up of a coupon by its code."""

from typing import Any, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from coupons.coupon import MemberCoupon
from coupons.coupon_codes import read_coupon_code
from coupons.coupons_repository import find_coupon_of_member, list_coupons_of_member
from coupons.offers import choose_text
from ids import CouponId, MemberId
from kit.clock import utc_now
from kit.database import connect
from kit.locales import Locale
from kit.pages import make_page, parse_page
from kit.sql import load_queries
from members.aliases_repository import history_ids
from server.console.forms import read_fields
from server.console.members.care_words import CARE
from server.console.members.member_page import member_url, open_member
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest, lead_to
from server.problems import not_found
from server.web.dependencies import ServicesDependency, SessionDependency

QUERIES = load_queries(__file__, "care.sql")
_ROWS_A_PAGE = 30
_MOST_CODE = 200

CouponState = Literal["usable", "early", "used", "expired", "withdrawn"]


class CouponLine(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon as the staff see it."""

    coupon: MemberCoupon
    title: str
    body: str
    state: CouponState


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
        lines = [_line(each, page.viewing.locale) for each in coupons.items]
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
        async with connect(services.pool) as conn:
            page = await open_member(conn, request, services, staff, member_id, "coupons")
            coupon = await find_coupon_of_member(conn, await history_ids(conn, member_id), coupon_id)
            if coupon is None:
                raise not_found("coupon")
            uses = await conn.fetch(QUERIES.list_uses_of_coupon, coupon.member_id, coupon_id)
        return page.show(template="coupon", line=_line(coupon, page.viewing.locale), uses=uses)

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
        code = read_coupon_code(services.keyring, typed)
        async with connect(services.pool) as conn:
            owner_id = (
                None
                if code is None
                else await conn.fetchval(QUERIES.find_owner_of_coupon, staff.program_id, code.member_id, code.coupon_id)
            )
            if code is not None and owner_id is not None:
                return lead_to(f"{member_url(owner_id, 'coupons')}/{code.coupon_id}")
            viewing = await open_viewing(conn, request, services, staff)
        return viewing.show("console/members/look_up.html", CARE, status=422, typed=typed, error="code_unknown")


def _line(coupon: MemberCoupon, locale: Locale) -> CouponLine:
    text = choose_text(coupon.offer, locale, coupon.store_name)
    return CouponLine(coupon=coupon, title=text.title, body=text.body, state=_state(coupon))


def _state(coupon: MemberCoupon) -> CouponState:
    now = utc_now()
    if coupon.redeemed_at is not None and coupon.uses_left == 0:
        return "used"
    if coupon.withdrawal is not None:
        return "withdrawn"
    if coupon.expires_at <= now:
        return "expired"
    usable_from = coupon.grant.conditions.usable_from
    return "early" if usable_from is not None and now < usable_from else "usable"
