"""What happened to one member, at every store: what answers "why did I get no coupon?"."""

from litestar import Controller, get
from litestar.params import FromPath

from geo import transitions_repository
from ids import MemberId
from kit.database import connect
from kit.pages import Page, make_page
from server.backoffice.decided import DecidedScan, StoreTransition, with_decisions, with_scan_decisions
from server.web.dependencies import DaysDependency, PageDependency, ServicesDependency, SessionDependency
from server.web.scoping import find_history_of
from visits import visits_repository


class MemberLogController(Controller):
    path = "/v1/members/{member_id:uuid}"
    tags = ("Members",)

    @get(
        "/transitions",
        operation_id="listMemberTransitions",
        summary="A member's enters, exits and dwells, and what each campaign made of them",
    )
    async def list_member_transitions(
        self,
        member_id: FromPath[MemberId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
    ) -> Page[StoreTransition]:
        """With those of the members who became this one."""
        async with connect(services.pool) as conn:
            members = await find_history_of(conn, staff, member_id)
            rows = await transitions_repository.list_transitions_of_member(conn, members, page)
            decided = await with_decisions(conn, rows)
        return make_page(decided, page, lambda transition: transition.id)

    @get(
        "/scans",
        operation_id="listMemberScans",
        summary="A member's scans, store QRs and dwells, how far each is trusted, and what came of it",
    )
    async def list_member_scans(
        self,
        member_id: FromPath[MemberId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
        days: DaysDependency,
    ) -> Page[DecidedScan]:
        """With those of the members who became this one."""
        async with connect(services.pool) as conn:
            members = await find_history_of(conn, staff, member_id)
            rows = await visits_repository.list_scans_of_member(conn, members, page, days)
            decided = await with_scan_decisions(conn, rows)
        return make_page(decided, page, lambda scan: scan.id)
