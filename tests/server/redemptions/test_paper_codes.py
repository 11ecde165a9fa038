"""Codes on paper become coupons of members: each once, and no more than the campaign has."""

import asyncio
import csv
from collections import Counter
from typing import Any

import pytest

from coupons.campaigns.campaign import Campaign
from coupons.paper.paper_code_batch import PaperCodeBatch
from coupons.paper.paper_codes import PaperCode, make_paper_code
from coupons.paper.paper_codes_repository import list_batches
from kit.database import Connection, Pool, in_transaction
from kit.pages import parse_page
from server.campaigns.paper_code_batches import cancel_codes, make_batch, withdraw_batch
from server.privacy.erase import erase
from server.problems import Problem
from server.redemptions.claim_paper_code import PaperCodeClaim, claim_paper_code, note_claim
from tests.support.expectations import expect_problem
from tests.support.gates import deadlocks, gate
from tests.support.merging import becomes, pair
from tests.support.shop import Shop, Shopper, at
from tests.support.world import Chain


async def print_codes(shop: Shop, campaign: Campaign, size: int | None = 5, word: str | None = None) -> list[str]:
    """Single codes as they are printed, or the public one."""

    async def make(conn: Connection) -> list[PaperCodeBatch]:
        await make_batch(conn, campaign, "=flyer", size, word, at(0))
        return await list_batches(conn, campaign.id, parse_page(None, 50))

    batches = await in_transaction(shop.pool, make)
    if word is not None:
        return [word]
    return [make_paper_code(shop.keyring, PaperCode(batches[0].number, serial)) for serial in range(size or 0)]


async def claims(shop: Shop, shopper: Shopper, code: str, seconds: float = 60, pool: "Pool | None" = None) -> str:
    """The id of the coupon, or why there is none."""
    snapshot = (await shop.keeper()).current
    claim = PaperCodeClaim(
        program_id=shop.program.id, member_id=shopper.member_id, presented=code, store_id=None, now=at(seconds)
    )

    async def work(conn: Connection) -> str:
        claimed = await claim_paper_code(conn, shop.keyring, snapshot, claim)
        await note_claim(conn, claim, claimed)
        return str(claimed.coupon_id)

    try:
        return await in_transaction(pool or shop.pool, work)
    except Problem as problem:
        return str(problem.extra.get("reason", problem.slug))


async def a_campaign(shop: Shop, **changes: Any) -> Campaign:
    return await shop.write_campaign("code", **changes)


async def test_a_code_is_one_persons_coupon(shop: Shop) -> None:
    codes = await print_codes(shop, await a_campaign(shop), 2)
    one, other = await shop.enrol(2)
    coupon_id = await claims(shop, one, codes[0].lower())
    assert await shop.count("coupons") == 1
    assert await claims(shop, one, codes[0]) == coupon_id
    assert await claims(shop, other, codes[0]) == "used"
    assert await claims(shop, one, codes[1]) != coupon_id  # the code says what is once
    issued = await shop.pool.fetchval("SELECT coupons_issued FROM member_facts WHERE member_id = $1", one.member_id)
    assert (issued, await shop.count("coupons"), await shop.count("outbox")) == (2, 2, 0)


