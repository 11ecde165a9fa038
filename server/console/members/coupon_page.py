"""One coupon as the staff see it: what it is, what became of each use, and its void."""

from typing import Literal

import msgspec
from litestar import Response

from coupons.coupon import MemberCoupon
from coupons.offers import choose_text
from coupons.voiding import judge_void
from coupons.voids_repository import find_standing_void
from ids import CouponId, MemberId
from kit.clock import utc_now
from kit.database import connect
from kit.locales import Locale
from kit.sql import load_queries
from programs.staff_repository import Session, list_staff_names
from server.campaigns.own_campaigns import passes, require_own
from server.console.forms import new_form_key
from server.console.members.member_page import open_member
from server.faces.pages import PageRequest
from server.redemptions.void_coupon import find_coupon_for
from server.redemptions.void_routes import MAX_REASON
from server.web.services import Services

QUERIES = load_queries(__file__, "care.sql")

CouponState = Literal["usable", "early", "used", "expired", "voided", "withdrawn"]


class CouponLine(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon as the staff see it."""

    coupon: MemberCoupon
    title: str
    body: str
    state: CouponState


async def show_coupon_page(
    request: PageRequest,
    staff: Session,
    services: Services,
    member_id: MemberId,
    coupon_id: CouponId,
    typed: dict[str, str],
    *,
    error: str | None = None,
) -> Response[str]:
    """To who may not know who members are, by itself and without its member. Raises Problem."""
    async with connect(services.pool) as conn:
        coupon, campaign = await find_coupon_for(conn, staff, member_id, coupon_id)
        page = await open_member(conn, request, services, staff, member_id, "coupons")
        uses = await conn.fetch(QUERIES.list_uses_of_coupon, coupon.member_id, coupon_id)
        void = await find_standing_void(conn, coupon.member_id, coupon_id)
        names = {} if void is None else await list_staff_names(conn, staff.program_id, [void.voided_by])
    return page.show(
        status=200 if error is None else 422,
        template="coupon" if page.knows_names else "coupon_alone",
        line=line_of(coupon, page.viewing.locale),
        uses=uses,
        void=void,
        voided_by=None if void is None else names[void.voided_by],
        may_void=judge_void(coupon, utc_now()) is None,
        is_own=passes(require_own, staff, campaign),
        most=MAX_REASON,
        key=new_form_key(),
        typed=typed,
        error=error,
    )


def line_of(coupon: MemberCoupon, locale: Locale) -> CouponLine:
    text = choose_text(coupon.offer, locale, coupon.store_name)
    return CouponLine(coupon=coupon, title=text.title, body=text.body, state=_state(coupon))


def _state(coupon: MemberCoupon) -> CouponState:
    now = utc_now()
    if coupon.voided_at is not None:
        return "voided"
    if coupon.redeemed_at is not None and coupon.uses_left == 0:
        return "used"
    if coupon.withdrawal is not None:
        return "withdrawn"
    if coupon.expires_at <= now:
        return "expired"
    usable_from = coupon.grant.conditions.usable_from
    return "early" if usable_from is not None and now < usable_from else "usable"
