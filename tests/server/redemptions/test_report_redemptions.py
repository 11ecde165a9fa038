"""What tills took without a line is booked once; what was taken twice is kept as a conflict that names the first."""

import asyncio
import csv
from collections import Counter
from datetime import datetime
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cards.signing_keys import open_signing_key
from coupons.coupon_codes import make_coupon_code
from coupons.issuing.validity import ForSeconds
from coupons.redemptions.benefits import Grant
from coupons.redemptions.conditions import Conditions
from coupons.redemptions.offline_coupons import OfflineCoupon, read_offline_coupon, sign_offline_coupon
from coupons.redemptions.offline_repository import (
    list_conflicts,
    list_offline_coupons,
    list_offline_terms,
    list_used_offline,
)
from kit.clock import utc_now
from kit.database import Connection, Pool, in_transaction
from kit.pages import parse_page
from programs.tills_repository import Till
from server.credentials.sign_cards import ensure_signing_key
from server.privacy.erase import erase
from server.redemptions.offline_routes import _bare
from server.redemptions.redeem import RedeemCommand, redeem
from server.redemptions.report_redemptions import OfflineUse, OfflineUseResult, report_redemptions
from tests.support.gates import deadlocks
from tests.support.lives import ok
from tests.support.merging import becomes, pair
from tests.support.samples import campaign_body
from tests.support.shop import NOON, Shop, Shopper, at, fix
from tests.support.world import Chain

OFFLINE = Grant(conditions=Conditions(usable_offline=True))


async def earns(shop: Shop, shopper: Shopper | None = None, uses: int = 1, **changes: Any) -> tuple[Shopper, str]:
    """Somebody, and the offline code of the coupon that they were given at noon at the first store."""
    grant = msgspec.structs.replace(OFFLINE, uses=uses)
    await shop.write_campaign(grant=grant, **changes)
    shopper = shopper or (await shop.enrol())[0]
    await shop.locate(shopper.sends(fix(NOON)))
    codes = await offline_codes(shop, shopper)
    return shopper, codes[0]


async def offline_codes(shop: Shop, shopper: Shopper, now: datetime = NOON) -> list[str]:
    async def work(conn: Connection) -> list[str]:
        held = await list_offline_coupons(conn, [shopper.member_id], parse_page(None, 50), now)
        key = await ensure_signing_key(conn, shop.keyring, shop.program.id, NOON)
        private = open_signing_key(shop.keyring, key)
        return [sign_offline_coupon(private, _bare(each, key.key_id)).to_text() for each in held]

    return await in_transaction(shop.pool, work)


async def reports(
    shop: Shop, till: Till, *uses: tuple[str, float], now: float = 3600, pool: "Pool | None" = None
) -> list[OfflineUseResult]:
    taken = [OfflineUse(code, at(seconds)) for code, seconds in uses]
    return await in_transaction(pool or shop.pool, lambda conn: report_redemptions(conn, till, taken, at(now)))


async def a_till(shop: Shop, block: int = 0) -> Till:
    ((till, _),) = await shop.install_tills(1, block)
    return till


def read(code: str) -> OfflineCoupon:
    coupon = read_offline_coupon(code)
    assert coupon is not None
    return coupon


def told(answers: list[OfflineUseResult]) -> list[str]:
    return [each.reason or each.conflict or each.outcome for each in answers]


async def test_booked_once_and_the_second_till_is_a_conflict_that_names_the_first(shop: Shop) -> None:
    shopper, code = await earns(shop)
    first, second = await a_till(shop), await a_till(shop, 1)
    (booked,) = await reports(shop, first, (code, 60))
    assert (booked.outcome, booked.member_id) == ("booked", shopper.member_id)
    (again,) = await reports(shop, first, (code, 60), now=3700)
    assert (again.outcome, again.redemption_id) == ("already_booked", booked.redemption_id)
    (conflict,) = await reports(shop, second, (code, 30))
    assert (conflict.outcome, conflict.conflict) == ("conflict", "redeemed")
    assert conflict.first is not None
    assert (conflict.first.till_id, conflict.first.redeemed_at) == (first.id, at(60))
    assert await reports(shop, second, (code, 30), now=3800) == [conflict]
    assert [await shop.count("redemptions"), await shop.count("offline_redemptions")] == [1, 2]
    used = await shop.pool.fetchval("SELECT coupons_used FROM member_facts WHERE member_id = $1", shopper.member_id)
    assert used == 1
    async with shop.pool.acquire() as conn:
        (listed,) = await list_conflicts(conn, shop.program.id, None, parse_page(None, 50))
        assert (listed.till_id, listed.first) == (second.id, conflict.first)
        assert await list_conflicts(conn, shop.program.id, [], parse_page(None, 50)) == []
        terms = await list_offline_terms(conn, second.store_id, at(3800))
        campaigns = {each.campaign_id for each in terms}
        assert [each.is_store_covered for each in terms] == [True]
        (change,) = await list_used_offline(conn, shop.program.id, campaigns, at(3000), 10, at(3800))
        assert (change.coupon_id, change.uses_left) == (read(code).coupon_id, 0)


