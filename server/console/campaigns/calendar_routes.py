"""A calendar of all campaigns: what is on when, and how much one member could be told on a day."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_date
from litestar import Controller, Response, get

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaigns_repository import list_campaigns_of_days
from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.sql import load_queries
from programs.programs_repository import find_message_settings
from programs.staff_repository import Session
from push.governor import MessageRules
from server.console.campaigns.calendar_words import CALENDAR
from server.console.campaigns.load import DayLoad, read_month
from server.console.frame import find_frame, show_in_frame
from server.console.permissions import may_call
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.problems import Problem
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of

QUERIES = load_queries(__file__, "choices.sql")
# More than that nobody would read on a page.
_MOST = 1000
# Of what follows a broadcast that was sent before the month. Steps can wait longer; nobody plans with those.
_LONGEST_WAIT = timedelta(days=92)


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True):
    load: DayLoad
    label: str
    campaigns: Sequence[Campaign]
    is_today: bool


class CampaignCalendarController(Controller):
    path = "/console/calendar"

    @get()
    async def show_calendar(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        now, locale = utc_now(), language_of(request)
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            zone = ZoneInfo(frame.program.time_zone)
            today = now.astimezone(zone).date()
            first = _read_month(request.query_params.get("month"), today)
            length = monthrange(first.year, first.month)[1]
            begin = datetime.combine(first, datetime.min.time(), zone)
            month = (begin, datetime.combine(first + timedelta(days=length), datetime.min.time(), zone))
            rules = await _find_rules(conn, staff)
            runs = await _list_runs(conn, staff, month, zone)
            campaigns = await list_campaigns_of_days(
                conn, staff.program_id, month, scope_of(staff), set().union(*runs.values()), _MOST + 1
            )
        loads = read_month(campaigns[:_MOST], first, length, zone, rules, runs)
        known = {each.id: each for each in campaigns}
        days = [
            CalendarDay(
                load=load,
                label=format_date(load.day, "EEE d" if locale == "en" else "d日(E)", locale=locale),
                campaigns=[known[each] for each in load.on],
                is_today=load.day == today,
            )
            for load in loads
        ]
        return show_in_frame(
            request,
            frame,
            "console/campaigns/calendar.html",
            CALENDAR,
            days=days,
            blanks=first.weekday(),
            month=format_date(first, "MMMM y" if locale == "en" else "y年M月", locale=locale),
            before=_month_text(first - timedelta(days=1)),
            after=_month_text(first + timedelta(days=length)),
            rules=rules,
            is_cut=len(campaigns) > _MOST,
            most_campaigns=_MOST,
            most=max((each.wanted for each in loads), default=0),
            weekdays=[format_date(date(2024, 1, 1 + day), "EEE", locale=locale) for day in range(7)],
        )


async def _find_rules(conn: Connection, staff: Session) -> MessageRules | None:
    """None: they may not be told."""
    if not may_call(staff, "GET", "/v1/program/messages"):
        return None
    kept = await find_message_settings(conn, staff.program_id)
    return MessageRules(quiet_hours=kept.quiet_hours, day_cap=kept.day_cap, week_cap=kept.week_cap)


def _read_month(text: str | None, today: date) -> date:
    """Raises Problem."""
    if not text:
        return today.replace(day=1)
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month of a calendar
    except ValueError:
        raise Problem("invalid-request", "Give the month as 2026-11.") from None
    if not 2000 <= first.year < 2100:
        raise Problem("invalid-request", "Give a month of the years 2000 to 2099.")
    return first


def _month_text(day: date) -> str:
    return f"{day:%Y-%m}"


async def _list_runs(
    conn: Connection, staff: Session, month: tuple[datetime, datetime], zone: ZoneInfo
) -> dict[date, set[CampaignId]]:
    """By day, the campaigns that were sent out by hand: in the month, and before as far as steps can follow."""
    begin, over = month
    found: dict[date, set[CampaignId]] = defaultdict(set)
    for row in await conn.fetch(QUERIES.list_runs_by_hand, staff.program_id, begin - _LONGEST_WAIT, over):
        found[row["due_at"].astimezone(zone).date()].add(row["campaign_id"])
    return found
