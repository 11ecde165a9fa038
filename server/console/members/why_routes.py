"""Why did she not get it? Asked for a campaign and a day, answered in the reader's language."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from litestar.params import FromPath

from coupons.campaigns.campaigns_repository import list_campaigns
from ids import CampaignId, MemberId
from kit.clock import utc_now
from kit.database import connect
from kit.pages import MAX_LIMIT, NEWEST
from kit.pages import PageRequest as RowsRequest
from server.campaigns.own_campaigns import find_campaign_of
from server.console.form_values import read_id
from server.console.members.member_page import open_member
from server.explanations.explain import explain
from server.explanations.routes import ExplanationRequest, read_question
from server.faces.pages import PageRequest
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of

_NOON = time(12)


class WhyController(Controller):
    path = "/console/members/{member_id:uuid}/why"

    @get()
    async def show_why(
        self,
        member_id: FromPath[MemberId],
        request: PageRequest,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[str]:
        now, shown = utc_now(), dict[str, Any](explanation=None)
        async with connect(services.pool) as conn:
            page = await open_member(conn, request, services, staff, member_id, "why")
            zone = page.viewing.zone
            campaigns = await list_campaigns(conn, staff.program_id, RowsRequest(NEWEST, MAX_LIMIT), scope_of(staff))
            campaign_id = read_id(request.query_params.get("campaign", ""), CampaignId)
            day = _read_day(request.query_params.get("day", ""), now.astimezone(zone).date())
            if campaign_id is not None:
                campaign = await find_campaign_of(conn, staff, campaign_id)
                asked = ExplanationRequest(member_id=member_id, at=_noon_of(day, zone), hours=12)
                question = await read_question(conn, staff, campaign, asked, now)
                shown["explanation"] = await explain(conn, services.keeper.current.stores, question, zone, now)
                shown["asked"] = campaign
        return page.show(campaigns=campaigns[:MAX_LIMIT], campaign_id=campaign_id, day=day, **shown)


def _read_day(text: str, otherwise: date) -> date:
    """As the browser's field gives it; today for what is none, or lies beyond the calendar of campaigns."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if 2000 <= day.year < 3000 else otherwise


def _noon_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, _NOON, zone)
