"""`withdraw`: what is out of a campaign's coupons and unused can be used no more, and the campaign ends. Final.

It is a mark on the campaign and none on its coupons, so that it holds for what a process that has not heard of it still
issues, and for what a till gives back by undoing a redemption. Who reads coupons asks for it.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from coupons import withdrawals_repository
from coupons.campaigns.campaign import Campaign
from coupons.withdrawal import Withdrawal
from ids import CampaignId, StaffId
from kit.database import Connection
from kit.locales import Locale
from server.problems import Problem


class CampaignWithdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """The withdrawal of a campaign's coupons, or what it would come to."""

    unused_coupons: int
    """How many coupons are out, unused and not expired. After the withdrawal: how many it has ended."""
    withdrawn_at: datetime | None
    """When they were withdrawn. Null: they have not been."""
    reason: Mapping[Locale, str] | None
    """Why, as the shopper reads it. Null: they have not been withdrawn."""


async def read_withdrawal(conn: Connection, campaign: Campaign, now: datetime) -> CampaignWithdrawal:
    return await _view(conn, campaign.id, campaign.withdrawal, now)


async def withdraw(
    conn: Connection,
    campaign: Campaign,
    counted: int,
    reason: Mapping[Locale, str],
    now: datetime,
    version: int,
    by: StaffId | None = None,
) -> CampaignWithdrawal:
    """`counted`: how many unused coupons the caller means to end. Where there are more by now, raises Problem.

    No till redeems one between the count and the commit.
    """
    if campaign.withdrawal is not None:
        raise Problem("campaign-withdrawn", "Do nothing more: a withdrawal is final, and so is its reason.")
    await withdrawals_repository.lock_campaign(conn, campaign.id)
    unused = await withdrawals_repository.count_unused(conn, campaign.id, now)
    if unused > counted:
        raise Problem(
            "more-coupons-unused",
            "Look at the new number of unused coupons, and send it if all of them are to be withdrawn.",
            unused_coupons=unused,
        )
    withdrawal = Withdrawal(now, reason)
    withdrawn = msgspec.structs.replace(campaign, state="ended", withdrawal=withdrawal, version=campaign.version + 1)
    await withdrawals_repository.withdraw_campaign(conn, withdrawn, version, by)
    return await _view(conn, campaign.id, withdrawal, now)


async def _view(
    conn: Connection, campaign_id: CampaignId, withdrawal: Withdrawal | None, now: datetime
) -> CampaignWithdrawal:
    at = now if withdrawal is None else withdrawal.at
    return CampaignWithdrawal(
        unused_coupons=await withdrawals_repository.count_unused(conn, campaign_id, at),
        withdrawn_at=None if withdrawal is None else withdrawal.at,
        reason=None if withdrawal is None else withdrawal.reason,
    )
