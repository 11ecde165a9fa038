"""Campaigns: which trigger at which stores earns which offer, and what came of them."""

from datetime import UTC, datetime

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import FromPath, JSONBody

from coupons import campaigns_repository
from coupons.campaigns import Campaign, CampaignReport
from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.ids import new_id
from kit.pages import Page, make_page
from programs import stores_repository
from programs.staff_repository import Session
from server.campaigns import bodies
from server.campaigns.audience_choice import choose_audience
from server.campaigns.bodies import CampaignRequest, make_campaign, view_campaign
from server.campaigns.change_caps import change_caps
from server.campaigns.grants import check_grant
from server.campaigns.own_campaigns import find_campaign_of, require_changeable
from server.problems import Problem
from server.web.auth import Call
from server.web.bodies import MAX_LONG_BODY_BYTES
from server.web.dependencies import PageDependency, ServicesDependency, SessionDependency
from server.web.scoping import require_stores, scope_of
from server.web.writes import write

# The ends of the calendar are infinities to the database, and come back from it without a time zone.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


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
            campaign = await _checked(conn, staff, data, CampaignId(new_id()), now)
            wanted = await check_grant(conn, staff.program_id, data)
            await campaigns_repository.create_campaign(conn, campaign, version)
            grant = await campaigns_repository.write_grant(conn, campaign, wanted, now)
            campaign = msgspec.structs.replace(campaign, grant=grant)
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
        summary="Change, start, pause or end a campaign",
        request_max_body_size=MAX_LONG_BODY_BYTES,
    )
    async def replace_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[CampaignRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[bodies.Campaign]:
        async def work(conn: Connection, now: datetime, version: int) -> bodies.Campaign:
            old = await find_campaign_of(conn, staff, campaign_id)
            require_changeable(staff, old)
            campaign = await _checked(conn, staff, data, campaign_id, old.created_at)
            wanted = await check_grant(conn, staff.program_id, data)
            await change_caps(conn, old, campaign)
            await campaigns_repository.update_campaign(conn, campaign, version)
            campaign = msgspec.structs.replace(campaign, picture_name=old.picture_name, grant=old.grant)
            grant = await campaigns_repository.write_grant(conn, campaign, wanted, now)
            campaign = msgspec.structs.replace(campaign, grant=grant)
            return view_campaign(campaign, services.settings.public_url, now)

        return await write(request, services, work, bumps="campaigns")

    @get(
        "/{campaign_id:uuid}/report",
        operation_id="getCampaignReport",
        summary="What came of a campaign, and why it did or did not fire",
    )
    async def get_campaign_report(
        self, campaign_id: FromPath[CampaignId], staff: SessionDependency, services: ServicesDependency
    ) -> CampaignReport:
        async with connect(services.pool) as conn:
            await find_campaign_of(conn, staff, campaign_id)
            return await campaigns_repository.report_campaign(conn, staff.program_id, campaign_id)


async def _checked(
    conn: Connection, staff: Session, data: CampaignRequest, campaign_id: CampaignId, created_at: datetime
) -> Campaign:
    """The campaign that the body describes. Raises Problem."""
    if data.store_ids is None and staff.role != "owner":
        raise Problem("forbidden", "Name your stores in store_ids: only an owner writes campaigns for every store.")
    require_stores(staff, data.store_ids or ())
    if data.store_ids and not await stores_repository.are_own_stores(conn, staff.program_id, data.store_ids):
        raise Problem("store-unknown", "Name in store_ids only stores of your program that are not closed.")
    _check_times(data)
    _check_frequency(data)
    audience = await choose_audience(conn, staff.program_id, data)
    return make_campaign(
        data, campaign_id=campaign_id, program_id=staff.program_id, audience=audience, created_at=created_at
    )


def _check_times(data: CampaignRequest) -> None:
    named = {"starts_at": data.starts_at, "ends_at": data.ends_at, "coupon_valid_until": data.coupon_valid_until}
    times = {name: moment for name, moment in named.items() if moment is not None}
    for name, moment in times.items():
        if moment.tzinfo is None:
            raise Problem("invalid-request", f"Give {name} with its offset from UTC, as in 2026-11-21T09:00:00+09:00.")
        if not _EARLIEST <= moment < _LATEST:
            raise Problem("invalid-request", f"Give {name} in the years 2000 to 2999.")
        if name != "starts_at" and moment <= data.starts_at:
            raise Problem("invalid-request", f"Give {name} later than starts_at.")
    given = (data.coupon_valid_s, data.coupon_valid_days, data.coupon_valid_until)
    if sum(each is not None for each in given) > 1:
        raise Problem(
            "invalid-request",
            "Give one of coupon_valid_s, coupon_valid_days, coupon_valid_until; none means a week.",
        )


def _check_frequency(data: CampaignRequest) -> None:
    if data.frequency == "rolling" and data.every_days is None:
        raise Problem("invalid-request", "Give every_days with the frequency rolling: 7 means once in seven days.")
    if data.frequency != "rolling" and data.every_days is not None:
        raise Problem("invalid-request", "Leave out every_days, or give it with the frequency rolling.")
    if data.frequency == "once" and data.cooldown_s is not None:
        raise Problem("invalid-request", "Leave out cooldown_s: with the frequency once there is no second coupon.")
