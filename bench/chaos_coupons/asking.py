"""What a campaign of `./run bench chaos-coupons` allows, and the coupons that are asked of it."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from bench.chaos_coupons.history import Told, Wish
from bench.coupon_town import NOON, Town
from coupons.coupon import CouponPush, NewCoupon
from coupons.coupon_messages_repository import insert_coupon_messages
from coupons.coupons_repository import find_issued_keys, issue_coupons
from coupons.issuing.budgets import budget_of
from ids import CampaignId, CouponId
from kit.database import Connection
from kit.ids import new_id

PERIODS = 4


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign: its caps, and the distance between two coupons of a member."""

    id: CampaignId
    cap: int | None = None
    store_cap: int | None = None
    day_cap: int | None = None
    store_day_cap: int | None = None
    distance_s: float = 0.0


class Ground(msgspec.Struct, frozen=True):
    town: Town
    rules: list[Rule]


def make_coupon(ground: Ground, rule: Rule, member: int, store: int, period: int) -> NewCoupon:
    """`period`: which of the days after NOON's."""
    town, event_at = ground.town, NOON + timedelta(days=period)
    store_id, day, expires_at = town.store_ids[store], event_at.date(), NOON + timedelta(days=3650)
    capped = (
        (rule.cap, None, None),
        (rule.store_cap, store_id, None),
        (rule.day_cap, None, day),
        (rule.store_day_cap, store_id, day),
    )
    return NewCoupon(
        id=CouponId(new_id()),
        member_id=town.member_ids[member],
        program_id=town.program_id,
        campaign_id=rule.id,
        budgets=tuple(
            sorted(budget_of(rule.id, of_store, of_day) for cap, of_store, of_day in capped if cap is not None)
        ),
        period_key=f"{event_at:%Y-%m-%d}",
        store_id=store_id,
        event_at=event_at,
        business_day=day,
        issued_at=NOON,
        expires_at=expires_at,
        last_before=event_at - timedelta(seconds=rule.distance_s) if rule.distance_s else None,
    )


def wish_of(coupon: NewCoupon, rule: Rule) -> Wish:
    return Wish(
        str(coupon.id),
        str(coupon.member_id),
        str(coupon.campaign_id),
        coupon.period_key,
        str(coupon.store_id),
        coupon.business_day.isoformat(),
        coupon.event_at.timestamp(),
        rule.distance_s,
    )


async def issue(conn: Connection, coupons: Sequence[NewCoupon]) -> list[Told]:
    """Each with its message, as `grant_offers` does it."""
    issuance = await issue_coupons(conn, coupons, await find_issued_keys(conn, coupons))
    told: list[Told] = [issuance.outcomes[coupon.id] for coupon in coupons]
    issued = [coupon for coupon, outcome in zip(coupons, told, strict=True) if outcome == "issued"]
    pushes = [CouponPush(new_id(), None, None, coupon.expires_at, state="dropped", reason="stale") for coupon in issued]
    await insert_coupon_messages(conn, list(zip(issued, pushes, strict=True)))
    return told
