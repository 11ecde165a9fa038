"""Two members of a shop on their way to become one, and what is looked at afterwards."""

from collections import Counter
from collections.abc import Coroutine
from functools import partial
from typing import Any

from coupons.coupon_codes import make_coupon_code
from ids import CouponId, MemberId
from kit.database import in_transaction
from members.devices_repository import authenticate_device
from programs.tills_repository import Till
from server.accounts.confirm import VerificationResult
from server.accounts.merge import merge
from server.check_ins.scan import ScanCommand, scan
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from server.web.idempotency import Answer
from server.web.tokens import DeviceToken, read_bearer, write_token
from tests.support.shop import NOON, Shop, Shopper, at, fix
from tests.support.verifying import (
    answer_of_last_week,
    code_of,
    device_of,
    expect_confirmed,
    moved_to,
    request_code,
    try_code,
    try_to_complete,
    verify_contact,
)


async def opens(shop: Shop, shopper: Shopper) -> bool:
    token = read_bearer(f"Bearer {shopper.token}")
    assert isinstance(token, DeviceToken)
    async with shop.pool.acquire() as conn:
        device = await authenticate_device(conn, token.member_id, token.device_id, token.secret, NOON)
    return device is not None


async def pair(shop: Shop) -> tuple[Shopper, Shopper]:
    """A verified member on an old phone, and the anonymous one that their new phone drew."""
    old, new = await shop.enrol(2)
    await verify_contact(shop, old)
    return old, new


async def transfer_device(shop: Shop, new: Shopper, seconds: float = 600) -> Shopper:
    """The new phone confirms the number, and goes on as the other member's."""
    return moved_to(await verify_contact(shop, new, now=at(seconds)))


async def becomes(shop: Shop, new: Shopper, old: Shopper, seconds: float = 600) -> Shopper:
    """As `transfer_device`, without the contact and its code."""
    snapshot = (await shop.keeper()).current
    device = await device_of(shop, new)
    token = await in_transaction(shop.pool, lambda conn: merge(conn, snapshot, device, old.member_id, at(seconds)))
    return Shopper(token.member_id, token.device_id, write_token(token), old.number)


async def pending_transfer(shop: Shop, new: Shopper) -> "partial[Coroutine[Any, Any, VerificationResult | Problem]]":
    """The new phone has proved that the card is theirs; all but the last step, in which the two become one."""
    opened = await request_code(shop, new, now=at(600))
    code = await code_of(shop)
    confirmed = expect_confirmed(await try_code(shop, await device_of(shop, new), opened.id, code, at(600)))
    assert confirmed.transfer is not None
    device = await answer_of_last_week(shop, confirmed)
    return partial(try_to_complete, shop, device, confirmed.transfer.id, at(600))


async def earn(shop: Shop, shopper: Shopper, seconds: float = 0) -> list[CouponId]:
    (located,) = await shop.locate(shopper.sends(fix(at(seconds))))
    return located.coupons


async def redeems(shop: Shop, till: Till, member_id: MemberId, coupon_id: CouponId) -> str:
    command = RedeemCommand(till, make_coupon_code(shop.keyring, member_id, coupon_id), None, at(700))
    (answer,) = await in_transaction(shop.pool, partial(redeem, keyring=shop.keyring, commands=[command]))
    return answer.slug if isinstance(answer, Problem) else "redeemed"


async def scans(shop: Shop, till: Till, presented: str, seconds: float = 0) -> Answer | Problem:
    snapshot = (await shop.keeper()).current
    command = ScanCommand(
        till=till,
        presented=presented,
        locale="ja",
        idempotency_key=None,
        now=at(seconds),
    )
    (answer,) = await in_transaction(
        shop.pool, partial(scan, keyring=shop.keyring, snapshot=snapshot, commands=[command])
    )
    assert isinstance(answer, Answer | Problem)
    return answer


async def member(shop: Shop, member_id: MemberId) -> Any:
    return await shop.pool.fetchrow("SELECT * FROM members WHERE member_id = $1", member_id)


async def usable(shop: Shop) -> Counter[MemberId]:
    rows = await shop.pool.fetch(
        "SELECT member_id FROM coupons c WHERE NOT EXISTS"
        " (SELECT FROM redemptions r WHERE (r.member_id, r.coupon_id) = (c.member_id, c.id))"
    )
    return Counter(row["member_id"] for row in rows)
