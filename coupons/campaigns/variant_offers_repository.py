"""What the variants of a campaign give in place of what the campaign does: rows that never change, kept by coupons."""

from datetime import datetime

import msgspec

from ids import CampaignId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "variant_offers.sql")


async def write_variant_offer(
    conn: Connection, campaign_id: CampaignId, former: int | None, offer: str | None, benefit: str | None, now: datetime
) -> int | None:
    """The version that gives these (JSON of coupons.offers and redemptions.benefits): the former one, or a new one.

    None where neither is given. The caller holds the program's versions, so nobody else writes one now.
    """
    if offer is None and benefit is None:
        return None
    row = None if former is None else await conn.fetchrow(QUERIES.find_variant_offer, campaign_id, former)
    if row is not None and [_read(each) for each in row] == [_read(offer), _read(benefit)]:
        return former
    version: int = await conn.fetchval(
        *QUERIES.insert_variant_offer(campaign_id=campaign_id, offer=offer, benefit=benefit, now=now)
    )
    return version


def _read(text: str | None) -> object:
    return None if text is None else msgspec.json.decode(text)
