"""The list of campaigns, each as a sentence."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast, get_args

import msgspec
from litestar import Controller, Response, get

from coupons.campaigns.campaign import Campaign, CampaignState
from coupons.campaigns.campaigns_repository import list_campaigns
from coupons.issuing.budgets import Budget, budget_of
from coupons.issuing.budgets_repository import read_used
from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.locales import Locale
from kit.pages import make_page, parse_page
from server.console.campaigns.names import read_names
from server.console.campaigns.phrases import Names
from server.console.campaigns.sentences import say_campaign
from server.console.campaigns.time_phrases import say_dates
from server.console.campaigns.words import CAMPAIGNS
from server.console.frame import find_frame, show_in_frame
from server.console.permissions import may_send
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import scope_of

_A_PAGE = 30
_STATES = cast("tuple[CampaignState, ...]", get_args(CampaignState))


class CampaignLine(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as the list has it. `used`, `cap`: of its budget; None: it has none."""

    id: CampaignId
    name: str
    state: CampaignState
    sentence: str
    dates: str
    used: int | None
    cap: int | None


class CampaignListController(Controller):
    path = "/console/campaigns"

    @get()
    async def show_campaigns(
        self, request: PageRequest, staff: SessionDependency, services: ServicesDependency
    ) -> Response[str]:
        cursor, wanted = request.query_params.get("cursor") or None, request.query_params.get("state")
        state = next((each for each in _STATES if each == wanted), None)
        asked, now = parse_page(cursor, _A_PAGE), utc_now()
        async with connect(services.pool) as conn:
            frame = await find_frame(conn, request, services, staff)
            rows = await list_campaigns(conn, staff.program_id, asked, scope_of(staff), state, now)
            page = make_page(rows, asked, lambda campaign: campaign.id)
            names = await read_names(conn, services.keeper.current, frame.program, page.items)
            used = await read_budgets(conn, page.items)
        locale = language_of(request)
        lines = [make_line(each, names[each.id], used.get(each.id), now, locale) for each in page.items]
        return show_in_frame(
            request,
            frame,
            "console/campaigns/list.html",
            CAMPAIGNS,
            lines=lines,
            states=_STATES,
            state=state,
            next_cursor=page.next_cursor,
            may_write=may_send(staff, "/console/campaigns/new"),
        )


async def read_budgets(conn: Connection, campaigns: Sequence[Campaign]) -> dict[CampaignId, int]:
    """How many coupons of the caps over all stores and days are given."""
    caps: dict[Budget, int] = {budget_of(each.id, None, None): each.cap for each in campaigns if each.cap is not None}
    return {budget.campaign_id: used for budget, used in (await read_used(conn, caps)).items()}


def make_line(campaign: Campaign, names: Names, used: int | None, now: datetime, locale: Locale) -> CampaignLine:
    return CampaignLine(
        id=campaign.id,
        name=campaign.name,
        state=campaign.state_at(now),
        sentence=say_campaign(campaign, names, locale),
        dates=say_dates(campaign, names, locale),
        used=used,
        cap=campaign.cap,
    )
