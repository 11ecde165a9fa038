"""Voiding one coupon, and giving it back. The caller has locked its member against all but a use by its code alone."""

from datetime import datetime

from coupons.voiding import CouponVoid
from ids import CouponId, MemberId, StaffId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "voids.sql")


async def void_coupon(conn: Connection, void: CouponVoid) -> int:
    """How many uses it has ended, those too that tills held. 0: a till has made the last one; the caller rolls back."""
    await conn.execute(QUERIES.end_reservations, void.member_id, void.coupon_id, void.voided_at)
    await conn.execute(
        *QUERIES.insert_void(
            member_id=void.member_id,
            id=void.id,
            coupon_id=void.coupon_id,
            reason=void.reason,
            voided_by=void.voided_by,
            voided_at=void.voided_at,
        )
    )
    ended = await conn.fetch(QUERIES.end_uses, void.member_id, void.coupon_id, void.id, void.voided_at)
    await conn.execute(QUERIES.keep_uses, void.member_id, void.coupon_id, void.id)
    return len(ended)


async def find_standing_void(conn: Connection, member_id: MemberId, coupon_id: CouponId) -> CouponVoid | None:
    row = await conn.fetchrow(QUERIES.find_standing_void, member_id, coupon_id)
    return CouponVoid(**row) if row else None


async def lift_void(conn: Connection, void: CouponVoid, by: StaffId, now: datetime) -> datetime:
    """When it was lifted. What it has ended is free again, and what it kept can be given back."""
    await conn.execute(QUERIES.let_uses_go, void.member_id, void.id)
    await conn.execute(QUERIES.free_uses, void.member_id, void.coupon_id)
    lifted_at: datetime = await conn.fetchval(QUERIES.set_lifted, void.member_id, void.id, by, now)
    return lifted_at
