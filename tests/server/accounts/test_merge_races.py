"""A merge beside redemptions, uploads and other merges, on connections of their own."""

import asyncio
from collections import Counter
from functools import partial
from typing import Any

from server.accounts.confirm import VerificationResult
from server.locations.locate import locate
from tests.support.answers import expect_located
from tests.support.gates import gate
from tests.support.merging import earn, member, opens, pair, pending_transfer, redeems, usable
from tests.support.shop import NOON, Shop, Shopper, at, fix
from tests.support.verifying import (
    answer_of_last_week,
    code_of,
    device_of,
    expect_confirmed,
    moved_to,
    request_code,
    slug,
    try_code,
    try_to_complete,
    verify_contact,
)


async def test_a_coupon_is_redeemed_or_moved_and_never_both(shop: Shop, database: str) -> None:
    """Both wait at the same key; whoever the database lets first has it."""
    await shop.write_campaign()
    tills = [till for till, _ in await shop.install_tills(4)]
    outcomes: Counter[str] = Counter()
    old, *others = await shop.enrol(6)
    await verify_contact(shop, old)
    for round_, new in enumerate(others):
        await shop.pool.execute("DELETE FROM verification_code_counts")
        await shop.pool.execute("DELETE FROM redemptions WHERE member_id = $1", old.member_id)
        await shop.pool.execute("DELETE FROM coupons WHERE member_id = $1", old.member_id)
        (coupon_id,) = await earn(shop, new)
        transferring = await pending_transfer(shop, new)
        runs: list[Any] = [transferring] + [partial(redeems, shop, till, new.member_id, coupon_id) for till in tills]
        async with gate(database, "LOCK TABLE redemptions IN SHARE MODE", 2):
            # Who comes to the key first changes from round to round.
            tasks = [asyncio.create_task(run()) for run in (runs if round_ % 2 else reversed(runs))]
        answers = await asyncio.gather(*tasks)
        redeemed = sum(answer == "redeemed" for answer in answers)
        moved = (await usable(shop))[old.member_id]
        assert sum(isinstance(answer, VerificationResult) for answer in answers) == 1, answers
        assert redeemed + moved == 1, answers
        outcomes["redeemed" if redeemed else "moved"] += 1
    assert outcomes.total() == 5


async def test_a_merge_while_the_phone_uploads_leaves_no_presence_and_loses_no_coupon(
    shop: Shop, database: str
) -> None:
    await shop.write_campaign()
    old, new = await pair(shop)
    keeper = await shop.keeper()
    transferring = await pending_transfer(shop, new)
    upload = new.sends(fix(at(590)))
    # The upload has swapped the presence and waits to issue its coupon; the merge comes to that presence and waits.
    async with gate(database, "LOCK TABLE coupons IN SHARE MODE", 2) as arrived:
        uploading = asyncio.create_task(locate(shop.pool, keeper, [upload]))
        await arrived(1)
        merging = asyncio.create_task(transferring())
    ((answer,), transferred) = await asyncio.gather(uploading, merging)
    assert len(expect_located(answer).coupons) == 1
    phone = moved_to(expect_confirmed(transferred))
    assert await usable(shop) == {old.member_id: 1}
    await expect_forgotten(shop, old, new)
    (refused,) = await locate(shop.pool, keeper, [new.sends(fix(at(610)))])
    assert slug(refused) == "unauthenticated"
    (located,) = await shop.locate(phone.sends(fix(at(620))))
    assert located.accepted == 1


async def test_an_upload_that_was_read_before_the_merge_finds_its_swap_lost(shop: Shop, database: str) -> None:
    await shop.write_campaign()
    old, new = await pair(shop)
    keeper = await shop.keeper()
    transferring = await pending_transfer(shop, new)
    # The merge has the presences and waits at the coupons; the upload has read them and waits to swap.
    async with gate(database, "LOCK TABLE redemptions IN SHARE MODE", 2) as arrived:
        await earn(shop, new, 500)
        merging = asyncio.create_task(transferring())
        await arrived(1)
        uploading = asyncio.create_task(locate(shop.pool, keeper, [new.sends(fix(at(590)))]))
    transferred, (answer,) = await asyncio.gather(merging, uploading)
    expect_confirmed(transferred)
    assert slug(answer) == "unauthenticated"
    await expect_forgotten(shop, old, new)
    assert await usable(shop) == {old.member_id: 1}


async def expect_forgotten(shop: Shop, *shoppers: Shopper) -> None:
    for shopper in shoppers:
        row = await shop.pool.fetchrow("SELECT * FROM presences WHERE device_id = $1", shopper.device_id)
        assert row is not None
        assert (row["stays"], row["motion"], row["next_due_at"]) == ("[]", "{}", None)
        assert row["version"] >= 1


async def test_two_members_who_merge_into_each_other_become_one(shop: Shop) -> None:
    """Crosswise, at the same moment: one goes first, and the other is one with it already or is refused."""
    one, two = await shop.enrol(2)
    await verify_contact(shop, one)
    opened = await request_code(shop, two, "hana@example.com", "email", NOON)
    code = await code_of(shop, "hana@example.com")
    expect_confirmed(await try_code(shop, await device_of(shop, two), opened.id, code, NOON))
    first = await request_code(shop, two, now=at(600))
    first_code = await code_of(shop)
    second = await request_code(shop, one, "hana@example.com", "email", at(600))
    second_code = await code_of(shop, "hana@example.com")
    asked = [
        expect_confirmed(await try_code(shop, await device_of(shop, two), first.id, first_code, at(600))),
        expect_confirmed(await try_code(shop, await device_of(shop, one), second.id, second_code, at(600))),
    ]
    runs = [
        partial(try_to_complete, shop, await answer_of_last_week(shop, each), each.transfer.id, at(600))
        for each in asked
        if each.transfer is not None
    ]
    assert len(runs) == 2
    answers = await asyncio.gather(*(run() for run in runs))
    taken = [answer for answer in answers if isinstance(answer, VerificationResult)]
    assert taken
    states = Counter(row["state"] for row in await shop.rows("members", "member_id"))
    assert states == {"active": 1, "merged": 1}
    holders = await shop.pool.fetch("SELECT DISTINCT member_id FROM handles WHERE kind IN ('phone', 'email')")
    assert [row["member_id"] for row in holders] == [
        row["member_id"] for row in await shop.rows("members", "member_id") if row["state"] == "active"
    ]


async def test_many_phones_transfer_one_card_at_once(shop: Shop) -> None:
    (old, *news) = await shop.enrol(6)
    await verify_contact(shop, old)
    runs = []
    for new in news:
        await shop.pool.execute("DELETE FROM verification_code_counts")
        runs.append(await pending_transfer(shop, new))
    answers = await asyncio.gather(*(run() for run in runs))
    phones = [moved_to(expect_confirmed(answer)) for answer in answers]
    assert [await opens(shop, phone) for phone in phones].count(True) == 1, "a card is on one phone"
    assert not any([await opens(shop, each) for each in (old, *news)])
    assert {(await member(shop, new.member_id))["merged_into"] for new in news} == {old.member_id}