async def test_what_was_used_online_before_is_a_conflict(shop: Shop) -> None:
    shopper, code = await earns(shop)
    online, offline = await a_till(shop), await a_till(shop, 1)
    command = RedeemCommand(
        online, make_coupon_code(shop.keyring, shopper.member_id, read(code).coupon_id), None, at(90)
    )
    await in_transaction(shop.pool, lambda conn: redeem(conn, shop.keyring, [command]))
    assert await offline_codes(shop, shopper) == []
    (conflict,) = await reports(shop, offline, (code, 30))
    assert (conflict.conflict, conflict.first and conflict.first.till_id) == ("redeemed", online.id)


async def test_what_nobody_signed_is_refused(shop: Shop) -> None:
    _, code = await earns(shop)
    till, coupon = await a_till(shop), read(code)
    forged = sign_offline_coupon(Ed25519PrivateKey.generate(), coupon).to_text()
    altered = msgspec.structs.replace(coupon, uses=9).to_text()
    foreign = msgspec.structs.replace(coupon, key_id=bytes(b ^ 1 for b in coupon.key_id)).to_text()
    codes = [(forged, 60), (altered, 60), (foreign, 60), ("N1F", 60), (code, 3661), (code, -7 * 86400)]
    expected = ["forged", "forged", "foreign_program", "not_a_coupon", "in_the_future", "too_old"]
    assert told(await reports(shop, till, *codes)) == expected
    assert await in_transaction(shop.pool, lambda conn: report_redemptions(conn, till, [None], NOON)) == [
        OfflineUseResult(outcome="refused", reason="malformed")
    ]
    assert [await shop.count("redemptions"), await shop.count("offline_redemptions")] == [0, 0]


async def test_it_is_judged_as_of_its_use(shop: Shop) -> None:
    _, code = await earns(shop, coupon_validity=ForSeconds(600), store_ids=frozenset([shop.stores[0].id]))
    here, elsewhere = await a_till(shop), await a_till(shop, 1)
    assert told(await reports(shop, elsewhere, (code, 60))) == ["other_store"]
    assert told(await reports(shop, here, (code, 600), (code, -90))) == ["expired", "too_early"]
    withdraw = "UPDATE campaigns SET state = 'ended', withdrawn_at = $1, withdrawal_reason = '{\"en\": \"=\"}'"
    await shop.pool.execute(withdraw, at(300))
    assert told(await reports(shop, here, (code, 310))) == ["withdrawn"]
    assert told(await reports(shop, here, (code, 290))) == ["booked"]


async def test_a_blocked_member_is_a_conflict_and_an_erased_one_leaves_nothing(shop: Shop) -> None:
    blocked, code = await earns(shop)
    till = await a_till(shop)
    await shop.pool.execute("UPDATE members SET state = 'blocked' WHERE member_id = $1", blocked.member_id)
    assert told(await reports(shop, till, (code, 60))) == ["blocked"]
    await shop.pool.execute("UPDATE members SET state = 'active' WHERE member_id = $1", blocked.member_id)
    await in_transaction(shop.pool, lambda conn: erase(conn, shop.program.id, blocked.member_id, at(100)))
    assert told(await reports(shop, till, (code, 60))) == ["coupon_unknown"]
    assert await shop.count("offline_redemptions") == 0


@pytest.mark.parametrize("uses", [1, 2])
async def test_a_coupon_that_has_moved_to_another_card_is_booked_there(shop: Shop, uses: int) -> None:
    old, new = await pair(shop)
    _, code = await earns(shop, new, uses)
    till, other = await a_till(shop), await a_till(shop, 1)
    before = await reports(shop, till, *[(code, 50)] * (uses - 1), now=300)
    assert told(before) == ["booked"] * (uses - 1)
    await becomes(shop, new, old)
    (booked,) = await reports(shop, till, (code, 60))
    assert (booked.outcome, booked.member_id) == ("booked", old.member_id)
    (again,) = await reports(shop, till, (code, 60), now=3700)
    assert (again.outcome, again.member_id, again.redemption_id) == (
        "already_booked",
        old.member_id,
        booked.redemption_id,
    )
    for told_before in before:
        assert (await reports(shop, till, (code, 50)))[0].redemption_id == told_before.redemption_id
    (conflict,) = await reports(shop, other, (code, 70))
    assert (conflict.conflict, conflict.first and conflict.first.till_id) == ("redeemed", till.id)
    assert await offline_codes(shop, old) == []
    assert await shop.pool.fetchval("SELECT coupons_used FROM member_facts WHERE member_id = $1", old.member_id) == uses


async def test_what_both_cards_had_is_used_once(shop: Shop) -> None:
    old, new = await pair(shop)
    _, code = await earns(shop, new)
    await shop.locate(old.sends(fix(NOON)))
    await becomes(shop, new, old)
    assert len(await offline_codes(shop, old)) == 1
    assert told(await reports(shop, await a_till(shop), (code, 60))) == ["booked"]
    assert await offline_codes(shop, old) == []


