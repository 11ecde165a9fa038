"""Audiences: written, counted, listed. Owners and marketers write them, all of the staff see and count them."""

from datetime import datetime
from typing import IO, Annotated, TypeAlias

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from audiences import audiences_repository
from audiences.counting_repository import take_memory
from ids import AudienceId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import Page, make_page
from server.audiences import save
from server.audiences.bodies import (
    Audience,
    AudienceChange,
    AudienceCountRequest,
    AudienceRequest,
    view_audience,
)
from server.audiences.count import compile_scoped
from server.audiences.count_own import count_own, read_own_zone
from server.audiences.member_list import write_member_list
from server.audiences.settle_tree import settle_saved
from server.audiences.size import AudienceSize
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.member_tables import answer_with_members
from server.web.writes import write

VersionAsked: TypeAlias = Annotated[
    int, QueryParameter(name="version", ge=0, le=2**31 - 1, description="which version; 0 for the newest")
]


class AudienceController(Controller):
    path = "/v1/audiences"
    tags = ("Audiences",)

    @get(operation_id="listAudiences", summary="The saved audiences, newest first")
    async def list_audiences(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[Audience]:
        async with connect(services.pool) as conn:
            held = await audiences_repository.list_audiences(conn, staff.program_id, page)
        return make_page([view_audience(each) for each in held], page, lambda audience: audience.id)

    @post(operation_id="createAudience", summary="Save an audience", request_max_body_size=MAX_LONG_BODY_BYTES)
    async def create_audience(
        self, data: JSONBody[AudienceRequest], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[Audience]:
        async def work(conn: Connection, now: datetime) -> Audience:
            return view_audience(await save.create(conn, staff.program_id, data.name, data.tree, now))

        return await write(request, services, work, status=201)

    @get("/{audience_id:uuid}", operation_id="getAudience", summary="A saved audience")
    async def get_audience(
        self,
        audience_id: FromPath[AudienceId],
        staff: SessionDependency,
        services: ServicesDependency,
        version: VersionAsked = 0,
    ) -> Audience:
        async with connect(services.pool) as conn:
            return view_audience(await save.find(conn, staff.program_id, audience_id, version or None))

    @put(
        "/{audience_id:uuid}",
        operation_id="changeAudience",
        summary="Give an audience a new version",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def change_audience(
        self,
        audience_id: FromPath[AudienceId],
        data: JSONBody[AudienceChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Audience]:
        """Former versions stay, and campaigns keep the one that they name."""

        async def work(conn: Connection, now: datetime) -> Audience:
            program_id = staff.program_id
            return view_audience(
                await save.change(conn, program_id, audience_id, data.name, data.tree, data.version, now)
            )

        return await write(request, services, work)

    @delete("/{audience_id:uuid}", operation_id="removeAudience", summary="Remove an audience that nothing uses")
    async def remove_audience(
        self,
        audience_id: FromPath[AudienceId],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime) -> None:
            await save.remove(conn, staff.program_id, audience_id, now)

        return await write(request, services, work, status=204)

    @post(
        "/count",
        operation_id="countAudience",
        summary="How many members an audience has, saved or not",
        status_code=200,
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def count_audience(
        self, data: JSONBody[AudienceCountRequest], staff: SessionDependency, services: ServicesDependency
    ) -> AudienceSize:
        """Nothing is written. A manager of stores counts the members who joined at theirs. Only an owner counts to the
        person and is shown some; all others count in steps of ten.
        """
        return await count_own(services, staff, data)

    @get(
        "/{audience_id:uuid}/members.csv",
        operation_id="listAudienceMembers",
        summary="The members of an audience, as a table for a spreadsheet",
        media_type="text/csv",
    )
    async def list_audience_members(
        self,
        audience_id: FromPath[AudienceId],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
        version: VersionAsked = 0,
    ) -> Stream:
        """UTF-8 with a byte order mark. Who has not consented to profiling is listed without visits, purchases
        and rank."""
        now, program_id = utc_now(), staff.program_id

        async def write_table(conn: Connection, file: IO[bytes]) -> None:
            held = await save.find(conn, program_id, audience_id, version or None)
            settled = await settle_saved(conn, program_id, held.id, held.version)
            zone = await read_own_zone(conn, program_id)
            await take_memory(conn)
            await write_member_list(conn, compile_scoped(program_id, settled, now, zone, None), zone, file)

        return await answer_with_members(request, services, staff, str(audience_id), write_table)
