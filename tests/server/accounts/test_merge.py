"""Two members become one: nothing is lost, nothing counts twice, and the former phone is signed out at once."""

from collections import Counter

import msgspec
import pytest

from coupons.issuing.validity import ForSeconds
from kit.database import Connection, in_transaction
from kit.pages import parse_page
from members.aliases_repository import find_survivors, history_ids
from members.members_repository import list_current_consents, record_consents
from server.check_ins.report_scans import OfflineScan, OfflineScanResult, report_scans
from server.locations.locate import locate
from server.web.idempotency import Answer
from tests.support.merging import earn, member, opens, pair, pending_transfer, redeems, scans, transfer_device, usable
from tests.support.shop import Shop, at, consent, fix
from tests.support.verifying import code_of, device_of, expect_confirmed, moved_to, request_code, settle, slug, try_code
from visits.visits_repository import list_visits_of_member


async def test_the_new_phone_has_the_card_and_the_old_one_is_signed_out(shop: Shop) -> None:
    old, new = await pair(shop)
    ((till, _),) = await shop.install_tills(1)
    cards = [await shop.put_card_on(each) for each in (old, new)]
    phone = await transfer_device(shop, new)
    assert phone.member_id == old.member_id
    assert [await opens(shop, each) for each in (old, new, phone)] == [False, False, True]
    answers = await locate(shop.pool, await shop.keeper(), [each.sends(fix(at(700))) for each in (old, new, phone)])
    assert [slug(answer) for answer in answers] == ["unauthenticated", "unauthenticated", "LocateResult"]
    codes = [card.make_code(at(700)) for card in cards]
    assert [slug(await scans(shop, till, code, 700)) for code in codes] == ["card-code-refused"] * 2
    for number in (old.number, new.number):  # on paper somewhere: either one names the one member
        assert isinstance(await scans(shop, till, number, 800), Answer)
    rows = await shop.pool.fetch("SELECT DISTINCT member_id FROM visits")
    assert [row["member_id"] for row in rows] == [old.member_id]
    gone = await member(shop, new.member_id)
    assert (gone["state"], gone["merged_into"], gone["state_changed_at"]) == ("merged", old.member_id, at(600))


async def test_a_scan_before_the_transfer_that_is_reported_after_it_is_the_survivors_visit(shop: Shop) -> None:
    old, new = await pair(shop)
    ((till, _),) = await shop.install_tills(1)
    card = await shop.put_card_on(new)
    before, after = (OfflineScan(card.make_code(at(when)), at(when)) for when in (300, 700))
    await transfer_device(shop, new)
    snapshot = (await shop.keeper()).current

    async def report(conn: Connection) -> list[OfflineScanResult]:
        return await report_scans(conn, shop.keyring, snapshot, till, [before, after], at(3600))

    told = await in_transaction(shop.pool, report)
    assert [(each.outcome, each.reason) for each in told] == [("counted", None), ("refused", "revoked")]
    assert [row["member_id"] for row in await shop.rows("visits", "member_id")] == [old.member_id]


async def test_the_push_token_goes_along(shop: Shop) -> None:
    old, new = await pair(shop)
    await shop.pool.execute(
        "INSERT INTO handles (program_id, kind, value_hash, member_id, device_id)"
        " VALUES ($1, 'push_token', 'x', $2, $3)",
        *(shop.program.id, new.member_id, new.device_id),
    )
    phone = await transfer_device(shop, new)
    rows = await shop.pool.fetch("SELECT id, push_token, push_token_state FROM devices WHERE push_token IS NOT NULL")
    assert [tuple(row) for row in rows] == [(phone.device_id, str(new.device_id), "active")]
    (handle,) = await shop.pool.fetch("SELECT * FROM handles WHERE kind = 'push_token'")
    assert (handle["member_id"], handle["device_id"]) == (old.member_id, phone.device_id)


async def test_usable_coupons_are_issued_again_and_once(shop: Shop) -> None:
    both = await shop.write_campaign(cap=10)
    old, new = await pair(shop)
    await earn(shop, old)
    only_new = await shop.write_campaign()
    till = (await shop.install_tills(1))[0][0]
    first, second = sorted(await earn(shop, new))
    phone = await transfer_device(shop, new)
    rows = await shop.pool.fetch("SELECT campaign_id FROM coupons WHERE member_id = $1", old.member_id)
    assert Counter(row["campaign_id"] for row in rows) == {both.id: 1, only_new.id: 1}
    assert await usable(shop) == {old.member_id: 2}
    assert [await redeems(shop, till, new.member_id, each) for each in (first, second)] == ["coupon-unknown"] * 2
    fresh = await shop.pool.fetch("SELECT id FROM coupons WHERE member_id = $1", phone.member_id)
    assert [await redeems(shop, till, phone.member_id, row["id"]) for row in fresh] == ["redeemed"] * 2
    assert await shop.budget(both) == 2


