"""What campaigns brought, and how many first-timers came again: as JSON, and as tables for spreadsheets."""

import asyncio
import re
from datetime import date
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from litestar.params import FromPath, QueryParameter

from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection
from kit.spreadsheets import make_table
from programs.programs_repository import find_program
from programs.staff_repository import Session
from server.campaigns.own_campaigns import find_campaign_of
from server.experiments import cohorts, result_table
from server.experiments.cohorts import Cohorts, count_cohorts
from server.experiments.result_bodies import CampaignResults
from server.experiments.results import Gathered, gather, reckon
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of
from server.web.services import Services

Days: TypeAlias = Annotated[
    int,
    QueryParameter(name="within_days", ge=1, le=90, description="how many days after the first eligibility count"),
]
Month: TypeAlias = Annotated[
    str | None,
    QueryParameter(name="from_month", description="the first month, as in 2026-06; 11 months ago if left out"),
]
LastMonth: TypeAlias = Annotated[
    str | None, QueryParameter(name="to_month", description="the last month, as in 2026-11; this one if left out")
]
ByStore: TypeAlias = Annotated[
    bool, QueryParameter(name="by_store", description="whether each store of a first visit is told apart")
]
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_MAX_MONTHS = 36


class CampaignResultController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}"
    tags = ("Experiments",)

    @get("/results", operation_id="getCampaignResults", summary="What a campaign brought, arm by arm")
    async def get_campaign_results(
        self,
        campaign_id: FromPath[CampaignId],
        staff: SessionDependency,
        services: ServicesDependency,
        within_days: Days = 30,
    ) -> CampaignResults:
        """Of the campaign's experiment; of one that never had any, against the program's holdout. All who were assigned
        are compared, whatever became of them. docs/experiments.md says how the figures are made and read."""
        return await read_results(services, staff, campaign_id, within_days)

    @get(
        "/results.csv",
        operation_id="listCampaignResults",
        summary="The same as a table for a spreadsheet",
        media_type="text/csv",
    )
    async def list_campaign_results(
        self,
        campaign_id: FromPath[CampaignId],
        staff: SessionDependency,
        services: ServicesDependency,
        within_days: Days = 30,
    ) -> Response[bytes]:
        """UTF-8 with a byte order mark, one row an arm."""
        results = await read_results(services, staff, campaign_id, within_days)
        return _table(make_table(result_table.tabulate(results)), "results.csv")


class CohortController(Controller):
    path = "/v1"
    tags = ("Experiments",)

    @get("/visit-cohorts", operation_id="getVisitCohorts", summary="How many first-timers came again")
    async def get_visit_cohorts(
        self,
        staff: SessionDependency,
        services: ServicesDependency,
        from_month: Month = None,
        to_month: LastMonth = None,
        by_store: ByStore = False,
    ) -> Cohorts:
        """By the month of the first visit. A manager of stores sees whose first visit was to theirs."""
        return await read_cohorts(services, staff, from_month, to_month, by_store=by_store)

    @get(
        "/visit-cohorts.csv",
        operation_id="listVisitCohorts",
        summary="The same as a table for a spreadsheet",
        media_type="text/csv",
    )
    async def list_visit_cohorts(
        self,
        staff: SessionDependency,
        services: ServicesDependency,
        from_month: Month = None,
        to_month: LastMonth = None,
        by_store: ByStore = False,
    ) -> Response[bytes]:
        """UTF-8 with a byte order mark."""
        counted = await read_cohorts(services, staff, from_month, to_month, by_store=by_store)
        return _table(make_table(cohorts.tabulate(counted)), "first-timers.csv")


async def read_results(services: Services, staff: Session, campaign_id: CampaignId, days: int) -> CampaignResults:
    """Raises Problem."""
    now = utc_now()

    async def read(conn: Connection) -> Gathered:
        await find_campaign_of(conn, staff, campaign_id)
        return await gather(conn, staff.program_id, campaign_id, days, now)

    async with services.count_slots:
        gathered = await services.reports.read(read)
    return await asyncio.to_thread(reckon, gathered)


async def read_cohorts(
    services: Services, staff: Session, from_month: str | None, to_month: str | None, *, by_store: bool
) -> Cohorts:
    """Raises Problem."""
    now = utc_now()

    async def read(conn: Connection) -> Cohorts:
        program = await find_program(conn, staff.program_id)
        assert program is not None
        today = now.astimezone(ZoneInfo(program.time_zone)).date()
        last = _read_month("to_month", to_month) if to_month else today.year * 12 + today.month - 1
        first = _read_month("from_month", from_month) if from_month else last - 11
        if not first <= last < first + _MAX_MONTHS:
            raise Problem("invalid-request", f"Give to_month not before from_month, and at most {_MAX_MONTHS} months.")
        months = _first_day(first), _first_day(last + 1)
        return await count_cohorts(conn, staff.program_id, months, today, by_store=by_store, store_ids=scope_of(staff))

    async with services.count_slots:
        return await services.reports.read(read)


def _read_month(name: str, text: str) -> int:
    """Counted from the year 0. Raises Problem."""
    if not _MONTH.fullmatch(text) or not 2000 <= int(text[:4]) < 3000:
        raise Problem("invalid-request", f"Give {name} as a year from 2000 to 2999 and a month, as in 2026-11.")
    return int(text[:4]) * 12 + int(text[5:]) - 1


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _table(content: bytes, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
