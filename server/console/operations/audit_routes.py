"""The audit trail: who did what, and when."""

from litestar import Controller, Response, get

from ids import StaffId
from kit.database import connect
from kit.pages import make_page, parse_page
from programs import audit_repository, staff_repository
from server.console.form_values import read_id
from server.console.operations.act_words import ACT_WORDS
from server.console.operations.audit_words import AUDIT_WORDS
from server.console.viewing import open_viewing
from server.faces.pages import PageRequest
from server.web.dependencies import ServicesDependency, SessionDependency

AUDIT = "/console/audit"
_ENTRIES_A_PAGE = 50


class AuditPageController(Controller):
    path = AUDIT

    @get()
    async def show_audit(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        asked_of = read_id(request.query_params.get("who", ""), StaffId)
        asked = parse_page(request.query_params.get("cursor") or None, _ENTRIES_A_PAGE)
        actor = None if asked_of is None else f"staff:{asked_of}"
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            rows = await audit_repository.list_audit(conn, staff.program_id, asked, actor)
            page = make_page(rows, asked, lambda entry: entry.id)
            actors = [read_id(entry.actor.removeprefix("staff:"), StaffId) for entry in page.items]
            people = [each for each in actors if each is not None]
            names = await staff_repository.list_staff_names(conn, staff.program_id, people)
        return viewing.show(
            "console/operations/audit.html",
            {**AUDIT_WORDS, **ACT_WORDS},
            entries=page.items,
            names={f"staff:{each}": name for each, name in names.items()},
            query="" if asked_of is None else f"who={asked_of}",
            next_cursor=page.next_cursor,
            is_narrowed=asked_of is not None,
        )
