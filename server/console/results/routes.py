"""Results: what the program did, what each campaign brought, who came again, how fast pushes are."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from litestar import Controller, Response, get
from litestar.params import FromPath

from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import Campaign
from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import NEWEST, make_page, parse_page
from kit.pages import PageRequest as RowsRequest
from programs.staff_repository import Session
from server.campaigns.campaign_report import CampaignReport, report_campaign
from server.campaigns.own_campaigns import find_campaign_of
from server.campaigns.store_result_routes import read_store_results
from server.campaigns.store_results import StoreResults
from server.console.charts import BarChart, Range, draw_bars, draw_range
from server.console.permissions import may_open
from server.console.results.days import hides_some, list_days, sum_by_day
from server.console.results.funnel import FEWEST_COMPARED, make_funnel
from server.console.results.overview import read_overview
from server.console.results.verdicts import compared_arms, judge_change
from server.console.results.words import RESULTS
from server.console.viewing import Viewing, open_viewing
from server.experiments.result_bodies import Change
from server.experiments.result_routes import read_cohorts, read_results
from server.faces.pages import PageRequest
from server.receipts.latency_routes import DayLatency, read_latencies
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of
from visits.visit import EVERY_DAY

_CAMPAIGNS_A_PAGE = 25
_STORES_A_PAGE = 50
_WINDOWS = (7, 30, 90)
_DAYS = 28
_SECTIONS = {
    "campaigns": "/console/results",
    "first_timers": "/console/results/first-timers",
    "speed": "/console/results/speed",
}


class ResultController(Controller):
    path = "/console"

    @get("/overview")
    async def show_overview(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
        scope, now = scope_of(staff), utc_now()
        read = partial(read_overview, program_id=staff.program_id, zone=viewing.zone, store_ids=scope, now=now)
        async with services.count_slots:
            figures = await services.reports.read(read)
        days, write = [each.day for each in figures], viewing.write
        charts = {
            name: draw_bars(
                [write.short_day(day) for day in days],
                [
                    (getattr(each, name), f"{write.day(each.day)}: {write.number(getattr(each, name))}")
                    for each in figures
                ],
            )
            for name in ("visits", "coupons")
        }
        return viewing.show("console/results/overview.html", RESULTS, figures=figures, charts=charts)

    @get("/results")
    async def show_results(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        asked, now = parse_page(request.query_params.get("cursor") or None, _CAMPAIGNS_A_PAGE), utc_now()
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
            rows = await campaigns_repository.list_campaigns(conn, staff.program_id, asked, scope_of(staff))
        campaigns = make_page(rows, asked, lambda campaign: campaign.id)
        return viewing.show(
            "console/results/list.html",
            RESULTS,
            campaigns=[(each, each.state_at(now)) for each in campaigns.items],
            next_cursor=campaigns.next_cursor,
            **_sections(viewing, "campaigns"),
        )

    @get("/results/campaigns/{campaign_id:uuid}")
    async def show_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        window = _read_window(request.query_params.get("within", ""))
        results = await read_results(services, staff, campaign_id, window)
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
        async with services.count_slots:
            campaign, report, stores = await services.reports.read(partial(_read_campaign, staff, campaign_id))
        shown = stores[:_STORES_A_PAGE]
        days = list_days(utc_now().astimezone(viewing.zone).date(), _DAYS)
        return viewing.show(
            "console/results/campaign.html",
            RESULTS,
            campaign=campaign,
            state=campaign.state_at(utc_now()),
            results=results,
            funnel=make_funnel(results, report),
            voided=report.coupons_voided,
            arms=[
                {
                    "arm": arm,
                    "sales": judge_change(results, arm.sales),
                    "visits": judge_change(results, arm.visits),
                    "range": _range(arm.sales),
                }
                for arm in compared_arms(results)
            ],
            control=next((arm for arm in results.arms if arm.arm == results.control), None),
            fewest=FEWEST_COMPARED,
            window=window,
            windows=_WINDOWS,
            stores=shown,
            has_more_stores=len(stores) > len(shown),
            hides_some=hides_some(stores),
            days=days,
            by_day={name: sum_by_day(stores, days, name) for name in ("issued", "redeemed", "sales")},
            chart=_chart_days(viewing, days, stores),
            **_sections(viewing, "campaigns"),
        )

    @get("/results/first-timers")
    async def show_cohorts(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        cohorts = (await read_cohorts(services, staff, None, None, by_store=False)).cohorts
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
        months, write = [(date.fromisoformat(f"{each.month}-01"), each) for each in cohorts], viewing.write
        chart = draw_bars(
            [write.month(month) for month, _ in months],
            [(each.first_timers, f"{write.month(month)}: {write.number(each.first_timers)}") for month, each in months],
            [
                (each.within_90_days.returned, f"{write.month(month)}: {write.number(each.within_90_days.returned)}")
                for month, each in months
            ],
        )
        return viewing.show(
            "console/results/cohorts.html", RESULTS, months=months, chart=chart, **_sections(viewing, "first_timers")
        )

    @get("/results/speed")
    async def show_speed(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            viewing = await open_viewing(conn, request, services, staff)
        read = partial(read_latencies, program_id=staff.program_id, days=EVERY_DAY, now=utc_now())
        latencies = await services.reports.read(read)
        chart = _chart_latencies(viewing, list(reversed(latencies.days)))
        return viewing.show(
            "console/results/speed.html", RESULTS, days=latencies.days, chart=chart, **_sections(viewing, "speed")
        )


async def _read_campaign(
    staff: Session, campaign_id: CampaignId, conn: Connection
) -> tuple[Campaign, CampaignReport, list[StoreResults]]:
    """Raises Problem."""
    campaign = await find_campaign_of(conn, staff, campaign_id)
    report = await report_campaign(conn, campaign_id)
    page = RowsRequest(NEWEST, _STORES_A_PAGE)
    return campaign, report, await read_store_results(conn, staff, campaign_id, (None, None), page)


def _sections(viewing: Viewing, current: str) -> dict[str, Any]:
    """The tabs of all results, as far as the role sees them."""
    shown = {name: path for name, path in _SECTIONS.items() if may_open(viewing.staff, path)}
    return {"sections": shown, "section": current}


def _read_window(text: str) -> int:
    """How many days after the first eligibility count: one of those that the page offers."""
    return next((days for days in _WINDOWS if str(days) == text), 30)


def _range(change: Change | None) -> Range | None:
    if change is None:
        return None
    return draw_range(change.difference, change.low, change.high, change.always_low, change.always_high)


def _chart_latencies(viewing: Viewing, days: Sequence[DayLatency]) -> BarChart:
    """Within how many seconds nearly all were handed over, and shown."""
    write = viewing.write

    def bars(name: str) -> list[tuple[float, str]]:
        took = [(each.day, (getattr(each, name).p99_ms or 0) / 1000) for each in days]
        return [(seconds, f"{write.day(day)}: {write.tenths(seconds)}") for day, seconds in took]

    return draw_bars([write.short_day(each.day) for each in days], bars("handed"), bars("displayed"))


def _chart_days(viewing: Viewing, days: Sequence[date], stores: Sequence[StoreResults]) -> BarChart:
    write = viewing.write

    def bars(name: str) -> list[tuple[float, str]]:
        return [
            (value, f"{write.day(day)}: {write.number(value)}") for day, value in sum_by_day(stores, days, name).items()
        ]

    return draw_bars([write.short_day(day) for day in days], bars("issued"), bars("redeemed"))
