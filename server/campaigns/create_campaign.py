"""A campaign is written for the first time."""

from datetime import datetime

from coupons.campaigns import campaigns_repository
from coupons.campaigns.campaign import Campaign
from ids import CampaignId
from kit.database import Connection
from kit.ids import new_id
from programs.staff_repository import Session
from server.campaigns.bodies import CampaignRequest
from server.campaigns.check_campaign import check_campaign


async def create_campaign(
    conn: Connection, staff: Session, data: CampaignRequest, now: datetime, version: int
) -> Campaign:
    """`version` is the program's campaign version that this change was given. Raises Problem."""
    campaign = await check_campaign(conn, staff, data, CampaignId(new_id()), now)
    await campaigns_repository.create_campaign(conn, campaign, version, staff.staff_id)
    return campaign
