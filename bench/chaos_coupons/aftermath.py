"""What is left when a run of `./run bench chaos-coupons` is over: read, and asked for to the last."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import msgspec

from bench.chaos_coupons.asking import PERIODS, Ground, issue, make_coupon, wish_of
from bench.chaos_coupons.checker import Held
from bench.chaos_coupons.counter import Answer, hold, or_refused
from bench.chaos_coupons.history import Batch, Told, Wish
from bench.coupon_town import Town
from ids import CouponId, MemberId, StoreId
from kit.clock import utc_now
from kit.database import Connection, Pool, in_transaction
from kit.sql import load_queries

QUERIES = load_queries(__file__, "reading.sql")

STORES = 5
_DRAIN = 250
_LANES = 4


async def read_held(connection: "asyncpg.Connection[asyncpg.Record]", distances: dict[str, float]) -> Held:
    coupons = {
        row["id"]: Wish(
            row["id"],
            row["member_id"],
            row["campaign_id"],
            row["period_key"],
            row["store_id"],
            row["business_day"],
            row["event_s"],
            distances[row["campaign_id"]],
        )
        for row in await connection.fetch(QUERIES.read_coupons)
    }
    return Held(
        coupons=coupons,
        redeemed=[row["id"] for row in await connection.fetch(QUERIES.read_redeemed)],
        receipts={row["reservation"]: row["coupon"] for row in await connection.fetch(QUERIES.read_receipts)},
        messages=[row["id"] for row in await connection.fetch(QUERIES.read_messages)],
    )


async def ask_for_the_rest(pool: Pool, ground: Ground) -> list[tuple[Wish, Told]]:
    """Under keys that nobody else uses, at each store and of each day, until one is refused."""
    rest: list[tuple[Wish, Told]] = []
    last_member = len(ground.town.member_ids) - 1
    for rule in ground.rules:
        free = msgspec.structs.replace(rule, distance_s=0.0)
        if not any((rule.cap, rule.store_cap, rule.day_cap, rule.store_day_cap)):
            continue
        for store in range(STORES):
            for period in range(PERIODS):
                told: list[Told] = ["issued"]
                while told[-1] == "issued":
                    coupons = [
                        msgspec.structs.replace(
                            make_coupon(ground, free, last_member, store, period), period_key=f"rest {len(rest) + n}"
                        )
                        for n in range(_DRAIN)
                    ]
                    told = await in_transaction(pool, lambda conn, coupons=coupons: issue(conn, coupons))  # type: ignore[misc]
                    rest += [(wish_of(each, free), outcome) for each, outcome in zip(coupons, told, strict=True)]
    return rest


def find_unused(history: Sequence[Batch], held: Held) -> list[Wish]:
    """The coupons that were to be reserved, and that nobody has used in the end."""
    used = set(held.redeemed)
    wanted = {batch.asked.use.coupon for batch in history if batch.asked.use is not None}
    return [held.coupons[coupon] for coupon in sorted(wanted - used) if coupon in held.coupons]


async def ask_for_the_unused(pool: Pool, town: Town, coupons: Sequence[Wish]) -> list[Told]:
    """Each is reserved a day later, when every hold has lapsed; some at a time, since a long run leaves tens of
    thousands.
    """
    later = utc_now() + timedelta(days=1)

    async def ask(coupon: Wish) -> list[Told]:
        issued = (
            MemberId(UUID(coupon.member)),
            CouponId(UUID(coupon.coupon)),
            town.store_ids.index(StoreId(UUID(coupon.store))),
        )

        async def work(conn: Connection) -> Answer:
            await hold(conn, town, issued, timedelta(minutes=1), later)
            return Answer(["reserved"])

        return (await in_transaction(pool, or_refused(work))).told

    async def ask_in_turn(some: Sequence[Wish]) -> list[list[Told]]:
        return [await ask(each) for each in some]

    found = await asyncio.gather(*(ask_in_turn(coupons[lane::_LANES]) for lane in range(_LANES)))
    return [told for of_lane in found for each in of_lane for told in each]
