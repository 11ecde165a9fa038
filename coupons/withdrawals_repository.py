"""Withdrawing what is out of a campaign's coupons and unused."""

from datetime import datetime

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaigns_repository import insert_version
from ids import CampaignId, StaffId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "withdrawals.sql")


async def lock_campaign(conn: Connection, campaign_id: CampaignId) -> None:
    """Nobody redeems a coupon of the campaign until our commit."""
    await conn.execute(QUERIES.lock_campaign, campaign_id)


async def count_unused(conn: Connection, campaign_id: CampaignId, at: datetime) -> int:
    """How many coupons could have been used at that moment and have not been since."""
    number: int = await conn.fetchval(QUERIES.count_unused, campaign_id, at)
    return number


async def withdraw_campaign(conn: Connection, campaign: Campaign, version: int, by: StaffId | None) -> None:
    """The campaign, withdrawn and ended. `version` is the program's campaign version that this change was given."""
    withdrawal = campaign.withdrawal
    assert withdrawal is not None
    reason = msgspec.json.encode(withdrawal.reason).decode()
    await conn.execute(
        *QUERIES.withdraw_campaign(
            campaign_id=campaign.id,
            withdrawn_at=withdrawal.at,
            reason=reason,
            version=version,
            current_version=campaign.version,
        )
    )
    await insert_version(conn, campaign, withdrawal.at, by)
