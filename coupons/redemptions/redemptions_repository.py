"""Redemptions: the uses of a coupon at tills, no more than it has, by the primary key."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from coupons.offers import read_offer
from coupons.redemptions.benefits import read_grant
from coupons.redemptions.redemption import RedeemableCoupon, Taking, TillRedemption
from coupons.withdrawal import read_withdrawal
from ids import CouponId, MemberId, RedemptionId, StoreId, TillId
from kit.database import Connection
from kit.spread import split_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "redemptions.sql")


async def read_redeemables(
    conn: Connection, wanted: Sequence[tuple[MemberId, CouponId, StoreId]], now: datetime
) -> dict[tuple[CouponId, StoreId], RedeemableCoupon]:
    """The coupons of the wanted (member_id, coupon_id, store_id), by (coupon_id, store_id); unknown ones are absent."""
    members, coupons, stores = zip(*wanted, strict=True)
    rows = await conn.fetch(QUERIES.read_redeemable, members, coupons, stores, now)
    found = [_redeemable(row) for row in rows]
    return {(coupon.coupon_id, coupon.store_id): coupon for coupon in found}


async def hold_campaigns(conn: Connection, wanted: Sequence[tuple[MemberId, CouponId, StoreId]]) -> None:
    """Those of these coupons are not withdrawn until our commit. Comes before the coupons are read."""
    for part in split_by_shard(conn, wanted, itemgetter(0)):
        members, coupons, _ = zip(*part, strict=True)
        await conn.execute(QUERIES.hold_campaigns, members, coupons)


async def take_uses(conn: Connection, wanted: Sequence[Taking]) -> set[RedemptionId]:
    """Take a use of each coupon that still has one; return the ids of those that were taken.

    Uses are locked in the order of their coupons (server/web/writes.py), and only one that came second asks for another
    use of its coupon: then nobody waits for a coupon before the one that they hold. Of single-use coupons, each once in
    `wanted`, who came second is too late; so as many of them as stand together are one statement.
    """
    taken: set[RedemptionId] = set()
    in_order = sorted(wanted, key=attrgetter("member_id", "coupon_id", "id"))
    for part in split_by_shard(conn, in_order, attrgetter("member_id")):
        for is_single, run in groupby(part, key=lambda each: each.uses == 1):
            take = _take if is_single else _take_each
            taken |= await take(conn, list(run))
    return taken


async def _take_each(conn: Connection, wanted: Sequence[Taking]) -> set[RedemptionId]:
    taken: set[RedemptionId] = set()
    for each in wanted:
        for _ in range(each.uses):  # each time that it fails somebody else has taken one
            taken |= await _take(conn, [each])
            if each.id in taken or not await _has_free_use(conn, each):
                break
    return taken


async def _take(conn: Connection, wanted: Sequence[Taking]) -> set[RedemptionId]:
    rows = await conn.fetch(
        *QUERIES.take_uses(
            member_id=[each.member_id for each in wanted],
            coupon_id=[each.coupon_id for each in wanted],
            store_id=[each.store_id for each in wanted],
            till_id=[None if each.held_until else each.till_id for each in wanted],
            redemption_id=[None if each.held_until else each.id for each in wanted],
            reservation_id=[each.reservation_id for each in wanted],
            held_until=[each.held_until for each in wanted],
            taken_at=[each.taken_at for each in wanted],
            as_of=max(each.as_of or each.taken_at for each in wanted),
        )
    )
    taken = {row["coupon_id"] for row in rows}
    return {each.id for each in wanted if each.coupon_id in taken}


async def _has_free_use(conn: Connection, taking: Taking) -> bool:
    as_of = taking.as_of or taking.taken_at
    is_free: bool = await conn.fetchval(QUERIES.has_free_use, taking.member_id, taking.coupon_id, as_of)
    return is_free


async def find_till_redemption(
    conn: Connection, member_id: MemberId, redemption_id: RedemptionId, till_id: TillId
) -> TillRedemption | None:
    row = await conn.fetchrow(QUERIES.find_till_redemption, member_id, redemption_id, till_id)
    return TillRedemption(**row) if row else None


async def has_newer_redemption(conn: Connection, redemption: TillRedemption, till_id: TillId) -> bool:
    """Whether the till has redeemed another coupon since, and not undone that."""
    found = await conn.fetchval(QUERIES.find_newer_redemption, till_id, redemption.redeemed_at, redemption.id)
    return found is not None


async def undo_redemption(conn: Connection, redemption: TillRedemption, now: datetime) -> bool:
    """Open its coupon again. False where somebody else has undone it; then that has been committed."""
    found = await conn.fetchval(QUERIES.undo_redemption, redemption.member_id, redemption.coupon_id, redemption.id, now)
    return found is not None


async def is_coupon_usable(conn: Connection, member_id: MemberId, coupon_id: CouponId, now: datetime) -> bool:
    """Of one that there is."""
    usable: bool = await conn.fetchval(QUERIES.is_coupon_usable, member_id, coupon_id, now)
    return usable


def _redeemable(row: Any) -> RedeemableCoupon:
    columns = dict(row)
    reason = columns.pop("withdrawal_reason")
    withdrawal = read_withdrawal(columns.pop("withdrawn_at"), reason)
    grant = read_grant(columns.pop("benefit"), columns.pop("conditions"), columns.pop("uses"))
    return RedeemableCoupon(**columns | {"offer": read_offer(row["offer"]), "withdrawal": withdrawal, "grant": grant})
