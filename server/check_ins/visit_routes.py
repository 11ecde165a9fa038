"""Visits: what makes one, a member's own check-in by a store's QR, and a member's visits as an owner sees them."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from ids import MemberId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import Page, make_page
from server.check_ins.store_check_in import CheckInResult, check_in_at_store
from server.web.auth import Call
from server.web.dependencies import (
    DaysDependency,
    DeviceDependency,
    PageDependency,
    ServicesDependency,
    SessionDependency,
)
from server.web.device_guard import lock_active_device
from server.web.fields import Body
from server.web.fix_body import FixBody, to_fix
from server.web.scoping import find_history_of
from server.web.writes import write
from visits import rules_repository, visits_repository
from visits.rules import VisitRules
from visits.trust import Trust
from visits.visit import MemberVisit

MAX_STORE_CODE_LENGTH = 100


class VisitRulesRequest(Body, frozen=True):
    """What makes a visit beside a scan at a till, which always does, and which visits earn."""

    by_store_qr: bool
    """Whether members may check in with the store's QR and a fix inside its geofence."""
    by_dwell: bool
    """Whether staying in a store's geofence for its `dwell_s` is a visit."""
    min_trust: Trust = "low"
    """A visit that is trusted less earns no points and no stamps, until better evidence comes."""


class FreshFix(FixBody, frozen=True, forbid_unknown_fields=True):
    """As in an upload of locations, at most two minutes old. It is looked at for this visit and not kept."""


class CheckInRequest(Body, frozen=True):
    """A member scans the store's code, and their phone says where it is."""

    code: Annotated[str, msgspec.Meta(max_length=MAX_STORE_CODE_LENGTH)]
    """The text of the store's QR or of its display, as it was scanned."""
    fix: FreshFix
    """Where the phone is, at most two minutes ago. It is checked for this visit and not kept."""


class VisitController(Controller):
    path = "/v1"
    tags = ("Visits",)

    @get(
        "/program/visits", operation_id="getVisitRules", summary="What makes a visit, and what a visit must be to earn"
    )
    async def get_visit_rules(self, staff: SessionDependency, services: ServicesDependency) -> VisitRules:
        async with connect(services.pool) as conn:
            found = await rules_repository.find_visit_rules(conn, [staff.program_id])
        return found.get(staff.program_id) or VisitRules(staff.program_id)

    @put(
        "/program/visits",
        operation_id="updateVisitRules",
        summary="Change what makes a visit, and what a visit must be to earn",
    )
    async def update_visit_rules(
        self, data: JSONBody[VisitRulesRequest], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[VisitRules]:
        """For what comes from now on. A visit that is trusted too little earns as soon as better evidence comes."""
        rules = VisitRules(staff.program_id, data.by_store_qr, data.by_dwell, data.min_trust)

        async def work(conn: Connection, _: datetime, _version: int) -> VisitRules:
            await rules_repository.upsert_visit_rules(conn, rules)
            return rules

        return await write(request, services, work, bumps="campaigns")

    @get(
        "/members/{member_id:uuid}/visits",
        operation_id="listMemberVisits",
        summary="A member's visits, with how far each is to be trusted",
    )
    async def list_member_visits(
        self,
        member_id: FromPath[MemberId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
        days: DaysDependency,
    ) -> Page[MemberVisit]:
        async with connect(services.pool) as conn:
            members = await find_history_of(conn, staff, member_id)
            rows = await visits_repository.list_visits_of_member(conn, members, page, days)
        return make_page(rows, page, lambda visit: visit.id)

    @post("/me/visits", operation_id="checkInAtStore", summary="Check in with the store's QR", status_code=201)
    async def check_in_at_store(
        self, data: JSONBody[CheckInRequest], request: Call, device: DeviceDependency, services: ServicesDependency
    ) -> Response[CheckInResult]:
        """The fix must lie in a geofence of the store. One visit a day and store: whatever comes after adds to it."""
        fix, snapshot = to_fix(data.fix), services.keeper.current

        async def work(conn: Connection, _: datetime) -> CheckInResult:
            await lock_active_device(conn, device)
            return await check_in_at_store(conn, services.keyring, snapshot, device, data.code, fix, utc_now())

        return await write(request, services, work, status=201)
