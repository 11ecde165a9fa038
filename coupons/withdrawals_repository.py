"""Withdrawing what is out of a campaign's coupons and unused."""

from datetime import datetime

import msgspec

from coupons.withdrawal import Withdrawal
from ids import CampaignId
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


async def withdraw_campaign(conn: Connection, campaign_id: CampaignId, withdrawal: Withdrawal, version: int) -> None:
    """`version` is the program's campaign version that this change was given. The campaign ends."""
    reason = msgspec.json.encode(withdrawal.reason).decode()
    await conn.execute(QUERIES.withdraw_campaign, campaign_id, withdrawal.at, reason, version)