async def test_what_gives_no_coupon_leaves_the_code_as_it_was(shop: Shop) -> None:
    campaign = await a_campaign(shop, cap=1)
    codes = await print_codes(shop, campaign, 4)
    ((foreign,),) = [await print_codes(shop, await a_campaign(shop, state="draft"), 1)]
    one, other = await shop.enrol(2)
    assert await claims(shop, one, codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1")) == "mistyped"
    never_printed = make_paper_code(shop.keyring, PaperCode(1, 999))
    assert [await claims(shop, one, code) for code in (never_printed, "NOSUCHWORD", foreign)] == [
        "unknown",
        "unknown",
        "not_running",
    ]
    assert await shop.count("spent_paper_codes") == 0
    await claims(shop, one, codes[0])
    assert await claims(shop, other, codes[1]) == "cap_reached"

    async def end(conn: Connection) -> Any:
        (batch,) = await list_batches(conn, campaign.id, parse_page(None, 50))
        done = await cancel_codes(conn, shop.keyring, campaign, [codes[0], codes[2], codes[2], "N1P"], at(90))
        return done, await withdraw_batch(conn, campaign, batch.id, at(100))

    done, withdrawn_at = await in_transaction(shop.pool, end)
    assert (done.cancelled, done.refused, withdrawn_at) == ([codes[2]], [codes[0], "N1P"], at(100))
    assert [await claims(shop, other, code) for code in codes[1:3]] == ["withdrawn", "withdrawn"]
    await shop.pool.execute("UPDATE paper_code_batches SET withdrawn_at = NULL")
    assert await claims(shop, other, codes[2]) == "cancelled"


async def test_a_public_code_is_once_a_person_and_has_a_cap(shop: Shop, race_pool: Pool, database: str) -> None:
    campaign = await a_campaign(shop, cap=3)
    (word,) = await print_codes(shop, campaign, None, "SPRING26")
    with pytest.raises(Problem, match="word"):
        await print_codes(shop, campaign, None, "SPRING26")
    with pytest.raises(Problem, match="cap"):
        await print_codes(shop, await a_campaign(shop), None, "SUMMER26")
    shoppers = await shop.enrol(9)
    runs = [claims(shop, shopper, "spring-26", pool=race_pool) for shopper in [*shoppers, *shoppers[:3]]]
    answers = await asyncio.gather(*runs)
    assert len({answer for answer in answers if answer != "cap_reached"}) == 3
    assert await shop.count("coupons") == 3
    holder = await shop.pool.fetchval("SELECT member_id FROM coupons LIMIT 1")
    (again,) = [await claims(shop, shopper, word) for shopper in shoppers if shopper.member_id == holder]
    assert again in answers
    assert await deadlocks(database) == 0


async def test_twelve_members_claim_one_code_and_staff_cancel_it(shop: Shop, race_pool: Pool, database: str) -> None:
    campaign = await a_campaign(shop)
    codes = await print_codes(shop, campaign, 4)
    shoppers = await shop.enrol(8)

    async def cancels(code: str) -> str:
        done = await in_transaction(race_pool, lambda conn: cancel_codes(conn, shop.keyring, campaign, [code], at(60)))
        return "cancelled" if done.cancelled else "refused"

    for code in codes:
        async with gate(database, "LOCK TABLE spent_paper_codes IN SHARE MODE", 9):
            runs = [asyncio.create_task(claims(shop, each, code, pool=race_pool)) for each in shoppers]
            ending = asyncio.create_task(cancels(code))
        answers = Counter(await asyncio.gather(*runs))
        if await ending == "cancelled":
            assert answers == {"cancelled": 8}
        else:
            assert answers.pop("used") == 7
    assert await shop.count("spent_paper_codes") == 4
    assert await deadlocks(database) == 0


async def test_it_moves_with_its_member_and_forgets_who_is_erased(shop: Shop) -> None:
    codes = await print_codes(shop, await a_campaign(shop))
    old, new = await pair(shop)
    await claims(shop, new, codes[0])
    one = await becomes(shop, new, old)
    coupon_id = await claims(shop, one, codes[0], 700)
    held = await shop.pool.fetchval("SELECT member_id FROM coupons WHERE id = $1", coupon_id)
    assert held == one.member_id
    await in_transaction(shop.pool, lambda conn: erase(conn, shop.program.id, one.member_id, at(800)))
    (row,) = await shop.rows("spent_paper_codes", "serial")
    assert row["member_id"] is None
    (stranger,) = await shop.enrol()
    assert await claims(shop, stranger, codes[0], 900) == "used"


async def test_from_the_table_to_the_till(chain: Chain) -> None:
    store_id = await chain.add_store()
    ten = {"trigger": {"kind": "code"}, "benefit": {"kind": "amount_off", "amount": 100}, "cap": 10}
    campaign_id = await chain.add_campaign(**ten)
    path = f"/v1/campaigns/{campaign_id}/paper-codes"
    for body in (
        {"name": "flyer"},
        {"name": "flyer", "size": 1, "word": "SPRING"},
        {"name": "flyer", "word": "spring"},
    ):
        expect_problem(await chain.owner.post(path, body), 400, "invalid-request")
    other = await chain.add_campaign()
    expect_problem(await chain.owner.post(f"/v1/campaigns/{other}/paper-codes", {"name": "x", "size": 1}), 400)
    made = await chain.owner.post(path, {"name": "=1+1", "size": 3}, key="k")
    assert (await chain.owner.post(path, {"name": "=1+1", "size": 3}, key="k")).json() == made.json()
    await chain.owner.post(path, {"name": "poster", "word": "SPRING26"})
    listed = (await chain.owner.get(path, limit=1)).json()
    assert listed["items"][0]["word"] == "SPRING26"
    assert (await chain.owner.get(path, limit=1, cursor=listed["next_cursor"])).json()["items"] == [made.json()]
    table = (await chain.owner.get(f"{path}.csv")).text
    rows = list(csv.DictReader(table.removeprefix("\ufeff").splitlines()))
    assert [(row["batch"], row["serial"]) for row in rows] == [("'=1+1", str(serial)) for serial in range(3)]
    missing = await chain.owner.get(f"{path}.csv", batch_id=listed["items"][0]["id"])
    expect_problem(missing, 404, "not-found")

    member, till = await chain.enrol(), await chain.add_till(store_id)
    claimed = await member.app.post("/v1/me/coupon-codes", {"code": rows[0]["code"]}, key="k")
    assert claimed.status_code == 201, claimed.text
    assert (await member.app.post("/v1/me/coupon-codes", {"code": rows[0]["qr"]})).json() == claimed.json()
    scanned = (await till.at.post("/v1/scans", {"card": member.card_number})).json()
    scan = {name: scanned[name] for name in ("member_id", "scan_id")}
    redeemed = await till.at.post("/v1/coupons/claim", scan | {"code": rows[1]["qr"], "redeem": True}, key="k")
    assert redeemed.status_code == 201, redeemed.text
    assert redeemed.json()["redemption"]["benefit"] == {"kind": "amount_off", "amount": 100}
    again = await till.at.post("/v1/coupons/claim", scan | {"code": rows[1]["qr"], "redeem": True})
    expect_problem(again, 409, "already-redeemed")
    assert (await till.at.post("/v1/coupons/claim", scan | {"code": "spring26"})).json()["redemption"] is None
    withdrawn = await chain.owner.post(f"{path}/withdrawal", {"batch_id": made.json()["id"]}, key="w")
    assert (await chain.owner.post(f"{path}/withdrawal", {"batch_id": made.json()["id"]}, key="w")).json() == (
        withdrawn.json()
    )
    refused = await member.app.post("/v1/me/coupon-codes", {"code": rows[2]["code"]})
    assert expect_problem(refused, 422, "paper-code-refused")["reason"] == "withdrawn"
    tries = [await member.app.post("/v1/me/coupon-codes", {"code": "NOSUCHWORD"}) for _ in range(18)]
    expect_problem(tries[-1], 429, "too-many-attempts")
