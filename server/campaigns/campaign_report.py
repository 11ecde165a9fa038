"""What came of a campaign: its coupons, and its messages as far as phones and providers have told."""

from collections.abc import Mapping

import msgspec

from coupons.campaigns import campaign as campaigns
from coupons.campaigns import campaigns_repository
from ids import CampaignId
from kit.database import Connection
from push.receipts import ReceiptCounts
from push.receipts_repository import sum_receipts


class CampaignReport(campaigns.CampaignReport, frozen=True, kw_only=True):
    """What came of a campaign."""

    receipts: Mapping[str, ReceiptCounts]
    """What became of its messages after they were sent, by channel (`push`, `line`, `email`, `sms`, …): what phones and
    providers have told. Not every phone tells, so fewer may be `displayed` than were seen."""


async def report_campaign(conn: Connection, campaign_id: CampaignId) -> CampaignReport:
    report = await campaigns_repository.report_campaign(conn, campaign_id)
    return CampaignReport(**msgspec.structs.asdict(report), receipts=await sum_receipts(conn, campaign_id))
