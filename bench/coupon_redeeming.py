"""How long a redemption takes, each a transaction of its own, several tills at once: the flow behind the route."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

from bench.coupon_town import NOON, Town
from bench.home import share_of
from coupons.campaigns.triggers import TriggerEvent
from coupons.coupon_codes import make_coupon_code
from ids import CouponId, MemberId
from kit.database import Connection, Pool, in_pages, in_transaction, open_pool
from kit.sealing import Keyring
from server.issuing.grant_offers import grant_offers
from server.redemptions.redeem import RedeemCommand, redeem
from server.runtime.snapshot_keeper import SnapshotKeeper
from server.web.idempotency import Answer

_LANES = 4


async def measure_redeeming(dsn: str, town: Town, seconds: float) -> dict[str, float]:
    """`redeem_p99_ms` and `redeems_per_s`, in a town whose members have a coupon each. Raises what refuses one."""
    keyring = Keyring(bytes(32))
    pool = await open_pool(dsn, min_size=_LANES, max_size=_LANES)
    try:
        coupons = await _issue(pool, town)
        times: list[float] = []
        began_s = time.monotonic()
        waiting = iter(coupons)
        await asyncio.gather(
            *(
                _redeem_some(pool, keyring, town, waiting, till % len(town.till_ids), began_s + seconds, times)
                for till in range(_LANES)
            )
        )
        took_s = time.monotonic() - began_s
    finally:
        await pool.close()
    return {"redeem_p99_ms": round(share_of(times, 0.99), 2), "redeems_per_s": round(len(times) / took_s, 1)}


async def _issue(pool: Pool, town: Town) -> Sequence[tuple[MemberId, CouponId]]:
    keeper = SnapshotKeeper(pool)
    await keeper.refresh()
    events = [
        TriggerEvent(
            trigger="visit",
            member_id=member_id,
            program_id=town.program_id,
            store_id=town.store_ids[0],
            event_at=NOON,
            now=NOON,
            is_verified=True,
            trust_level=5,
        )
        for member_id in town.member_ids
    ]
    for some in in_pages(events):
        await in_transaction(pool, partial(grant_offers, snapshot=keeper.current, events=some))
    rows = await pool.fetch("SELECT DISTINCT ON (member_id) member_id, id FROM coupons WHERE event_at = $1", NOON)
    return [(row["member_id"], row["id"]) for row in rows]


async def _redeem_some(
    pool: Pool,
    keyring: Keyring,
    town: Town,
    waiting: Iterator[tuple[MemberId, CouponId]],
    till: int,
    until_s: float,
    times: list[float],
) -> None:
    for member_id, coupon_id in waiting:
        if time.monotonic() > until_s:
            return
        code = make_coupon_code(keyring, member_id, coupon_id)
        command = RedeemCommand(town.till(till), code, None, NOON + timedelta(hours=1))
        began_s = time.perf_counter()
        answer = await in_transaction(pool, partial(_redeem_one, keyring=keyring, command=command))
        times.append((time.perf_counter() - began_s) * 1000)
        if not isinstance(answer, Answer):
            raise answer if isinstance(answer, Exception) else RuntimeError(answer)


async def _redeem_one(conn: Connection, keyring: Keyring, command: RedeemCommand) -> object:
    return (await redeem(conn, keyring, [command]))[0]
