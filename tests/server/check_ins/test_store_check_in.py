"""A member scans the store's QR, with a fresh fix inside the store's fence."""

import math
from datetime import datetime, timedelta

import asyncpg
import pytest

from geo.fix import Fix
from ids import StoreId
from kit.database import Pool
from programs import stores_repository
from server.problems import Problem
from tests.server.check_ins.test_scan import a_till, carry_out, presents
from tests.support.counter import set_points
from tests.support.shop import NOON, Shop, at, fix, open_shop, place
from tests.support.visiting import (
    checks_in_at_store,
    display_code,
    expect_reconciled,
    give_display,
    printed_code,
    set_visit_rules,
    trust_of,
)

AWAY = fix(NOON, away_m=400)


async def refused(shop: Shop, code: str | None = None, where: Fix | None = None, now: datetime = NOON) -> str:
    """The reason, or the problem where it gives none. Nothing is written."""
    (shopper,) = await shop.enrol()
    with pytest.raises(Problem) as caught:
        await checks_in_at_store(shop, shopper, code, where, now)
    assert [await shop.count(table) for table in ("visits", "visit_evidence")] == [0, 0]
    return str(caught.value.extra.get("reason", caught.value.slug))


async def test_it_is_a_visit_and_earns_like_one(shop: Shop) -> None:
    await set_visit_rules(shop)
    await set_points(shop)
    await shop.write_campaign("visit")
    (shopper,) = await shop.enrol()
    first = await checks_in_at_store(shop, shopper)
    assert (first.is_first_today, first.trust, len(first.coupons), first.points_earned) == (True, "fair", 1, 10)
    again = await checks_in_at_store(shop, shopper, now=at(60))
    assert (again.is_first_today, again.coupons, again.points_earned) == (False, [], 0)
    (evidence,) = await shop.rows("visit_evidence")  # the same again is not written
    assert (evidence["kind"], evidence["till_id"], evidence["device_id"]) == ("store_qr", None, shopper.device_id)
    assert [await shop.count(table) for table in ("visits", "coupons", "point_postings")] == [1, 1, 1]
    await expect_reconciled(shop)


async def test_a_display_proves_more_and_many_members_scan_one(shop: Shop) -> None:
    await set_visit_rules(shop)
    await give_display(shop)
    shoppers = await shop.enrol(3)
    told = [await checks_in_at_store(shop, shopper, display_code(shop)) for shopper in shoppers]
    assert [(each.is_first_today, each.trust) for each in told] == [(True, "good")] * 3
    assert not (await checks_in_at_store(shop, shoppers[0], display_code(shop))).is_first_today
    assert [await shop.count(table) for table in ("visits", "visit_evidence")] == [3, 3]


async def test_a_weaker_code_on_the_same_day_lowers_nothing(shop: Shop) -> None:
    await set_visit_rules(shop)
    await give_display(shop)
    (shopper,) = await shop.enrol()
    await checks_in_at_store(shop, shopper, display_code(shop))
    await checks_in_at_store(shop, shopper, now=at(60))
    assert await trust_of(shop) == "good"
    assert await shop.count("visit_evidence") == 2


async def test_a_code_that_is_not_of_this_store_now(shop: Shop, pool: Pool) -> None:
    await set_visit_rules(shop)
    other = await open_shop(pool, "other")
    await give_display(shop)
    assert await refused(shop, printed_code(other)) == "unknown"
    assert await refused(shop, "9" * 400) == "unknown"
    assert await refused(shop, "") == "unknown"
    assert await refused(shop, display_code(shop, at(-61))) == "old"
    assert await refused(shop, display_code(shop, at(61))) == "early"
    async with pool.acquire() as conn:
        assert await stores_repository.renew_qr(conn, shop.program.id, shop.stores[0].id) == 2
        assert await stores_repository.renew_display(conn, shop.program.id, shop.stores[0].id) == 2
    assert await refused(shop) == "renewed"
    assert await refused(shop, display_code(shop)) == "renewed"
    (shopper,) = await shop.enrol()
    assert (await checks_in_at_store(shop, shopper, printed_code(shop, generation=2))).is_first_today


async def test_a_store_that_closed_takes_nobody(shop: Shop) -> None:
    await set_visit_rules(shop)
    async with shop.pool.acquire() as conn:
        await stores_repository.close_store(conn, shop.program.id, shop.stores[0].id, 99, NOON)
    assert await refused(shop) == "unknown"


LAT, LON = place(0)


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        (AWAY, "not-at-store"),
        (fix(NOON, 1), "not-at-store"),  # in the fence of the program's other store
        (fix(at(-121)), "too_old"),
        (fix(at(61)), "future"),
        (fix(NOON, accuracy_m=101.0), "accuracy_too_poor"),
        (Fix(math.nan, LON, 10.0, NOON), "lat_out_of_range"),
        (Fix(LAT, math.inf, 10.0, NOON), "lon_out_of_range"),
        (Fix(LAT, LON, math.nan, NOON), "accuracy_invalid"),
        (Fix(LAT, LON, -1.0, NOON), "accuracy_invalid"),
        (Fix(LAT, LON, 10.0, NOON.replace(tzinfo=None)), "time_invalid"),
    ],
)
async def test_a_fix_that_does_not_say_that_they_are_there(shop: Shop, where: Fix, reason: str) -> None:
    await set_visit_rules(shop)
    assert await refused(shop, where=where) == reason


