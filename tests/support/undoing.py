"""Scans to undo, and what is left of them."""

from datetime import datetime
from typing import Any

import pytest

from coupons.coupon_codes import make_coupon_code
from kit.database import in_transaction
from points.ranks import Rank
from server.check_ins.undo import UndoResult
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from tests.support.counter import Counter, open_counters, set_points, set_ranks, set_stamp_card
from tests.support.shop import NOON, Shop
from tests.support.visiting import undoes
from visits import behaviour_repository

RANKS = (Rank("guest", {"en": "Guest"}, 1),)


async def a_counter(shop: Shop) -> Counter:
    """A till at which the card was scanned at noon."""
    (counter,) = await open_counters(shop, shop.pool)
    return counter


async def undo(shop: Shop, counter: Counter, now: datetime = NOON) -> UndoResult:
    return await undoes(shop, counter.till, counter.shopper.member_id, counter.scan_id, now)


async def refusal(shop: Shop, counter: Counter, now: datetime = NOON) -> str:
    with pytest.raises(Problem) as caught:
        await undo(shop, counter, now)
    return caught.value.slug


async def usable(shop: Shop) -> int:
    found: int = await shop.pool.fetchval(
        "SELECT count(*) FROM coupons c WHERE NOT EXISTS"
        " (SELECT FROM redemptions r WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id))"
    )
    return found


async def redeem_newest(shop: Shop, counter: Counter) -> bool:
    coupon = (await shop.rows("coupons"))[-1]
    code = make_coupon_code(counter.shop.keyring, coupon["member_id"], coupon["id"])
    (answer,) = await in_transaction(
        shop.pool, lambda conn: redeem(conn, counter.shop.keyring, [RedeemCommand(counter.till, code, None, NOON)])
    )
    return not isinstance(answer, Exception)


async def visit_days(shop: Shop, counter: Counter) -> int:
    async with shop.pool.acquire() as conn:
        return (await behaviour_repository.read_behaviour(conn, [counter.shopper.member_id])).visit_count


async def stage(shop: Shop, **card: Any) -> Counter:
    """A visit of ten points, one of two stamps, the rank of who has come, and a capped coupon."""
    await set_points(shop)
    await set_stamp_card(shop, source="visit", min_amount=0, stamps_needed=2, **card)
    await set_ranks(shop, measure="visits", ranks=RANKS)
    await shop.write_campaign("visit", cap=5)
    return await a_counter(shop)
