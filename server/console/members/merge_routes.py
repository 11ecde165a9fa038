"""Two members who are one person: both side by side, and the question, before the one becomes the other."""

from datetime import datetime
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from ids import MemberId
from kit.clock import utc_now
from kit.database import Connection, connect
from members.member import MemberListItem
from members.members_repository import find_listed
from programs.staff_repository import Session
from server.accounts.find_members import find_by_card_number
from server.accounts.merge import merge_by_staff
from server.console.form_values import read_id
from server.console.forms import book, new_form_key, read_fields
from server.console.members.member_page import member_url, open_member
from server.faces.pages import PageRequest, lead_to
from server.problems import Problem
from server.rewards.staff_routes import read_summary
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import find_member_of
from server.web.services import Services

_SAID = {
    "invalid-member-state": "merge_not_active",
    "member-blocked": "merge_not_active",
    "not-found": "merge_nobody",
    "idempotency-in-flight": "form_in_flight",
    "idempotency-key-reused": "form_sent_before",
}


class MergeController(Controller):
    path = "/console/members/{member_id:uuid}/merge"

    @get()
    async def show_merge(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        return await _show(
            request, staff, services, member_id, read_id(request.query_params.get("other", ""), MemberId)
        )

    @post("/search", status_code=303)
    async def find_other(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """By the number of the other card; it tells of a person, so it stands in no address."""
        typed = (await read_fields(request)).get("number", "")
        async with connect(services.pool) as conn:
            try:
                other = await find_by_card_number(conn, services.keyring, staff.program_id, typed)
            except Problem:
                other = None
        if other is None or other.member_id == member_id:
            return await _show(request, staff, services, member_id, None, typed=typed, error="merge_nobody")
        return lead_to(f"{member_url(member_id, 'merge')}?other={other.member_id}")

    @post(status_code=303)
    async def merge(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Any]:
        """The other one becomes this one."""
        typed = await read_fields(request)
        other_id = read_id(typed.get("other", ""), MemberId)
        if other_id is None or other_id == member_id:
            return await _show(request, staff, services, member_id, None, error="merge_nobody")
        if typed.get("sure") != "yes":
            return await _show(request, staff, services, member_id, other_id, error="merge_unsure")

        async def work(conn: Connection, now: datetime) -> None:
            for each in (member_id, other_id):
                await find_member_of(conn, staff, each)
            await merge_by_staff(conn, services.keeper.current, staff.program_id, other_id, member_id, now)

        try:
            await book(request, services, work)
        except Problem as problem:
            if problem.slug not in _SAID:
                raise
            return await _show(request, staff, services, member_id, None, error=_SAID[problem.slug])
        return lead_to(f"{member_url(member_id)}?done=merge")


async def _show(
    request: PageRequest,
    staff: Session,
    services: Services,
    member_id: MemberId,
    other_id: MemberId | None,
    *,
    typed: str = "",
    error: str | None = None,
) -> Response[str]:
    now = utc_now()
    async with connect(services.pool) as conn:
        page = await open_member(conn, request, services, staff, member_id, "account")
        sides: list[tuple[MemberListItem, Any]] = []
        if other_id is not None and other_id != member_id:
            for each in (member_id, other_id):
                await find_member_of(conn, staff, each)
                listed = await find_listed(conn, staff.program_id, each)
                if listed is not None:
                    sides.append((listed, await read_summary(conn, staff, each, now)))
    return page.show(
        template="merge",
        status=200 if error is None else 422,
        sides=sides if len(sides) == 2 else [],
        typed=typed,
        error=error,
        key=new_form_key(),
    )