async def test_what_is_redeemed_or_over_stays_where_it_is(shop: Shop) -> None:
    await shop.write_campaign()
    await shop.write_campaign(coupon_validity=ForSeconds(60))
    _, new = await pair(shop)
    till = (await shop.install_tills(1))[0][0]
    assert len(await earn(shop, new)) == 2
    lasting = await shop.pool.fetchval("SELECT id FROM coupons ORDER BY expires_at DESC LIMIT 1")
    assert await redeems(shop, till, new.member_id, lasting) == "redeemed"
    await transfer_device(shop, new)
    assert await usable(shop) == {new.member_id: 1}, "the one that was over"


async def test_history_is_one(shop: Shop) -> None:
    old, new = await pair(shop)
    here, there = [(await shop.install_tills(1, block))[0][0] for block in (0, 1)]
    for shopper, till in ((old, here), (new, here), (new, there)):
        await scans(shop, till, shopper.number)
    await transfer_device(shop, new)
    async with shop.pool.acquire() as conn:
        ids = await history_ids(conn, old.member_id)
        visits = await list_visits_of_member(conn, ids, parse_page(None, 50))
    assert sorted(ids) == sorted([old.member_id, new.member_id])
    assert Counter(visit.store_id for visit in visits) == {here.store_id: 1, there.store_id: 1}


async def test_the_newest_consent_counts(shop: Shop) -> None:
    old, new = await pair(shop)
    newer = [msgspec.structs.replace(consent("push", False), text_version="2", at=at(60))]
    await in_transaction(shop.pool, lambda conn: record_consents(conn, new.member_id, newer))
    await transfer_device(shop, new)
    async with shop.pool.acquire() as conn:
        held = {
            each.purpose: (each.granted, each.text_version) for each in await list_current_consents(conn, old.member_id)
        }
    assert held == {"push": (False, "2"), "location": (True, "1")}
    row = await member(shop, old.member_id)
    assert (row["push_consent"], row["location_consent"]) == (False, True)


async def test_a_chain_of_transfers_is_a_single_step(shop: Shop) -> None:
    old, new = await pair(shop)
    third, fourth = await shop.enrol(2)
    phone = await transfer_device(shop, new)
    phone = await transfer_device(shop, third, 1200)
    # The one who has them all proves an address that somebody else holds, and becomes them.
    opened = await request_code(shop, fourth, "hana@example.com", "email", at(1300))
    code = await code_of(shop, "hana@example.com")
    expect_confirmed(await try_code(shop, await device_of(shop, fourth), opened.id, code, at(1300)))
    opened = await request_code(shop, phone, "HANA@example.com", "email", at(1400))
    code = await code_of(shop, "hana@example.com")
    confirmed = expect_confirmed(await try_code(shop, await device_of(shop, phone), opened.id, code, at(1400)))
    phone = moved_to(await settle(shop, confirmed, at(1400)))
    gone = [old.member_id, new.member_id, third.member_id]
    async with shop.pool.acquire() as conn:
        assert await find_survivors(conn, [*gone, fourth.member_id]) == dict.fromkeys(gone, fourth.member_id)
    contacts = await shop.pool.fetch(
        "SELECT kind, member_id FROM handles WHERE kind IN ('phone', 'email') ORDER BY kind"
    )
    assert [tuple(row) for row in contacts] == [("email", fourth.member_id), ("phone", fourth.member_id)]
    assert await opens(shop, phone)


async def test_a_blocked_members_card_is_not_transferred(shop: Shop) -> None:
    old, new = await pair(shop)
    transferring = await pending_transfer(shop, new)
    await shop.pool.execute("UPDATE members SET state = 'blocked' WHERE member_id = $1", old.member_id)
    assert slug(await transferring()) == "member-blocked"
    assert await opens(shop, new)
    assert await shop.pool.fetchval("SELECT version FROM presences WHERE member_id = $1", new.member_id) == 0


async def test_killed_half_way_nothing_has_happened(shop: Shop) -> None:
    await shop.write_campaign()
    old, new = await pair(shop)
    await earn(shop, new)
    transferring = await pending_transfer(shop, new)
    await shop.pool.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$")
    await shop.pool.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON members FOR EACH ROW"
        " WHEN (new.state = 'merged') EXECUTE FUNCTION refuse()"
    )
    with pytest.raises(Exception, match="no"):
        await transferring()
    assert [await opens(shop, each) for each in (old, new)] == [True, True]
    assert await usable(shop) == {new.member_id: 1}
    assert await shop.pool.fetchval("SELECT count(*) FROM transfers WHERE state = 'open'") == 1
    await shop.pool.execute("DROP TRIGGER refuse ON members")
    assert moved_to(expect_confirmed(await transferring())).member_id == old.member_id
    assert await usable(shop) == {old.member_id: 1}