@pytest.mark.parametrize("where", [fix(at(-120)), fix(at(60)), fix(NOON, accuracy_m=100.0), fix(NOON, accuracy_m=None)])
async def test_a_fix_that_just_does(shop: Shop, where: Fix) -> None:
    await set_visit_rules(shop)
    (shopper,) = await shop.enrol()
    assert (await checks_in_at_store(shop, shopper, where=where)).is_first_today


async def test_a_program_that_does_not_want_it(shop: Shop) -> None:
    assert await refused(shop) == "store-qr-disabled"


async def test_it_needs_no_consent_and_keeps_no_place(shop: Shop) -> None:
    await set_visit_rules(shop)
    (shopper,) = await shop.enrol(location=False)
    assert (await checks_in_at_store(shop, shopper)).trust == "fair"
    (presence,) = await shop.rows("presences", "device_id")
    assert (presence["version"], presence["motion"]) == (0, "{}")


async def test_a_mocked_fix_makes_a_visit_that_earns_nothing_until_a_till_sees_the_card(shop: Shop) -> None:
    await set_visit_rules(shop)
    await set_points(shop)
    await shop.write_campaign("visit")
    (shopper,) = await shop.enrol()
    told = await checks_in_at_store(shop, shopper, where=fix(NOON, mocked=True))
    assert (told.trust, told.coupons, told.points_earned) == ("doubtful", [], 0)
    (evidence,) = await shop.rows("visit_evidence")
    assert (evidence["doubts"], await shop.outcomes()) == (["mocked"], ["trust_too_low"])
    (answer,) = await carry_out(shop, presents(await a_till(shop), shopper.number, at(60)))
    assert not isinstance(answer, Exception)
    assert [await shop.count(table) for table in ("visits", "coupons", "point_postings")] == [1, 1, 1]
    assert await trust_of(shop) == "low"
    await expect_reconciled(shop)


async def test_a_jump_from_where_the_phone_was_a_minute_ago(shop: Shop) -> None:
    await set_visit_rules(shop)
    (shopper,) = await shop.enrol()
    await shop.locate(shopper.sends(fix(at(-60), away_m=50_000)))
    assert (await checks_in_at_store(shop, shopper)).trust == "low"
    (evidence,) = await shop.rows("visit_evidence")
    assert evidence["doubts"] == ["jump"]


async def move_to_osaka(shop: Shop, store_id: StoreId) -> None:
    await shop.pool.execute(
        "UPDATE stores SET location = ST_SetSRID(ST_MakePoint(135.5, 34.7), 4326) WHERE id = $1", store_id
    )


async def test_another_store_too_far_away_a_minute_ago(shop: Shop) -> None:
    await set_visit_rules(shop)
    await move_to_osaka(shop, shop.stores[1].id)
    (shopper,) = await shop.enrol()
    till, osaka = await a_till(shop), await a_till(shop, 1)
    phone = await shop.put_card_on(shopper)
    await carry_out(shop, presents(osaka, phone.make_code(at(-60)), at(-60)))
    assert (await checks_in_at_store(shop, shopper)).trust == "low"
    (answer,) = await carry_out(shop, presents(till, phone.make_code(at(60)), at(60)))
    assert not isinstance(answer, Exception)
    rows = await shop.rows("visit_evidence")
    assert [(row["kind"], row["trust"], row["doubts"]) for row in rows] == [
        ("rotating_code", 5, []),
        ("store_qr", 1, ["impossible_travel"]),
        ("rotating_code", 3, ["impossible_travel"]),
    ]
    # A plane later it is no wonder.
    later = NOON + timedelta(hours=2)
    await carry_out(shop, presents(osaka, phone.make_code(later), later))
    assert (await shop.rows("visit_evidence"))[-1]["doubts"] == []


async def test_a_number_that_somebody_types_far_away_casts_no_doubt(shop: Shop) -> None:
    await move_to_osaka(shop, shop.stores[1].id)
    (shopper,) = await shop.enrol()
    phone = await shop.put_card_on(shopper)
    await carry_out(shop, presents(await a_till(shop, 1), shopper.number, at(-60)))
    await carry_out(shop, presents(await a_till(shop), phone.make_code(NOON), NOON))
    assert [row["doubts"] for row in await shop.rows("visit_evidence")] == [[], []]


async def test_a_check_in_that_breaks_off_leaves_nothing(shop: Shop) -> None:
    """At its last statement."""
    await set_visit_rules(shop)
    await set_points(shop)
    (shopper,) = await shop.enrol()
    await shop.pool.execute("ALTER TABLE visit_evidence ADD CONSTRAINT broken CHECK (kind <> 'store_qr')")
    with pytest.raises(asyncpg.CheckViolationError):
        await checks_in_at_store(shop, shopper)
    assert [await shop.count(table) for table in ("visits", "visit_evidence", "point_postings")] == [0, 0, 0]
    await shop.pool.execute("ALTER TABLE visit_evidence DROP CONSTRAINT broken")
    assert (await checks_in_at_store(shop, shopper)).points_earned == 10
