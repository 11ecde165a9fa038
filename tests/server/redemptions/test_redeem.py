"""A coupon at the till: used once, where and while it is valid."""

import random
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from coupons.coupon_codes import make_coupon_code
from coupons.issuing.validity import ForSeconds
from ids import CouponId, MemberId
from kit.database import Connection, Pool, in_transaction
from kit.ids import new_id
from kit.sealing import Keyring
from programs.tills_repository import Till
from server.problems import Problem
from server.redemptions.redeem import RedeemCommand, redeem
from server.web.idempotency import Answer, make_idempotency_key, write_once
from tests.support.shop import NOON, Shop, at, fix, open_shop


async def carry_out(shop: Shop, *commands: RedeemCommand) -> list[Answer | Exception]:
    async def run(conn: Connection, batch: Sequence[RedeemCommand]) -> Sequence[Answer | Exception]:
        return await redeem(conn, shop.keyring, batch)

    return await in_transaction(shop.pool, lambda conn: write_once(conn, shop.keyring, commands, run))


async def a_coupon(shop: Shop, **changes: Any) -> str:
    """The code of a coupon that was issued at noon at the first store."""
    await shop.write_campaign(**changes)
    (shopper,) = await shop.enrol()
    (located,) = await shop.locate(shopper.sends(fix(NOON)))
    return make_coupon_code(shop.keyring, shopper.member_id, located.coupons[0])


async def a_till(shop: Shop, block: int = 0) -> Till:
    ((till, _),) = await shop.install_tills(1, block)
    return till


def slug(answer: Answer | Exception) -> str:
    return answer.slug if isinstance(answer, Problem) else "redeemed"


async def redeems(shop: Shop, till: Till, code: str, now: datetime = NOON) -> str:
    (answer,) = await carry_out(shop, RedeemCommand(till, code, None, now))
    return slug(answer)


async def test_once_and_never_again(shop: Shop) -> None:
    code, till, other = await a_coupon(shop), await a_till(shop), await a_till(shop, 1)
    assert await redeems(shop, till, code) == "redeemed"
    (answer,) = await carry_out(shop, RedeemCommand(other, code, None, at(60)))
    assert isinstance(answer, Problem)
    assert (answer.slug, answer.extra) == ("already-redeemed", {"redeemed_at": NOON})
    (row,) = await shop.rows("redemptions", "coupon_id")
    assert (row["till_id"], row["store_id"], row["redeemed_at"]) == (till.id, till.store_id, NOON)


async def test_twice_in_one_batch_is_once(shop: Shop) -> None:
    code = await a_coupon(shop)
    tills = await shop.install_tills(4)
    answers = await carry_out(shop, *(RedeemCommand(till, code, None, NOON) for till, _ in tills))
    assert [slug(answer) for answer in answers] == ["redeemed", *["already-redeemed"] * 3]
    assert await shop.count("redemptions") == 1


async def test_a_batch_of_many_coupons_and_faults(shop: Shop) -> None:
    codes = [await a_coupon(shop), await a_coupon(shop)]  # the second member's two come of both campaigns
    till = await a_till(shop)
    presented = [codes[0], "", codes[1], codes[0], "N1K", codes[1]]
    answers = await carry_out(shop, *(RedeemCommand(till, code, None, NOON) for code in presented))
    expected = ["redeemed", "coupon-unknown", "redeemed", "already-redeemed", "coupon-unknown", "already-redeemed"]
    assert [slug(answer) for answer in answers] == expected


@pytest.mark.parametrize(("late_s", "expected"), [(-1, "redeemed"), (0, "coupon-expired")])
async def test_until_the_second_that_it_expires(shop: Shop, late_s: int, expected: str) -> None:
    code = await a_coupon(shop, coupon_validity=ForSeconds(3600))
    assert await redeems(shop, await a_till(shop), code, at(3600 + late_s)) == expected
    assert await shop.count("redemptions") == (expected == "redeemed")


async def test_at_the_stores_of_its_campaign_only(shop: Shop) -> None:
    code = await a_coupon(shop, store_ids=frozenset([shop.stores[0].id]))
    assert await redeems(shop, await a_till(shop, 1), code) == "store-not-covered"
    assert await redeems(shop, await a_till(shop), code) == "redeemed"


async def test_another_programs_till_knows_nothing_of_it(shop: Shop, pool: Pool) -> None:
    other = await open_shop(pool, "other")
    code = await a_coupon(shop)
    assert await redeems(shop, await a_till(other), code) == "coupon-unknown"
    assert await shop.count("redemptions") == 0


async def test_a_coupon_of_somebody_else_under_the_members_name_is_unknown(shop: Shop) -> None:
    code = await a_coupon(shop)
    (coupon,) = await shop.rows("coupons")
    till = await a_till(shop)
    assert (
        await redeems(shop, till, make_coupon_code(shop.keyring, MemberId(new_id()), coupon["id"])) == "coupon-unknown"
    )
    assert (
        await redeems(shop, till, make_coupon_code(shop.keyring, coupon["member_id"], CouponId(new_id())))
        == "coupon-unknown"
    )
    assert await redeems(shop, till, code) == "redeemed"


async def test_the_ids_alone_redeem_nothing(shop: Shop) -> None:
    """The answer to an upload names the coupon, and the locate token that uploads names the member."""
    code, till = await a_coupon(shop), await a_till(shop)
    (coupon,) = await shop.rows("coupons")
    ids = coupon["member_id"].bytes + coupon["id"].bytes
    others = make_coupon_code(Keyring(b"another installation's root secret"), coupon["member_id"], coupon["id"])
    guesses = [ids, ids + bytes(13), ids + ids[:13], ids + random.Random(1).randbytes(13)]
    for guess in [*("N1K" + b32encode(each).rstrip(b"=").decode() for each in guesses), others, str(coupon["id"])]:
        assert await redeems(shop, till, guess) == "coupon-unknown"
    assert await shop.count("redemptions") == 0
    assert await redeems(shop, till, code) == "redeemed"


async def test_a_repeated_request_gets_the_first_ones_answer(shop: Shop) -> None:
    code, till = await a_coupon(shop), await a_till(shop)
    idempotency_key = make_idempotency_key(f"till:{till.id}", "k", "POST", "/v1/redemptions", code.encode())
    command = RedeemCommand(till, code, idempotency_key, NOON)
    first, second = [(await carry_out(shop, command))[0] for _ in range(2)]
    assert isinstance(first, Answer)
    assert first == second
    other_key = make_idempotency_key(f"till:{till.id}", "l", "POST", "/v1/redemptions", code.encode())
    (third,) = await carry_out(shop, RedeemCommand(till, code, other_key, NOON))
    assert slug(third) == "already-redeemed"


async def test_a_refusal_is_judged_anew_when_it_is_repeated(shop: Shop) -> None:
    code = await a_coupon(shop, store_ids=frozenset([shop.stores[0].id]))
    here, there = await a_till(shop), await a_till(shop, 1)
    idempotency_key = make_idempotency_key(f"till:{there.id}", "k", "POST", "/v1/redemptions", code.encode())
    (refused,) = await carry_out(shop, RedeemCommand(there, code, idempotency_key, NOON))
    await shop.pool.execute("UPDATE campaigns SET all_stores = true")
    (taken,) = await carry_out(shop, RedeemCommand(there, code, idempotency_key, NOON + timedelta(minutes=1)))
    assert [slug(refused), slug(taken)] == ["store-not-covered", "redeemed"]
    assert await redeems(shop, here, code) == "already-redeemed"
