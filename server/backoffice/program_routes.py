"""The caller's own program and its audit trail. Programs are created by the operator: `./run admin create-program`."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from kit.database import Connection, connect
from kit.locales import Locale
from kit.names import Name
from kit.pages import Page, make_page
from programs import audit_repository, programs_repository
from programs.audit_repository import AuditEntry
from programs.programs_repository import Program
from programs.staff_repository import Session
from server.problems import Problem, not_found
from server.web.auth import Call
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.store_fields import TimeZone, require_time_zone
from server.web.writes import write

SettingsVersion = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None


class ProgramChange(Body, frozen=True, kw_only=True):
    """What is to change: a field that is left out stays as it is."""

    name: Name | UnsetType = UNSET
    """What shoppers read: the brand's name."""
    default_locale: Locale | UnsetType = UNSET
    """The language of members who have chosen none."""
    time_zone: TimeZone | UnsetType = UNSET
    """By whose clock members live who have told no time zone and have no home store."""
    version: SettingsVersion = None
    """As it was read, so that nobody else's change is lost: `program-changed` where it is another one now. Null:
    whatever it is."""


class ProgramController(Controller):
    path = "/v1"
    tags = ("Program",)

    @get("/program", operation_id="getProgram", summary="The program that you work for")
    async def get_program(self, staff: SessionDependency, services: ServicesDependency) -> Program:
        async with connect(services.pool) as conn:
            program = await programs_repository.find_program(conn, staff.program_id)
        if program is None:
            raise not_found("program")
        return program

    @patch("/program", operation_id="updateProgram", summary="Change the program's name, language or time zone")
    async def update_program(
        self,
        data: JSONBody[ProgramChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Program]:
        async def work(conn: Connection, _: datetime) -> Program:
            return await change_program(conn, staff, data)

        return await write(request, services, work)

    @get("/audit", operation_id="listAuditEntries", summary="Who of the staff changed what, newest first")
    async def list_audit_entries(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[AuditEntry]:
        async with connect(services.pool) as conn:
            rows = await audit_repository.list_audit(conn, staff.program_id, page)
        return make_page(rows, page, lambda entry: entry.id)


async def change_program(conn: Connection, staff: Session, data: ProgramChange) -> Program:
    """Raises Problem."""
    await take_version(conn, staff, data.version)
    return await programs_repository.update_program(
        conn,
        staff.program_id,
        name=None if data.name is UNSET else data.name,
        default_locale=None if data.default_locale is UNSET else data.default_locale,
        time_zone=None if data.time_zone is UNSET else require_time_zone(data.time_zone),
    )


async def take_version(conn: Connection, staff: Session, version: int | None) -> None:
    """Before a program's settings are changed in the same transaction. Raises Problem."""
    if not await programs_repository.take_settings_version(conn, staff.program_id, version):
        raise Problem("program-changed", "Read the settings again and change those: somebody was first.")
