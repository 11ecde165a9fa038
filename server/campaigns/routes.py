"""Campaigns: which trigger at which stores earns which offer, and what came of them."""

from datetime import datetime
from uuid import UUID

from litestar import Controller, Response, get, patch, post, put
from litestar.params import FromPath, JSONBody

from coupons.campaigns import campaigns_repository
from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import Page, make_page
from server.campaigns import bodies
from server.campaigns.bodies import CampaignRequest, view_campaign
from server.campaigns.campaign_report import CampaignReport, report_campaign
from server.campaigns.change_bodies import (
    CampaignChanges,
    CampaignReplacement,
    CampaignVersion,
    apply_changes,
    view_version,
)
from server.campaigns.change_campaign import change_campaign
from server.campaigns.create_campaign import create_campaign
from server.campaigns.own_campaigns import find_campaign_of
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.scoping import scope_of
from server.web.writes import write

# Above all that there are: PostgreSQL's largest integer.
_NO_VERSION = 2**31 - 1


class CampaignController(Controller):
    path = "/v1/campaigns"
    tags = ("Campaigns",)

    @get(operation_id="listCampaigns", summary="The campaigns that you may see")
    async def list_campaigns(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[bodies.Campaign]:
        async with connect(services.pool) as conn:
            rows = await campaigns_repository.list_campaigns(conn, staff.program_id, page, scope_of(staff))
        now, public_url = utc_now(), services.settings.public_url
        return make_page([view_campaign(row, public_url, now) for row in rows], page, lambda campaign: campaign.id)

    @post(operation_id="createCampaign", summary="Write a campaign", request_max_body_size=MAX_LONG_BODY_BYTES)
    async def create_campaign(
        self,
        data: JSONBody[CampaignRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[bodies.Campaign]:
        async def work(conn: Connection, now: datetime, version: int) -> bodies.Campaign:
            campaign = await create_campaign(conn, staff, data, now, version)
            return view_campaign(campaign, services.settings.public_url, now)

        return await write(request, services, work, status=201, bumps="campaigns")

    @get("/{campaign_id:uuid}", operation_id="getCampaign", summary="A campaign")
    async def get_campaign(
        self, campaign_id: FromPath[CampaignId], staff: SessionDependency, services: ServicesDependency
    ) -> bodies.Campaign:
        async with connect(services.pool) as conn:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            return view_campaign(campaign, services.settings.public_url, utc_now())

    @put(
        "/{campaign_id:uuid}",
        operation_id="replaceCampaign",
        summary="Write a campaign anew; what is left out gets its default",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def replace_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[CampaignReplacement],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[bodies.Campaign]:
        async def work(conn: Connection, now: datetime, version: int) -> bodies.Campaign:
            old = await find_campaign_of(conn, staff, campaign_id)
            campaign = await change_campaign(conn, staff, old, data, now, version)
            return view_campaign(campaign, services.settings.public_url, now)

        return await write(request, services, work, bumps="campaigns")

    @patch(
        "/{campaign_id:uuid}",
        operation_id="updateCampaign",
        summary="Change, start, pause or end a campaign; what is left out stays",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def update_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[CampaignChanges],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[bodies.Campaign]:
        async def work(conn: Connection, now: datetime, version: int) -> bodies.Campaign:
            old = await find_campaign_of(conn, staff, campaign_id)
            campaign = await change_campaign(conn, staff, old, apply_changes(old, data), now, version)
            return view_campaign(campaign, services.settings.public_url, now)

        return await write(request, services, work, bumps="campaigns")

    @get(
        "/{campaign_id:uuid}/versions",
        operation_id="listCampaignVersions",
        summary="What a campaign said before, and who changed it",
    )
    async def list_campaign_versions(
        self,
        campaign_id: FromPath[CampaignId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
    ) -> Page[CampaignVersion]:
        """The newest first. A coupon keeps the words, the worth and the conditions of the version that issued it."""
        async with connect(services.pool) as conn:
            await find_campaign_of(conn, staff, campaign_id)
            before = min(page.before.int, _NO_VERSION)
            rows = await campaigns_repository.list_versions(conn, campaign_id, before, page.fetch_count)
        return make_page([view_version(row) for row in rows], page, lambda each: UUID(int=each.version))

    @get(
        "/{campaign_id:uuid}/report",
        operation_id="getCampaignReport",
        summary="What came of a campaign, and why it did or did not fire",
    )
    async def get_campaign_report(
        self, campaign_id: FromPath[CampaignId], staff: SessionDependency, services: ServicesDependency
    ) -> CampaignReport:

        async def read(conn: Connection) -> CampaignReport:
            await find_campaign_of(conn, staff, campaign_id)
            return await report_campaign(conn, campaign_id)

        return await services.reports.read(read)
