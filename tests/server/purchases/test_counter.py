"""Points at the counter: earned, spent, returned, voided; each receipt once, at its own store."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from ids import ScanId
from kit.database import Pool
from kit.ids import new_id
from points import postings_repository
from purchases.purchase import Basket
from server.check_ins.scan import ScanCommand
from server.problems import Problem
from server.purchases.purchase import ScanReference
from server.web.idempotency import Answer
from tests.server.check_ins.test_rotating_scans import give_pass, totp_code
from tests.support.answers import expect_answers
from tests.support.counter import Counter, expect_sound, open_counters, set_points
from tests.support.shop import NOON, Shop, at, open_shop


async def a_counter(shop: Shop, pool: Pool, **rules: Any) -> Counter:
    await set_points(shop, **rules)
    (counter,) = await open_counters(shop, pool)
    return counter


async def refusal(work: Any) -> str:
    with pytest.raises(Problem) as refused:
        await work
    return refused.value.slug


def slug_of(answer: Answer | Exception) -> str:
    assert isinstance(answer, Answer | Problem), answer
    return answer.slug if isinstance(answer, Problem) else "scanned"


async def test_a_visit_and_a_purchase_earn_once(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    assert await counter.balance() == 10
    assert (await counter.scan(at(60)))["points_earned"] == 0
    bought = await counter.buy(1999, "R-1")
    assert (bought.points_earned, bought.points_balance) == (19, 29)
    assert await refusal(counter.buy(5000, "R-1")) == "receipt-taken"
    assert [row["cause"] for row in await shop.rows("point_postings")] == ["visit", "purchase"]
    await expect_sound(shop)


async def test_a_scan_may_carry_the_purchase_whole_or_not_at_all(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    told = await counter.scan(at(86_400), basket=Basket("R-1", 500, []))
    assert (told["points_earned"], told["points_balance"], told["is_first_today"]) == (15, 25, True)
    before = [await shop.count(table) for table in ("visits", "visit_evidence", "purchases", "point_postings")]
    command = ScanCommand(
        till=counter.till,
        presented=counter.phone.make_code(at(2 * 86_400)),
        locale="en",
        idempotency_key=None,
        now=at(2 * 86_400),
    )
    command = msgspec.structs.replace(command, basket=Basket("R-1", 500, []))
    assert [slug_of(answer) for answer in await counter.scan_all([command])] == ["receipt-taken"]
    after = [await shop.count(table) for table in ("visits", "visit_evidence", "purchases", "point_postings")]
    assert after == before
    # Not even the code was used up.
    (answer,) = await counter.scan_all([msgspec.structs.replace(command, basket=None)])
    assert slug_of(answer) == "scanned"


async def test_a_batch_of_scans_earns_for_each(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    others = await shop.enrol(3)
    baskets = [Basket("R-1", 300, []), Basket("R-1", 300, []), None]
    commands = [
        ScanCommand(
            till=counter.till,
            presented=shopper.number,
            locale="en",
            idempotency_key=None,
            now=NOON,
            basket=basket,
        )
        for shopper, basket in zip(others, baskets, strict=True)
    ] + [
        ScanCommand(
            till=counter.till,
            presented=others[0].number,
            locale="en",
            idempotency_key=None,
            now=NOON,
            basket=Basket("R-2", 200, []),
        )
    ]
    answers = await counter.scan_all(commands)
    assert [slug_of(answer) for answer in answers] == ["scanned", "receipt-taken", "scanned", "scanned"]
    async with shop.pool.acquire() as conn:
        balances = [
            (await postings_repository.read_balance(conn, shopper.member_id, NOON)).balance for shopper in others
        ]
    assert balances == [15, 0, 10]
    await expect_sound(shop)


async def test_without_rules_there_are_no_points_but_the_purchase_counts(shop: Shop, pool: Pool) -> None:
    (counter,) = await open_counters(shop, pool)
    bought = await counter.buy(1000, "R-1")
    assert (bought.points_earned, bought.points_balance) == (0, None)
    assert [await shop.count(table) for table in ("purchases", "point_accounts")] == [1, 0]


async def test_points_are_spent_once_a_receipt_and_never_beyond_the_balance(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    spent = await counter.spend(4, "R-1")
    assert (spent.points, spent.points_balance) == (-4, 6)
    assert await refusal(counter.spend(4, "R-1")) == "receipt-taken"
    assert await refusal(counter.spend(7, "R-2")) == "insufficient-points"
    # What was refused has not used up its receipt.
    assert (await counter.spend(6, "R-2")).points_balance == 0
    await expect_sound(shop)


async def test_a_number_identifies_and_never_spends(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await counter.scan(at(60), by_number=True)
    assert await refusal(counter.spend(1, "R-1", at(60))) == "scan-trust-too-low"
    assert (await counter.buy(100, "R-2", at(60))).points_earned == 1


async def test_a_totp_code_spends_and_a_replayed_code_buys_nothing(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    totp = totp_code(await give_pass(shop, counter.shopper))
    (answer,) = expect_answers(
        await counter.scan_all(
            [
                ScanCommand(
                    till=counter.till,
                    presented=totp,
                    locale="en",
                    idempotency_key=None,
                    now=NOON,
                )
            ]
        )
    )
    counter.scan_id = ScanId(UUID(answer["scan_id"]))
    assert (await counter.spend(1, "R-1")).points_balance == 9
    again = ScanCommand(
        till=counter.till,
        presented=totp,
        locale="en",
        idempotency_key=None,
        now=NOON,
        basket=Basket("R-2", 500, []),
    )
    assert [slug_of(each) for each in await counter.scan_all([again])] == ["card-code-refused"]
    assert (await shop.count("purchases"), await counter.balance()) == (0, 9)
    assert (await counter.buy(500, "R-2")).points_earned == 5


async def test_an_old_scan_spends_nothing_and_a_foreign_one_is_unknown(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    assert await refusal(counter.spend(1, "R-1", at(15 * 60 + 1))) == "scan-unknown"
    assert await refusal(counter.buy(100, "R-1", at(86_401))) == "scan-unknown"
    ((elsewhere, _),) = await shop.install_tills(1, block=1)
    counter.till = elsewhere
    assert await refusal(counter.spend(1, "R-1")) == "scan-unknown"
    (other,) = await open_counters(await open_shop(pool, "rival"), pool)
    other.shopper, other.scan_id = counter.shopper, counter.scan_id
    assert await refusal(other.spend(1, "R-1")) == "scan-unknown"
    counter.scan_id = ScanId(new_id())
    assert await refusal(counter.buy(100, "R-1")) == "scan-unknown"
    assert counter.reference == ScanReference(counter.shopper.member_id, counter.scan_id)


async def test_who_is_closed_buys_and_spends_nothing(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await shop.pool.execute("UPDATE members SET state = 'closed'")
    assert await refusal(counter.spend(1, "R-1")) == "scan-unknown"


async def test_a_refund_takes_the_points_back_by_shares(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await counter.buy(1000, "R-1")
    part = await counter.refund("R-1", "B-1", 350)
    assert (part.refunded, part.points_reversed, part.points_balance) == (350, 4, 16)
    assert await refusal(counter.refund("R-1", "B-1", 100)) == "receipt-taken"
    assert await refusal(counter.refund("R-1", "B-2", 651)) == "refund-exceeds-purchase"
    rest = await counter.refund("R-1", "B-2")
    assert (rest.amount, rest.refunded, rest.points_reversed, rest.points_balance) == (650, 1000, 6, 10)
    assert await refusal(counter.refund("R-1", "B-3")) == "refund-exceeds-purchase"
    assert await refusal(counter.refund("R-9", "B-3")) == "receipt-unknown"
    await expect_sound(shop)


async def test_another_stores_receipt_of_the_same_number_is_another(shop: Shop, pool: Pool) -> None:
    counter = await a_counter(shop, pool)
    await counter.buy(1000, "R-1")
    ((elsewhere, _),) = await shop.install_tills(1, block=1)
    there = Counter(shop, elsewhere, counter.shopper, counter.phone, counter.snapshot, pool)
    assert await refusal(there.refund("R-1", "B-1")) == "receipt-unknown"
    await there.scan(at(60))
    assert (await there.buy(2000, "R-1")).points_earned == 20