async def test_terms_are_kept_a_month_longer_than_the_last_coupon(shop: Shop) -> None:
    await shop.write_campaign(grant=OFFLINE, coupon_validity=ForSeconds(86400), ends_at=at(86400))
    async with shop.pool.acquire() as conn:
        days = [len(await list_offline_terms(conn, shop.stores[0].id, at(day * 86400))) for day in (0, 2, 31, 33)]
    assert days == [1, 1, 1, 0]


async def test_a_till_whose_clock_is_behind_takes_it_from_the_moment_that_it_is_usable(shop: Shop) -> None:
    grant = Grant(conditions=Conditions(usable_offline=True, usable_from=at(100)))
    await shop.write_campaign(grant=grant)
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(NOON)))
    (code,) = await offline_codes(shop, shopper)
    till = await a_till(shop)
    assert told(await reports(shop, till, (code, 39), (code, 41))) == ["too_early", "booked"]


async def test_a_till_goes_on_where_its_list_ended(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.redemptions.offline_routes.MAX_CHANGES", 1)
    store = await chain.add_store()
    till = (await chain.add_till(store)).at
    changes = {"trigger": {"kind": "code"}, "conditions": {"usable_offline": True}}
    campaign = ok(await chain.owner.post("/v1/campaigns", campaign_body(**changes)))
    path = f"/v1/campaigns/{campaign['id']}/paper-codes"
    ok(await chain.owner.post(path, {"name": "Flyer", "size": 3}))
    table = (await chain.owner.get(f"{path}.csv")).text.removeprefix("\ufeff").splitlines()
    used = set()
    for row in csv.DictReader(table):
        member = await chain.enrol()
        ok(await member.app.post("/v1/me/coupon-codes", {"code": row["code"]}))
        (held,) = ok(await member.app.get("/v1/me/offline-coupons"))["items"]
        taken = {"coupon": held["offline_code"], "redeemed_at": utc_now().isoformat()}
        (answer,) = ok(await till.post("/v1/redemptions/offline", {"redemptions": [taken]}))["redemptions"]
        assert answer["outcome"] == "booked"
        used.add(held["id"])
    told_of: dict[str, int] = {}
    listed = ok(await till.get("/v1/till/offline-coupons"))
    assert [each["campaign_id"] for each in listed["terms"]] == [campaign["id"]]
    pages = 0
    while listed["changes"] and listed["has_more"]:
        pages += 1
        told_of |= {each["coupon_id"]: each["uses_left"] for each in listed["changes"]}
        listed = ok(await till.get("/v1/till/offline-coupons", since=listed["next_since"]))
    assert (pages, told_of) == (3, dict.fromkeys(used, 0))
    # What was being written meanwhile may have been passed over: the next list begins before that.
    again = ok(await till.get("/v1/till/offline-coupons", since=listed["next_since"]))
    assert again["has_more"]


@pytest.mark.parametrize("uses", [1, 3])
async def test_many_connections_report_the_same(shop: Shop, race_pool: Pool, database: str, uses: int) -> None:
    _, code = await earns(shop, uses=uses)
    tills = [till for till, _ in await shop.install_tills(5)]
    runs = [reports(shop, till, (code, 60), pool=race_pool) for till in tills for _ in range(3)]
    outcomes = Counter(answer.outcome for (answer,) in await asyncio.gather(*runs))
    assert outcomes["booked"] == uses
    assert outcomes["already_booked"] == 2 * uses
    assert outcomes["conflict"] == 3 * (5 - uses)
    assert [await shop.count("redemptions"), await shop.count("offline_redemptions")] == [uses, 5]
    assert await deadlocks(database) == 0


async def test_what_a_receipt_holds_is_reported_again(shop: Shop) -> None:
    shopper, code = await earns(shop)
    till, coupon = await a_till(shop), read(code)
    row = (shopper.member_id, coupon.coupon_id, shop.program.id, coupon.campaign_id, till.store_id, till.id)
    await shop.pool.execute(
        "WITH held AS (INSERT INTO reservations (member_id, id, program_id, store_id, till_id, amount, discount, lines,"
        " uses, reserved_at, held_until) VALUES ($1, $2, $3, $5, $6, 0, 0, '[]', 1, $7, $8) RETURNING id)"
        " INSERT INTO redemptions (member_id, coupon_id, program_id, campaign_id, store_id, reservation_id, held_until,"
        " redeemed_at) SELECT $1, $2, $3, $4, $5, id, $8, $7 FROM held",
        *row,
        at(3500),
        at(4000),
    )
    (answer,) = await reports(shop, till, (code, 60))
    assert (answer.outcome, answer.held_until) == ("later", at(4000))
    assert await shop.count("offline_redemptions") == 0
    assert told(await reports(shop, till, (code, 60), now=4001)) == ["booked"]
