"""Coupons that tests wish for past the rules, straight from the caps and keys that decide about them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import asyncpg

from coupons.campaigns.campaign import Campaign
from coupons.coupon import CouponPush, NewCoupon
from coupons.coupon_messages_repository import insert_coupon_messages
from coupons.coupons_repository import find_issued_keys, issue_coupons
from coupons.issuing.budgets import budgets_of
from coupons.issuing.rules import IssueOutcome
from ids import CouponId
from kit.database import Connection, RunFirst, in_transaction
from kit.ids import new_id
from tests.support.shop import NOON, Shop, Shopper

TODAY = NOON.date()


def wish(
    shop: Shop,
    campaign: Campaign,
    shopper: Shopper,
    period_key: str = "once",
    *,
    block: int = 0,
    day: date = TODAY,
    event_at: datetime = NOON,
    last_before: datetime | None = None,
) -> NewCoupon:
    expires_at = NOON + timedelta(days=1)
    return NewCoupon(
        id=CouponId(new_id()),
        member_id=shopper.member_id,
        program_id=shop.program.id,
        campaign_id=campaign.id,
        budgets=budgets_of(campaign, shop.stores[block].id, day),
        period_key=period_key,
        store_id=shop.stores[block].id,
        event_at=event_at,
        business_day=day,
        issued_at=NOON,
        expires_at=expires_at,
        last_before=last_before,
    )


async def issue(shop: Shop, wanted: list[NewCoupon]) -> Mapping[CouponId, IssueOutcome]:
    return await in_transaction(shop.pool, lambda conn: issue_and_tell(conn, wanted))


async def issue_bare(shop: Shop, wanted: list[NewCoupon]) -> Mapping[CouponId, IssueOutcome]:
    """Not through in_transaction, which would run a deadlock's victim again."""
    while True:
        try:
            async with shop.pool.acquire() as conn, conn.transaction():
                return await issue_and_tell(conn, wanted)
        except RunFirst as lacking:
            await in_transaction(shop.pool, lacking.work)
        except asyncpg.SerializationError:  # what was read is not so any more
            continue


async def issue_and_tell(conn: Connection, wanted: list[NewCoupon]) -> Mapping[CouponId, IssueOutcome]:
    """Each with a message, as `grant_offers` does it."""
    outcomes = (await issue_coupons(conn, wanted, await find_issued_keys(conn, wanted))).outcomes
    issued = [coupon for coupon in wanted if outcomes[coupon.id] == "issued"]
    pushes = [CouponPush(new_id(), None, None, coupon.expires_at, state="dropped", reason="stale") for coupon in issued]
    await insert_coupon_messages(conn, list(zip(issued, pushes, strict=True)))
    return outcomes
