"""The staff's list of members as a file."""

from functools import partial
from typing import IO, Annotated

import msgspec
from litestar import Controller, post
from litestar.params import JSONBody
from litestar.response import Stream

from ids import ProgramId
from kit.database import Connection
from kit.pages import Page, PageRequest, make_page
from members.member import MemberListItem
from members.members_repository import list_members
from server.accounts.find_members import search_members
from server.accounts.member_table import write_members
from server.audiences.count_own import read_own_zone
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.member_tables import answer_with_members


class MemberListing(Body, frozen=True, kw_only=True):
    """Which members are listed."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200, examples=["佐藤"])] | None = None
    """Those whom a search for it finds, as `POST /v1/members/search` does; null: all who were not erased."""


class MemberListController(Controller):
    path = "/v1/members/list.csv"
    tags = ("Members",)

    @post(
        operation_id="exportMemberList",
        summary="Members, all or those that a search finds, as a table for a spreadsheet",
        status_code=200,
        media_type="text/csv",
    )
    async def export_member_list(
        self, data: JSONBody[MemberListing], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Stream:
        """UTF-8 with a byte order mark, by which Excel knows it. It holds what the list of members shows, and no
        contacts. What was searched for stands in the body, since it tells of a person; the audit trail says who took a
        list and when, and not of whom.
        """

        async def read_page(page: PageRequest, *, conn: Connection) -> Page[MemberListItem]:
            if data.text is None:
                return await _read_all(conn, staff.program_id, page)
            return await search_members(conn, services.keyring, staff.program_id, data.text, page)

        async def write_table(conn: Connection, file: IO[bytes]) -> None:
            zone = await read_own_zone(conn, staff.program_id)
            await write_members(conn, staff.program_id, partial(read_page, conn=conn), zone, file)

        target = "all members" if data.text is None else "members that a search found"
        return await answer_with_members(request, services, staff, target, write_table)


async def _read_all(conn: Connection, program_id: ProgramId, page: PageRequest) -> Page[MemberListItem]:
    rows = await list_members(conn, program_id, page)
    return make_page(rows, page, lambda member: member.member_id)
