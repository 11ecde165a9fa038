"""What tills scanned without a line, reported later: in event time, each code once, whatever the order of reports."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from cards.code_uses_repository import purge_code_uses
from cards.rotating_codes import STEP_S
from kit.database import Connection, in_transaction
from members.members_repository import change_state
from programs.programs_repository import bump_campaign_version
from programs.stores_repository import close_store
from programs.tills_repository import Till
from server.check_ins.report_scans import OfflineScan, OfflineScanResult, report_scans
from server.credentials.revoke_codes import revoke_codes
from tests.server.check_ins.test_rotating_scans import give_pass, scan_one, totp_code
from tests.server.check_ins.test_scan import a_till, carry_out, presents
from tests.support.shop import NOON, Shop, open_shop

EVENING = NOON + timedelta(hours=6)


async def report(
    shop: Shop, till: Till, *scans: tuple[str, datetime], now: datetime = EVENING
) -> Sequence[OfflineScanResult]:
    snapshot = (await shop.keeper()).current
    listed = [OfflineScan(card, at) for card, at in scans]
    return await in_transaction(shop.pool, lambda conn: report_scans(conn, shop.keyring, snapshot, till, listed, now))


def outcomes(reported: Sequence[OfflineScanResult]) -> list[str]:
    return [each.reason or each.outcome for each in reported]


async def test_a_scan_counts_at_its_own_time(shop: Shop) -> None:
    campaign = await shop.write_campaign("visit", max_event_age_s=86_400)
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    (told,) = await report(shop, till, (phone.make_code(NOON), NOON))
    assert (told.outcome, told.member_id, told.is_first_today, told.coupons_issued) == (
        "counted",
        shopper.member_id,
        True,
        1,
    )
    (visit,), (evidence,) = await shop.rows("visits", "first_at"), await shop.rows("visit_evidence")
    assert (visit["business_day"], visit["first_at"]) == (date(2026, 5, 1), NOON)
    assert (evidence["kind"], evidence["at"]) == ("rotating_code", NOON)
    (coupon,) = await shop.rows("coupons")
    assert (coupon["campaign_id"], coupon["event_at"], coupon["issued_at"]) == (campaign.id, NOON, EVENING)


async def test_a_report_of_three_days_ago(shop: Shop) -> None:
    await shop.write_campaign("visit", max_event_age_s=3600)
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    (told,) = await report(shop, till, (phone.make_code(NOON), NOON), now=NOON + timedelta(days=3))
    assert (told.outcome, told.is_first_today, told.coupons_issued) == ("counted", True, 0)
    (visit,) = await shop.rows("visits", "first_at")
    assert visit["business_day"] == date(2026, 5, 1)
    assert await shop.outcomes() == ["too_old"]


async def test_the_same_report_again_changes_nothing(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    scans = [(phone.make_code(at), at) for at in (NOON, NOON + timedelta(minutes=1))]
    assert outcomes(await report(shop, till, *scans)) == ["counted", "counted"]
    for now in (EVENING, EVENING + timedelta(days=2)):
        assert outcomes(await report(shop, till, *scans, now=now)) == ["already_counted"] * 2
    assert outcomes(await report(shop, till, scans[0], scans[0])) == ["already_counted"] * 2
    assert [await shop.count(table) for table in ("visits", "visit_evidence", "code_uses")] == [1, 2, 2]


async def test_twice_in_one_report_counts_once(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    scan = (phone.make_code(NOON), NOON)
    assert outcomes(await report(shop, till, scan, scan)) == ["counted", "already_counted"]
    assert await shop.count("visit_evidence") == 1


@pytest.mark.parametrize("earlier_first", [True, False])
async def test_two_tills_without_a_line_took_the_same_code(shop: Shop, *, earlier_first: bool) -> None:
    """The first report counts, whichever scan was earlier: nothing is taken back. The other is kept as a duplicate."""
    (shopper,) = await shop.enrol()
    till, elsewhere = await a_till(shop), await a_till(shop, 1)
    code = (await shop.put_card_on(shopper)).make_code(NOON)
    scans = [(till, (code, NOON)), (elsewhere, (code, NOON + timedelta(seconds=15)))]
    if not earlier_first:
        scans.reverse()
    (first, first_scan), (second, second_scan) = scans
    assert outcomes(await report(shop, first, first_scan)) == ["counted"]
    for _ in range(2):
        assert outcomes(await report(shop, second, second_scan)) == ["duplicate"]
    assert outcomes(await report(shop, first, first_scan)) == ["already_counted"]
    (visit,) = await shop.rows("visits", "first_at")
    assert visit["store_id"] == first.store_id
    uses = await shop.rows("code_uses", "is_counted")
    assert [(row["till_id"], row["is_counted"], row["at"]) for row in uses] == [
        (second.id, False, second_scan[1]),
        (first.id, True, first_scan[1]),
    ]
    assert await shop.count("visit_evidence") == 1


@pytest.mark.usefixtures("pretended_shards")
async def test_many_tills_report_the_same_code_at_once(shop: Shop) -> None:
    await shop.write_campaign("visit", max_event_age_s=86_400)
    shoppers = await shop.enrol(5)
    codes = [((await shop.put_card_on(shopper)).make_code(NOON), NOON) for shopper in shoppers]
    tills = [till for till, _ in await shop.install_tills(6)]
    told = await asyncio.gather(*(report(shop, till, *codes[n % 5 :], *codes[: n % 5]) for n, till in enumerate(tills)))
    every = [each.outcome for reported in told for each in reported]
    assert (every.count("counted"), every.count("duplicate")) == (5, 25)
    tables = ("visits", "visit_evidence", "coupons", "code_uses")
    assert [await shop.count(table) for table in tables] == [5, 5, 5, 30]


async def test_online_and_offline_share_one_count(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, other = await a_till(shop), await a_till(shop, 1)
    phone = await shop.put_card_on(shopper)
    code = phone.make_code(NOON)
    assert await scan_one(shop, till, code) == "good"
    assert outcomes(await report(shop, other, (code, NOON))) == ["duplicate"]
    assert outcomes(await report(shop, till, (code, NOON))) == ["already_counted"]
    next_code = phone.make_code(EVENING)
    assert outcomes(await report(shop, other, (next_code, EVENING))) == ["counted"]
    assert await scan_one(shop, till, next_code, EVENING) == "replayed"


async def test_an_earlier_scan_that_comes_later_moves_the_visits_beginning(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    await carry_out(shop, presents(till, phone.make_code(EVENING), EVENING))
    (told,) = await report(shop, till, (phone.make_code(NOON), NOON), now=EVENING)
    assert (told.outcome, told.is_first_today) == ("counted", False)
    (visit,) = await shop.rows("visits", "first_at")
    assert visit["first_at"] == NOON
    later = NOON + timedelta(hours=1)
    await report(shop, till, (phone.make_code(later), later))
    (visit,) = await shop.rows("visits", "first_at")
    assert visit["first_at"] == NOON


async def test_a_revocation_does_not_reach_back(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    stolen_at = NOON + timedelta(hours=1)
    await in_transaction(shop.pool, lambda conn: revoke_codes(conn, shopper.member_id, "lost", stolen_at))
    before, after = stolen_at - timedelta(seconds=1), stolen_at + timedelta(minutes=5)
    told = await report(shop, till, (phone.make_code(before), before), (phone.make_code(after), after))
    assert outcomes(told) == ["counted", "revoked"]


async def test_who_is_blocked_by_now_has_no_card(shop: Shop) -> None:
    """The code was good when it was shown, and its key names the card."""
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    blocked_at = NOON + timedelta(hours=1)

    async def block(conn: Connection) -> None:
        await change_state(conn, shop.program.id, shopper.member_id, "active", "blocked", blocked_at)
        await revoke_codes(conn, shopper.member_id, "blocked", blocked_at)

    await in_transaction(shop.pool, block)
    told = await report(shop, till, (phone.make_code(NOON), NOON))
    assert outcomes(told) == ["card_unknown"]
    assert await shop.count("visits") == 0


async def test_bad_scans_are_told_and_hinder_no_good_one(shop: Shop) -> None:
    other = await open_shop(shop.pool, "other")
    (shopper,), (stranger,) = await shop.enrol(), await other.enrol()
    till, phone, totp_pass = await a_till(shop), await shop.put_card_on(shopper), await give_pass(shop, shopper)
    thief = await other.put_card_on(stranger)
    foreign = thief.make_code(NOON)
    thief.certificate = phone.certificate
    good, long_ago, soon = phone.make_code(NOON), EVENING - timedelta(days=7, seconds=1), EVENING + timedelta(minutes=2)
    told = await report(
        shop,
        till,
        (thief.make_code(NOON), NOON),
        (foreign, NOON),
        ("", NOON),
        (shopper.number, NOON),
        (totp_code(totp_pass, EVENING), EVENING),
        (good, NOON + timedelta(seconds=2 * STEP_S)),
        (good, NOON - timedelta(seconds=2 * STEP_S)),
        (phone.make_code(long_ago), long_ago),
        (phone.make_code(soon), soon),
        (good, NOON),
    )
    assert outcomes(told) == [
        "forged",
        "foreign_program",
        "not_a_code",
        "not_a_code",
        "not_a_code",
        "old",
        "early",
        "too_old",
        "in_the_future",
        "counted",
    ]
    assert [await shop.count(table) for table in ("visits", "code_uses")] == [1, 1]


async def test_a_closed_store_reports_in_vain(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    async with shop.pool.acquire() as conn, conn.transaction():
        version = await bump_campaign_version(conn, shop.program.id)
        await close_store(conn, shop.program.id, till.store_id, version, NOON)
    assert outcomes(await report(shop, till, (phone.make_code(NOON), NOON))) == ["store_closed"]
    assert await shop.count("code_uses") == 0


async def test_used_codes_are_forgotten_after_a_month(shop: Shop) -> None:
    (shopper,) = await shop.enrol()
    till, phone = await a_till(shop), await shop.put_card_on(shopper)
    await scan_one(shop, till, phone.make_code(NOON))
    for days, left in ((29, 1), (31, 0)):
        async with shop.pool.acquire() as conn:
            await purge_code_uses(conn, NOON + timedelta(days=days))
        assert await shop.count("code_uses") == left
