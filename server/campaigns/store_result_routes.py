"""What came of a campaign at each store: as JSON, a page of stores at a time, and as a table for spreadsheets."""

from datetime import date, timedelta
from functools import partial
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from litestar.params import FromPath, QueryParameter

from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection
from kit.pages import NEWEST, Page, PageRequest, make_page
from kit.spreadsheets import make_table
from programs.programs_repository import find_program
from programs.staff_repository import Session
from server.campaigns.own_campaigns import find_campaign_of
from server.campaigns.store_results import StoreResults, list_store_results, tabulate
from server.problems import Problem
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.scoping import scope_of

FirstDay: TypeAlias = Annotated[
    str | None, QueryParameter(name="from_day", description="the first business day; 27 days before the last one")
]
LastDay: TypeAlias = Annotated[
    str | None, QueryParameter(name="to_day", description="the last business day; today if left out")
]
MAX_DAYS = 100
_DEFAULT_DAYS = 28
_EARLIEST, _LATEST = date(2000, 1, 1), date(2999, 12, 31)
# Of a table: a chain of a thousand stores for all of the days.
MAX_TABLE_STORES = 1000


class StoreResultController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}"
    tags = ("Campaigns",)

    @get("/store-results", operation_id="listStoreResults", summary="What came of a campaign, by store and day")
    async def list_store_results(
        self,
        campaign_id: FromPath[CampaignId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
        from_day: FirstDay = None,
        to_day: LastDay = None,
    ) -> Page[StoreResults]:
        """Of the stores at which a coupon was earned or used in that time. A manager of stores sees theirs, and of a
        day nothing that fewer than ten members have done. Coupons that are earned at no store (of a broadcast) are told
        where they are used."""
        read = partial(read_store_results, staff=staff, campaign_id=campaign_id, days=(from_day, to_day), page=page)
        async with services.count_slots:
            found = await services.reports.read(read)
        return make_page(found, page, lambda store: store.store_id)

    @get(
        "/store-results.csv",
        operation_id="tabulateStoreResults",
        summary="The same as a table for a spreadsheet",
        media_type="text/csv",
    )
    async def tabulate_store_results(
        self,
        campaign_id: FromPath[CampaignId],
        staff: SessionDependency,
        services: ServicesDependency,
        from_day: FirstDay = None,
        to_day: LastDay = None,
    ) -> Response[bytes]:
        """UTF-8 with a byte order mark, one row a store and day; of the thousand newest stores."""
        page = PageRequest(NEWEST, MAX_TABLE_STORES - 1)
        read = partial(read_store_results, staff=staff, campaign_id=campaign_id, days=(from_day, to_day), page=page)
        async with services.count_slots:
            found = await services.reports.read(read)
        headers = {"Content-Disposition": 'attachment; filename="stores.csv"', "Cache-Control": "no-store"}
        return Response(make_table(tabulate(found)), media_type="text/csv; charset=utf-8", headers=headers)


async def read_store_results(
    conn: Connection,
    staff: Session,
    campaign_id: CampaignId,
    days: tuple[str | None, str | None],
    page: PageRequest,
) -> list[StoreResults]:
    """Raises Problem."""
    campaign = await find_campaign_of(conn, staff, campaign_id)
    program = await find_program(conn, staff.program_id)
    assert program is not None
    today = utc_now().astimezone(ZoneInfo(program.time_zone)).date()
    last = today if days[1] is None else _read_day("to_day", days[1])
    first = last - timedelta(days=_DEFAULT_DAYS - 1) if days[0] is None else _read_day("from_day", days[0])
    if not 0 <= (last - first).days < MAX_DAYS:
        raise Problem("invalid-request", f"Give to_day not before from_day, and at most {MAX_DAYS} days.")
    return await list_store_results(conn, campaign, (first, last), page, scope_of(staff))


def _read_day(name: str, text: str) -> date:
    """Raises Problem."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != 10 or not _EARLIEST <= day <= _LATEST:
        raise Problem("invalid-request", f"Give {name} as a day from 2000 to 2999, as in 2026-11-28.")
    return day
