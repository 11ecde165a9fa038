"""Coupons that tests wish for past the rules, straight from the caps and keys that decide about them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from coupons.budgets import budgets_of
from coupons.campaigns import Campaign
from coupons.coupon import CouponPush, NewCoupon
from coupons.coupons_repository import issue_coupons
from coupons.rules import IssueOutcome
from ids import CouponId
from kit.database import RunFirst, in_transaction
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
        push=CouponPush(new_id(), shopper.device_id, {"title": "t"}, expires_at),
    )


async def issue(shop: Shop, wanted: list[NewCoupon]) -> Mapping[CouponId, IssueOutcome]:
    issuance = await in_transaction(shop.pool, lambda conn: issue_coupons(conn, wanted))
    return issuance.outcomes


async def issue_bare(shop: Shop, wanted: list[NewCoupon]) -> Mapping[CouponId, IssueOutcome]:
    """Not through in_transaction, which would run a deadlock's victim again."""
    while True:
        try:
            async with shop.pool.acquire() as conn, conn.transaction():
                return (await issue_coupons(conn, wanted)).outcomes
        except RunFirst as lacking:
            await in_transaction(shop.pool, lacking.work)
