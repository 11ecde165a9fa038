"""Somebody of a shop's staff, who voids coupons and gives them back."""

from ids import CouponId, MemberId, StaffId, StoreId
from kit.database import Connection, Pool, in_transaction
from kit.ids import new_id
from programs.staff_repository import Role, Session
from server.redemptions.void_coupon import RestoredCoupon, VoidedCoupon, lift_void, void_coupon
from tests.support.shop import NOON, Shop, at

REASON = "It was sold on an auction site."


async def staff_of(shop: Shop, role: Role = "owner", *stores: StoreId) -> Session:
    staff_id = StaffId(new_id())
    await shop.pool.execute(
        "INSERT INTO staff (id, program_id, email, name, role, created_at) VALUES ($1, $2, $3, 'Yui', $4, $5)",
        staff_id,
        shop.program.id,
        f"{staff_id}@example.com",
        role,
        NOON,
    )
    return Session(staff_id, shop.program.id, role, frozenset(stores))


async def voids_coupon(
    shop: Shop,
    staff: Session,
    member_id: MemberId,
    coupon_id: CouponId,
    seconds: float = 70,
    pool: "Pool | None" = None,
) -> VoidedCoupon:
    async def work(conn: Connection) -> VoidedCoupon:
        return await void_coupon(conn, staff, member_id, coupon_id, REASON, at(seconds))

    return await in_transaction(pool or shop.pool, work)


async def lifts(
    shop: Shop,
    staff: Session,
    member_id: MemberId,
    coupon_id: CouponId,
    seconds: float = 80,
    pool: "Pool | None" = None,
) -> RestoredCoupon:
    async def work(conn: Connection) -> RestoredCoupon:
        return await lift_void(conn, staff, member_id, coupon_id, at(seconds))

    return await in_transaction(pool or shop.pool, work)
