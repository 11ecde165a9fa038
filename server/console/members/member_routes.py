"""One member: what is known of them, their visits, and their points with the correction of them."""

import unicodedata
from datetime import datetime
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from cards import card_keys_repository
from ids import MemberId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import make_page, parse_page
from members.aliases_repository import history_ids
from members.attributes_repository import list_attributes
from members.handles_repository import list_contacts
from members.members_repository import list_current_consents
from members.tags_repository import list_tags
from programs.stores_repository import list_store_names
from server.accounts.profiles import read_profile
from server.console.forms import book, new_form_key, read_fields
from server.console.members.known_facts import choose, list_facts
from server.console.members.member_page import MemberPage, member_url, open_member
from server.console.permissions import may_open, may_send
from server.faces.pages import PageRequest, lead_to
from server.problems import Problem
from server.rewards.adjust import AdjustmentResult, adjust
from server.rewards.member_routes import read_points
from server.rewards.staff_routes import read_summary
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services
from visits import visits_repository

_PROFILE = "/console/members/{member_id}/profile"
_POINTS = "/console/members/{member_id}/points"
_ROWS_A_PAGE = 30
_MOST_POINTS = 1_000_000
_MOST_REASON = 500
# Problems of the booking that the form itself says; any other is a page of its own.
_SAID = {
    "insufficient-points": "points_short",
    "points-disabled": "points_disabled",
    "member-unknown": "points_not_active",
    "idempotency-key-reused": "form_sent_before",
    "idempotency-in-flight": "form_in_flight",
}


class MemberController(Controller):
    path = "/console/members/{member_id:uuid}"

    @get()
    async def show_overview(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            page = await open_member(conn, request, services, staff, member_id, "overview")
            locale = page.viewing.locale
            summary = await read_summary(conn, staff, member_id, utc_now())
            shown: dict[str, Any] = {
                "summary": summary,
                "rank": None if summary.rank is None else choose(summary.rank.name, locale, summary.rank.code),
                "may_edit": may_open(staff, _PROFILE) and page.member.state not in ("merged", "erased"),
                "stamps": [(choose(each.name, locale, each.code), each) for each in summary.stamps],
            }
            if page.knows_names:
                shown |= await _read_person(conn, page)
        return page.show(**shown)

    @get("/visits")
    async def show_visits(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        asked = parse_page(request.query_params.get("cursor") or None, _ROWS_A_PAGE)
        async with connect(services.pool) as conn:
            page = await open_member(conn, request, services, staff, member_id, "visits")
            members = await history_ids(conn, member_id)
            rows = await visits_repository.list_visits_of_member(conn, members, asked)
            visits = make_page(rows, asked, lambda visit: visit.id)
            names = await list_store_names(conn, staff.program_id, {each.store_id for each in visits.items})
        return page.show(visits=visits, names=names, url=member_url(member_id, "visits"))

    @get("/points")
    async def show_points(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        return await _show_points(request, staff, services, member_id, {})

    @post("/points", status_code=303)
    async def correct_points(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """Once, however often the form is sent."""
        typed = await read_fields(request)
        points, reason = _read_points(typed.get("points", "")), typed.get("reason", "").strip()
        error = _find_fault(points, reason)
        if error is not None or points is None:
            return await _show_points(request, staff, services, member_id, typed, error=error)

        async def work(conn: Connection, now: datetime) -> AdjustmentResult:
            return await adjust(conn, staff, member_id, points, reason, now)

        try:
            await book(request, services, work)
        except Problem as problem:
            if problem.slug not in _SAID:
                raise
            return await _show_points(request, staff, services, member_id, typed, error=_SAID[problem.slug])
        return lead_to(f"{member_url(member_id, 'points')}?done=points")


async def _read_person(conn: Connection, page: MemberPage) -> dict[str, Any]:
    """Who they are, for those who may know it."""
    member = page.member
    profile = await read_profile(conn, member.program_id, member.member_id, "staff")
    attributes = await list_attributes(conn, member.program_id)
    store_id = member.enrolled_store_id
    names = await list_store_names(conn, member.program_id, [] if store_id is None else [store_id])
    return {
        "facts": list_facts(msgspec.structs.asdict(profile), profile.attributes, attributes, page.viewing.locale),
        "consents": await list_current_consents(conn, member.member_id),
        "contacts": sorted(each.kind for each in await list_contacts(conn, member.member_id)),
        "tags": await list_tags(conn, member.member_id),
        "key": await card_keys_repository.find_live_key(conn, member.member_id),
        "store_name": names.get(store_id) if store_id is not None else None,
    }


def _read_points(text: str) -> int | None:
    """As somebody types it: also full-width digits, a sign, and commas. None for no whole number."""
    try:
        return int(unicodedata.normalize("NFKC", text).strip().replace(",", "").replace("\u2212", "-"))
    except ValueError:
        return None


def _find_fault(points: int | None, reason: str) -> str | None:
    if points is None or points == 0 or abs(points) > _MOST_POINTS:
        return "points_unreadable"
    return None if 1 <= len(reason) <= _MOST_REASON else "points_no_reason"


async def _show_points(
    request: PageRequest,
    staff: Any,
    services: Services,
    member_id: MemberId,
    typed: dict[str, str],
    *,
    error: str | None = None,
) -> Response[str]:
    """The form's key is kept while it was not booked; a new form has a new one."""
    asked = parse_page(request.query_params.get("cursor") or None, _ROWS_A_PAGE)
    async with connect(services.pool) as conn:
        page: MemberPage = await open_member(conn, request, services, staff, member_id, "points")
        points = await read_points(conn, member_id, asked, utc_now())
        names = await list_store_names(
            conn, staff.program_id, {each.store_id for each in points.history.items if each.store_id}
        )
    kept = typed.get("key") if error is not None and error != "form_sent_before" else None
    return page.show(
        status=200 if error is None else 422,
        points=points,
        names=names,
        url=member_url(member_id, "points"),
        typed={name: typed.get(name, "") for name in ("points", "reason")},
        error=error,
        key=kept or new_form_key(),
        may_adjust=may_send(staff, _POINTS) and page.member.state == "active",
    )
