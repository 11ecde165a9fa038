"""A contact is verified with a code that can be guessed at five times, whoever guesses and however many at once."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from ids import VerificationId
from kit.database import Pool, in_transaction, open_pool
from kit.ids import new_id
from members.code_limits import MAX_CODES, WINDOW
from members.members_repository import find_member
from members.verification_codes import LIFE, MAX_ATTEMPTS
from members.verifications_repository import purge_old_verifications
from server.accounts.confirm import VerificationResult
from server.problems import Problem
from tests.support.gates import gate
from tests.support.shop import NOON, Shop, Shopper, at, open_shop
from tests.support.verifying import (
    E164,
    PHONE,
    code_of,
    device_of,
    expect_confirmed,
    request_code,
    slug,
    try_code,
    verify_contact,
)

GUESSERS = 40


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06d}"


async def test_the_right_code_makes_the_contact_the_members(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    confirmed = await verify_contact(shop, shopper)
    assert confirmed == VerificationResult(shopper.member_id, shopper.device_id, None)
    async with shop.pool.acquire() as conn:
        member = await find_member(conn, shopper.member_id)
    assert member is not None
    assert member.verified_at == NOON
    (handle,) = await shop.pool.fetch("SELECT * FROM handles WHERE kind = 'phone'")
    assert handle["member_id"] == shopper.member_id
    assert E164.encode() not in handle["sealed_value"] + handle["value_hash"]


async def test_forty_guess_at_once_and_five_are_judged(shop: Shop, database: str) -> None:
    (shopper,) = await shop.enrol()
    opened = await request_code(shop, shopper)
    code, device = await code_of(shop), await device_of(shop, shopper)
    race_pool = await open_pool(database, min_size=20, max_size=20)
    try:
        async with gate(database, "SELECT FROM contact_verifications FOR UPDATE", 20):
            runs = [
                asyncio.create_task(try_code(shop, device, opened.id, wrong(code, by), pool=race_pool))
                for by in range(1, GUESSERS + 1)
            ]
        answers = await asyncio.gather(*runs)
    finally:
        race_pool.terminate()
    assert Counter(map(slug, answers)) == {
        "incorrect-code": MAX_ATTEMPTS,
        "verification-expired": GUESSERS - MAX_ATTEMPTS,
    }
    left = [answer.extra["tries_left"] for answer in answers if slug(answer) == "incorrect-code"]  # type: ignore[union-attr]
    assert sorted(left) == [0, 1, 2, 3, 4]
    assert slug(await try_code(shop, device, opened.id, code)) == "verification-expired", "the right one comes too late"
    assert await shop.pool.fetchval("SELECT attempts FROM contact_verifications") == MAX_ATTEMPTS


async def test_the_right_code_counts_once_however_often_it_comes_at_once(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    opened = await request_code(shop, shopper)
    code, device = await code_of(shop), await device_of(shop, shopper)
    answers = await asyncio.gather(*(try_code(shop, device, opened.id, code) for _ in range(8)))
    assert Counter(map(slug, answers)) == {"VerificationResult": 1, "verification-expired": 7}


async def test_the_fifth_try_may_be_the_right_one(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    opened = await request_code(shop, shopper)
    code, device = await code_of(shop), await device_of(shop, shopper)
    for by in range(1, MAX_ATTEMPTS):
        assert slug(await try_code(shop, device, opened.id, wrong(code, by))) == "incorrect-code"
    for no_code in ("", "12345", "1234567", "abcdef"):  # a slip of the finger is no try
        assert slug(await try_code(shop, device, opened.id, no_code)) == "invalid-request"
    expect_confirmed(await try_code(shop, device, opened.id, code))


async def test_a_code_lives_ten_minutes(shop: Shop) -> None:
    first, second = await shop.enrol(2)
    for shopper, number, late_s, expected in (
        (first, PHONE, -1, "VerificationResult"),
        (second, "090-1234-5679", 0, "verification-expired"),
    ):
        opened = await request_code(shop, shopper, number)
        code, device = await code_of(shop, "+81" + number[1:].replace("-", "")), await device_of(shop, shopper)
        answer = await try_code(shop, device, opened.id, code, NOON + LIFE + timedelta(seconds=late_s))
        assert slug(answer) == expected


async def test_a_new_code_invalidates_the_one_before(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    first = await request_code(shop, shopper)
    old_code = await code_of(shop)
    second = await request_code(shop, shopper, now=at(60))
    new_code, device = await code_of(shop), await device_of(shop, shopper)
    assert slug(await try_code(shop, device, first.id, old_code, at(61))) == "verification-expired"
    if new_code != old_code:
        assert slug(await try_code(shop, device, second.id, old_code, at(61))) == "incorrect-code"
    expect_confirmed(await try_code(shop, device, second.id, new_code, at(61)))


async def test_a_verification_belongs_to_its_member(shop: Shop, pool: Pool) -> None:
    mine, other = await shop.enrol(2)
    foreign = await open_shop(pool, "other")
    (stranger,) = await foreign.enrol()
    opened = await request_code(shop, mine)
    code = await code_of(shop)
    for home, shopper in ((shop, other), (foreign, stranger)):
        assert slug(await try_code(home, await device_of(home, shopper), opened.id, code)) == "not-found"
    assert slug(await try_code(shop, await device_of(shop, mine), VerificationId(new_id()), code)) == "not-found"
    assert await shop.pool.fetchval("SELECT attempts FROM contact_verifications") == 0


async def test_codes_to_one_contact_are_a_minute_apart_and_ten_a_day(shop: Shop) -> None:
    """Whoever asks: many cards drawn for it help nobody."""
    shoppers = await shop.enrol(MAX_CODES + 1)
    for number, shopper in enumerate(shoppers[:MAX_CODES]):
        await request_code(shop, shopper, now=at(60 * number))
        assert await wait_s(shop, shoppers[-1], at(60 * number + 59)) in (1, WINDOW.total_seconds() - 60 * number - 59)
    waiting = await wait_s(shop, shoppers[-1], at(60 * MAX_CODES))
    assert waiting == WINDOW.total_seconds() - 60 * MAX_CODES
    assert await shop.count("outbox") == MAX_CODES
    await request_code(shop, shoppers[-1], now=NOON + WINDOW)


async def wait_s(shop: Shop, shopper: Shopper, now: datetime) -> float:
    """How long the member is told to wait."""
    with pytest.raises(Problem) as refused:
        await request_code(shop, shopper, now=now)
    assert refused.value.slug == "too-many-attempts"
    assert refused.value.retry_after_s is not None
    return refused.value.retry_after_s - 1


async def test_one_member_sends_ten_codes_a_day_to_whomever(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    numbers = [f"090-1234-{number:04d}" for number in range(30)]
    outcomes = await asyncio.gather(*(request_code(shop, shopper, n) for n in numbers), return_exceptions=True)
    assert Counter(map(slug, outcomes)) == {"Verification": MAX_CODES, "too-many-attempts": 30 - MAX_CODES}
    assert await shop.count("outbox") == MAX_CODES


async def test_fifty_ask_for_the_same_contact_at_once_and_one_code_goes(shop: Shop) -> None:
    shoppers = await shop.enrol(25)
    asked = [request_code(shop, shopper) for shopper in shoppers for _ in range(2)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert Counter(map(slug, outcomes)) == {"Verification": 1, "too-many-attempts": 49}
    assert await shop.count("contact_verifications") == await shop.count("outbox") == 1


async def test_an_unusable_contact_costs_nothing(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    for value in ("110", "hana@example.com", "0990-123456"):
        with pytest.raises(Problem) as refused:
            await request_code(shop, shopper, value)
        assert refused.value.slug == "contact-unusable"
    assert [await shop.count(table) for table in ("contact_verifications", "outbox", "verification_code_counts")] == [
        0,
        0,
        0,
    ]


async def test_a_new_number_takes_the_place_of_the_old(shop: Shop) -> None:
    mine, other = await shop.enrol(2)
    await verify_contact(shop, mine)
    opened = await request_code(shop, mine, "090-8765-4321", now=at(60))
    code = await code_of(shop, "+819087654321")
    expect_confirmed(await try_code(shop, await device_of(shop, mine), opened.id, code, at(60)))
    assert await shop.pool.fetchval("SELECT count(*) FROM handles WHERE kind = 'phone'") == 1
    # The old one is anybody's again.
    assert (await verify_contact(shop, other, now=at(120))).member_id == other.member_id


async def test_old_verifications_are_purged(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    await request_code(shop, shopper)
    await in_transaction(shop.pool, lambda conn: purge_old_verifications(conn, NOON + timedelta(hours=24)))
    assert [await shop.count("contact_verifications"), await shop.count("verification_code_counts")] == [1, 4]
    await in_transaction(shop.pool, lambda conn: purge_old_verifications(conn, NOON + timedelta(hours=24, seconds=1)))
    assert [await shop.count("contact_verifications"), await shop.count("verification_code_counts")] == [0, 0]
