"""The card at the till: one visit a business day, whoever scans it and how often."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from coupons.coupon_codes import make_coupon_code
from ids import CouponId
from kit.database import Pool, in_transaction
from kit.ids import new_id
from programs.programs_repository import bump_campaign_version
from programs.stores_repository import close_store
from programs.tills_repository import Till
from server.check_ins.scan import ScanCommand, scan
from server.problems import Problem
from server.web.idempotency import Answer, make_idempotency_key, write_once
from tests.support.answers import expect_answers
from tests.support.shop import NOON, Shop, Shopper, fix, open_shop


async def carry_out(shop: Shop, *commands: ScanCommand) -> list[Answer | Exception]:
    snapshot = (await shop.keeper()).current
    return await in_transaction(
        shop.pool,
        lambda conn: write_once(conn, shop.keyring, commands, lambda c, fresh: scan(c, shop.keyring, snapshot, fresh)),
    )


def presents(till: Till, presented: str, now: datetime = NOON, **changes: Any) -> ScanCommand:
    return msgspec.structs.replace(
        ScanCommand(
            till=till,
            presented=presented,
            locale="en",
            idempotency_key=None,
            now=now,
        ),
        **changes,
    )


async def a_till(shop: Shop, block: int = 0) -> Till:
    ((till, _),) = await shop.install_tills(1, block)
    return till


async def counts(shop: Shop) -> list[int]:
    return [await shop.count(table) for table in ("visits", "visit_evidence", "coupons", "outbox")]


async def test_the_first_scan_is_the_visit_and_the_second_adds_evidence_only(shop: Shop) -> None:
    await shop.write_campaign("visit", frequency="daily")
    (shopper,) = await shop.enrol()
    till = await a_till(shop)
    phone = await shop.put_card_on(shopper)
    (first,) = expect_answers(await carry_out(shop, presents(till, phone.make_code(NOON))))
    (second,) = expect_answers(await carry_out(shop, presents(till, shopper.number)))
    assert (first["is_first_today"], first["coupons_issued"]) == (True, 1)
    assert (second["is_first_today"], second["coupons_issued"]) == (False, 0)
    assert [coupon["title"] for coupon in second["usable_coupons"]] == ["Welcome to Store 0"]
    assert await counts(shop) == [1, 2, 1, 1]
    assert [row["kind"] for row in await shop.rows("visit_evidence")] == ["rotating_code", "card_number"]


async def test_scans_of_one_batch_make_one_visit(shop: Shop) -> None:
    await shop.write_campaign("visit", cap=5)
    (shopper,) = await shop.enrol()
    tills = await shop.install_tills(3)
    told = expect_answers(await carry_out(shop, *(presents(till, shopper.number) for till, _ in tills)))
    assert [each["is_first_today"] for each in told] == [True, False, False]
    assert await counts(shop) == [1, 3, 1, 1]


async def test_another_business_day_and_another_store_are_other_visits(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, other = await a_till(shop), await a_till(shop, 1)
    evening = NOON + timedelta(hours=15, minutes=59)  # 03:59 in Tokyo: still Friday's guests
    commands = [presents(till, shopper.number, when) for when in (NOON, evening, evening + timedelta(minutes=1))]
    told = expect_answers(await carry_out(shop, *commands, presents(other, shopper.number)))
    assert [each["is_first_today"] for each in told] == [True, False, True, True]
    days = {(row["store_id"], row["business_day"]) for row in await shop.rows("visits", "first_at")}
    here, there = shop.stores[0].id, shop.stores[1].id
    assert days == {(here, date(2026, 5, 1)), (here, date(2026, 5, 2)), (there, date(2026, 5, 1))}


async def test_each_evidence_keeps_what_the_campaigns_made_of_it(shop: Shop) -> None:
    campaign = await shop.write_campaign("visit", cap=0)
    (shopper,) = await shop.enrol()
    till = await a_till(shop)
    await carry_out(shop, presents(till, shopper.number), presents(till, shopper.number))
    first, _ = await shop.rows("visit_evidence")
    (kept,) = await shop.decisions()
    assert (kept["source"], kept["source_id"], kept["outcome"]) == ("visit", first["id"], "cap_reached")
    assert kept["campaign_id"] == campaign.id


BAD_CARDS = ("unknown", "wrong digit", "static", "coupon", "nonsense", "empty")


async def bad_card(shop: Shop, shopper: Shopper, kind: str) -> str:
    if kind == "wrong digit":
        return shopper.number[:-1] + str((int(shopper.number[-1]) + 1) % 10)
    return {
        "unknown": "2900000000001",
        "static": "N1C" + "A" * 55,  # of the versions before the rotating code
        "coupon": make_coupon_code(shop.keyring, shopper.member_id, CouponId(new_id())),
        "nonsense": "\0\ud7ff 29 \uff12\uff19",
        "empty": "",
    }[kind]


@pytest.mark.parametrize("kind", BAD_CARDS)
async def test_a_bad_card_is_told_and_hinders_no_good_one(shop: Shop, kind: str) -> None:
    (shopper,) = await shop.enrol()
    till = await a_till(shop)
    bad = await bad_card(shop, shopper, kind)
    answers = await carry_out(shop, presents(till, bad), presents(till, shopper.number), presents(till, bad))
    assert [answer.slug if isinstance(answer, Problem) else "" for answer in answers] == [
        "card-unknown",
        "",
        "card-unknown",
    ]
    assert await counts(shop) == [1, 1, 0, 0]


async def test_a_card_of_another_program_is_unknown_here(shop: Shop, pool: Pool) -> None:
    other = await open_shop(pool, "other")
    (stranger,) = await other.enrol()
    till = await a_till(shop)
    phone = await other.put_card_on(stranger)
    for presented, slug in ((phone.make_code(NOON), "card-code-refused"), (stranger.number, "card-unknown")):
        (answer,) = await carry_out(shop, presents(till, presented))
        assert isinstance(answer, Problem)
        assert answer.slug == slug
    assert await shop.count("visits") == 0


async def test_a_closed_store_records_no_visit(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till = await a_till(shop)
    async with shop.pool.acquire() as conn, conn.transaction():
        version = await bump_campaign_version(conn, shop.program.id)
        await close_store(conn, shop.program.id, till.store_id, version, NOON)
    (answer,) = await carry_out(shop, presents(till, shopper.number))
    assert isinstance(answer, Problem)
    assert answer.slug == "store-unknown"


async def test_a_repeated_request_adds_no_evidence(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till = await a_till(shop)
    idempotency_key = make_idempotency_key(f"till:{till.id}", "k", "POST", "/v1/scans", b"{}")
    answers = [
        (await carry_out(shop, presents(till, shopper.number, idempotency_key=idempotency_key)))[0] for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert await shop.count("visit_evidence") == 1


async def test_a_coupon_of_the_doorstep_is_shown_to_the_cashier(shop: Shop) -> None:
    await shop.write_campaign()
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON)))
    till = await a_till(shop)
    soon, late = NOON + timedelta(minutes=5), NOON + timedelta(days=7)
    told = expect_answers(await carry_out(shop, presents(till, shopper.number, soon, locale="ja")))
    assert [coupon["title"] for coupon in told[0]["usable_coupons"]] == ["ようこそ Store 0"]
    told = expect_answers(await carry_out(shop, presents(till, shopper.number, late)))
    assert told[0]["usable_coupons"] == []


async def test_a_visits_push_goes_to_the_phone_that_was_enrolled_last(shop: Shop) -> None:
    await shop.write_campaign("visit")
    (shopper,) = await shop.enrol()
    (newest,) = await shop.add_devices(shopper, 1)
    await carry_out(shop, presents(await a_till(shop), shopper.number))
    (message,) = await shop.rows("outbox")
    assert message["device_id"] == newest.device_id
