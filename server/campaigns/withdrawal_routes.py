"""What is out of a campaign's coupons and unused is withdrawn: counted first, then said again with the count."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from ids import CampaignId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.locales import Locale
from server.campaigns.own_campaigns import find_campaign_of, require_own
from server.campaigns.withdraw import CampaignWithdrawal, read_withdrawal, withdraw
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.writes import write

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class WithdrawCampaignRequest(Body, frozen=True):
    """The withdrawal of all unused coupons of a campaign. It is final."""

    unused_coupons: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    """How many are to be withdrawn, as GET of the same path counted them. Where there are more by now, nothing is
    withdrawn."""
    reason: Annotated[dict[Locale, Reason], msgspec.Meta(min_length=1)]
    """What the shopper reads in the coupon's place: in Japanese (`ja`), English (`en`) or both."""


class WithdrawalController(Controller):
    path = "/v1/campaigns/{campaign_id:uuid}/withdrawal"
    tags = ("Campaigns",)

    @get(operation_id="getCampaignWithdrawal", summary="How many unused coupons a withdrawal ends, or has ended")
    async def get_campaign_withdrawal(
        self, campaign_id: FromPath[CampaignId], staff: SessionDependency, services: ServicesDependency
    ) -> CampaignWithdrawal:
        async with connect(services.pool) as conn:
            return await read_withdrawal(conn, await find_campaign_of(conn, staff, campaign_id), utc_now())

    @post(
        operation_id="withdrawCampaign",
        summary="End a campaign and withdraw its unused coupons, for good",
        status_code=200,
    )
    async def withdraw_campaign(
        self,
        campaign_id: FromPath[CampaignId],
        data: JSONBody[WithdrawCampaignRequest],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[CampaignWithdrawal]:
        """In any state of the campaign, also when it has ended. What a till has redeemed stays redeemed; pushes that
        wait are not sent. A coupon that is issued in this very moment is withdrawn too.
        """

        async def work(conn: Connection, now: datetime, version: int) -> CampaignWithdrawal:
            campaign = await find_campaign_of(conn, staff, campaign_id)
            require_own(staff, campaign)
            return await withdraw(conn, campaign, data.unused_coupons, data.reason, now, version, staff.staff_id)

        return await write(request, services, work, bumps="campaigns", target=str(campaign_id))
