"""The last coupon of a campaign that a member has had: what comes too soon after it is not issued.

Nothing is locked while it is decided. Whoever has issued by it swaps the version in the member's row of the campaign,
and starts again where somebody else has done so meanwhile.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

import asyncpg
import msgspec

from coupons.coupon import CouponHolder, NewCoupon
from coupons.issuing.hindrances import is_too_near
from ids import MemberId
from kit.database import Connection
from kit.spread import split_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "last_ones.sql")


class LastOnes(msgspec.Struct):
    """By member and campaign: when the last one was earned, and the version that was read with it."""

    earned_at: dict[CouponHolder, datetime]
    versions: dict[CouponHolder, int]
    changed: set[CouponHolder]

    def is_too_near(self, coupon: NewCoupon) -> bool:
        return is_too_near(coupon, self.earned_at.get(coupon.holder))

    def note(self, coupon: NewCoupon) -> None:
        """It has been issued."""
        if coupon.holder in self.versions:
            self.earned_at[coupon.holder] = max(coupon.event_at, self.earned_at.get(coupon.holder, coupon.event_at))
            self.changed.add(coupon.holder)


async def read_last_ones(conn: Connection, wanted: Sequence[NewCoupon]) -> LastOnes:
    holders = sorted({coupon.holder for coupon in wanted if coupon.last_before is not None})
    found = LastOnes({}, {}, set())
    for part in split_by_shard(conn, holders, itemgetter(0)):
        member_ids, campaign_ids = zip(*part, strict=True)
        for row in await conn.fetch(QUERIES.read_last_ones, member_ids, campaign_ids):
            holder = row["member_id"], row["campaign_id"]
            found.versions[holder] = row["version"]
            if row["earned_at"] is not None:
                found.earned_at[holder] = row["earned_at"]
    return found


async def swap_last_ones(conn: Connection, last_ones: LastOnes) -> None:
    """Raises SerializationError where one of them has changed since it was read."""
    holders = sorted(last_ones.changed)
    if not holders:
        return
    member_ids, campaign_ids = zip(*holders, strict=True)
    versions = [last_ones.versions[holder] for holder in holders]
    if len(await conn.fetch(QUERIES.swap_versions, member_ids, campaign_ids, versions)) < len(holders):
        raise asyncpg.SerializationError("a member has been given a coupon of the same campaign meanwhile")


async def pass_versions_on(conn: Connection, member_id: MemberId, survivor_id: MemberId) -> None:
    await conn.execute(QUERIES.pass_versions_on, member_id, survivor_id)
