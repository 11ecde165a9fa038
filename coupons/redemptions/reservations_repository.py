"""Reservations in the database. The uses that they hold are rows of `redemptions` (redemptions_repository)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from coupons.redemptions.conditions import Conditions
from coupons.redemptions.reservation import HeldUse, Reservation, ReservedLine
from ids import CouponId, MemberId, ProgramId, RedemptionId, ReservationId, StoreId, TillId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "reservations.sql")
_LINES = msgspec.json.Decoder(list[ReservedLine])
_CONDITIONS = msgspec.json.Decoder(Conditions)


async def insert_reservation(
    conn: Connection, reservation: Reservation, program_id: ProgramId, till_id: TillId, now: datetime
) -> None:
    await conn.execute(
        *QUERIES.insert_reservation(
            member_id=reservation.member_id,
            id=reservation.id,
            program_id=program_id,
            store_id=reservation.store_id,
            till_id=till_id,
            amount=reservation.amount,
            discount=reservation.discount,
            lines=_encode(reservation.lines),
            stamps=msgspec.json.encode(reservation.stamps).decode(),
            uses=reservation.uses,
            reserved_at=now,
            held_until=reservation.held_until,
        )
    )


async def find_reservation(
    conn: Connection, member_id: MemberId, reservation_id: ReservationId, store_id: StoreId
) -> Reservation | None:
    row = await conn.fetchrow(QUERIES.find_reservation, member_id, reservation_id, store_id)
    return _reservation(row) if row else None


async def lock_reservation(
    conn: Connection, member_id: MemberId, reservation_id: ReservationId, store_id: StoreId
) -> Reservation | None:
    """As it is, until the commit."""
    row = await conn.fetchrow(QUERIES.lock_reservation, member_id, reservation_id, store_id)
    return _reservation(row) if row else None


async def list_uses(conn: Connection, reservation: Reservation) -> list[HeldUse]:
    """Those that it still has, by coupon."""
    rows = await conn.fetch(QUERIES.list_uses, reservation.member_id, reservation.id)
    return [HeldUse(**row) for row in rows]


async def read_company(conn: Connection, reservation: Reservation, receipt: str, now: datetime) -> list[Conditions]:
    """Of the coupons that other members have used with this receipt of the store in the last day. No other one comes to
    them before the commit.
    """
    await conn.execute(QUERIES.hold_receipt, str(reservation.store_id), receipt)
    rows = await conn.fetch(
        *QUERIES.list_company(store_id=reservation.store_id, receipt=receipt, member_id=reservation.member_id, now=now)
    )
    return [_CONDITIONS.decode(row["conditions"]) for row in rows]


async def redeem_uses(
    conn: Connection,
    reservation: Reservation,
    redemption_ids: Mapping[CouponId, RedemptionId],
    receipt: str,
    till_id: TillId,
    now: datetime,
) -> bool:
    """All uses that it holds, in the order of their coupons (server/web/writes.py). False where one is not there any
    more: then the caller rolls back.

    Raises asyncpg.UniqueViolationError where another reservation of the member stands under this receipt of the store.
    """
    await conn.execute(QUERIES.set_redeemed, reservation.member_id, reservation.id, now, receipt)
    for coupon_id, redemption_id in sorted(redemption_ids.items()):
        redeemed = await conn.fetchval(
            *QUERIES.redeem_use(
                till_id=till_id,
                redemption_id=redemption_id,
                now=now,
                member_id=reservation.member_id,
                reservation_id=reservation.id,
                coupon_id=coupon_id,
            )
        )
        if redeemed is None:
            return False
    return True


async def void_reservation(conn: Connection, reservation: Reservation, now: datetime, *, gives_back: bool) -> None:
    """What it holds is free. `gives_back`: what was used is, too."""
    await conn.execute(QUERIES.set_voided, reservation.member_id, reservation.id, now)
    await conn.execute(QUERIES.lock_uses, reservation.member_id, reservation.id)
    await conn.execute(QUERIES.release_uses, reservation.member_id, reservation.id)
    if gives_back:
        await conn.execute(QUERIES.take_back_uses, reservation.member_id, reservation.id, now)


async def set_refunded(
    conn: Connection, reservation: Reservation, refunded: int, lines: Sequence[ReservedLine]
) -> None:
    await conn.execute(QUERIES.set_refunded, reservation.member_id, reservation.id, refunded, _encode(lines))


def _encode(lines: Sequence[ReservedLine]) -> str:
    return msgspec.json.encode(lines).decode()


def _reservation(row: Any) -> Reservation:
    read = {"lines": _LINES.decode(row["lines"]), "stamps": msgspec.json.decode(row["stamps"])}
    return Reservation(**dict(row) | read)
