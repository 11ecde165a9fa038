"""The list of members, and the search in it."""

from functools import partial
from urllib.parse import urlencode

from litestar import Controller, Response, get, post

from kit.database import Connection, connect, in_read_only_transaction
from kit.pages import Page, PageRequest, make_page, parse_page
from members.member import MemberListItem
from members.members_repository import list_members
from programs.staff_repository import Session
from server.accounts.find_members import search_members
from server.accounts.nameless import show_member
from server.console.forms import read_fields
from server.console.members.sealed_search import MOST_CHARACTERS, seal_search, unseal_search
from server.console.members.words import MEMBERS
from server.console.permissions import may_send
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest as FaceRequest
from server.faces.pages import lead_to
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.services import Services

MEMBER_LIST = "/console/members"
_MEMBERS_A_PAGE = 50


class MemberListController(Controller):
    path = MEMBER_LIST

    @get()
    async def show_members(
        self, request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        cursor, sealed = request.query_params.get("cursor") or None, request.query_params.get("s", "")
        text = unseal_search(services.keyring, staff, sealed) if sealed else None
        found = await _find(services, staff, text, parse_page(cursor, _MEMBERS_A_PAGE))
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
        kept = {"s": sealed} if text is not None else {}
        return viewing.show(
            "console/members/list.html",
            MEMBERS,
            members=[show_member(each, staff) for each in found.items],
            text=text,
            query=urlencode(kept),
            next_cursor=found.next_cursor,
            may_search=may_send(staff, "/console/members/search"),
        )

    @post("/search", status_code=303)
    async def search(
        self, request: FaceRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        text = (await read_fields(request)).get("text", "").strip()[:MOST_CHARACTERS]
        if not text:
            return lead_to(MEMBER_LIST)
        return lead_to(f"{MEMBER_LIST}?{urlencode({'s': seal_search(services.keyring, staff, text)})}")


async def _find(services: Services, staff: Session, text: str | None, page: PageRequest) -> Page[MemberListItem]:
    """Raises InvalidCursor."""
    if text is None:
        return await in_read_only_transaction(services.pool, partial(_list_all, staff=staff, page=page))
    search = partial(search_members, keyring=services.keyring, program_id=staff.program_id, text=text, page=page)
    return await in_read_only_transaction(services.pool, search)


async def _list_all(conn: Connection, staff: Session, page: PageRequest) -> Page[MemberListItem]:
    return make_page(await list_members(conn, staff.program_id, page), page, lambda member: member.member_id)
