"""Who waits is claimed by a confirmed contact that is theirs alone, else by the number of the old card, and once."""

import asyncio
from datetime import timedelta

import pytest

from kit.database import Connection, Pool, in_transaction
from points.postings_repository import read_balance
from server.accounts.claim_by_number import claim_by_number
from server.accounts.confirm import VerificationResult
from server.accounts.merge import merge
from server.credentials.identify import CardPresentation, CardRefusal, IdentifiedCard, identify
from server.problems import Problem
from tests.support.gates import gate
from tests.support.moving import move_in, set_rules
from tests.support.shop import NOON, Shop, Shopper
from tests.support.verifying import (
    E164,
    code_of,
    device_of,
    expect_confirmed,
    request_code,
    try_code,
)

FILE = "会員番号,カード番号,電話番号,メール,ポイント\nK1,20000001,9012345678,hana@example.com,500\n"


async def confirm_phone(shop: Shop, shopper: Shopper) -> VerificationResult:
    opened = await request_code(shop, shopper)
    code = await code_of(shop, E164)
    return expect_confirmed(await try_code(shop, await device_of(shop, shopper), opened.id, code))


async def claim_with(shop: Shop, shopper: Shopper, number: str) -> VerificationResult | Problem:
    snapshot, device = (await shop.keeper()).current, await device_of(shop, shopper)

    async def work(conn: Connection) -> VerificationResult:
        return await claim_by_number(conn, shop.keyring, snapshot, device, number, NOON)

    try:
        return await in_transaction(shop.pool, work)
    except Problem as problem:
        return problem


async def imported(shop: Shop) -> list[object]:
    rows = await shop.pool.fetch("SELECT member_id FROM imported_members ORDER BY line")
    return [row["member_id"] for row in rows]


async def show(shop: Shop, text: str) -> IdentifiedCard | CardRefusal:
    ((till, _),) = await shop.install_tills(1)
    presented = CardPresentation(till=till, text=text, at=NOON, now=NOON, is_offline=False)
    async with shop.pool.acquire() as conn:
        (answer,) = await identify(conn, shop.keyring, [presented])
    return answer


@pytest.mark.parametrize("text", ["20000001", "2000 0001", "A20000001B", "２０００－０００１"])  # noqa: RUF001
async def test_a_till_knows_the_old_card(shop: Shop, text: str) -> None:
    await set_rules(shop)
    await move_in(shop, FILE.replace("K1", "K0000001"))
    (waiting,) = await imported(shop)
    for shown in (text, "k0000001"):
        found = await show(shop, shown)
        assert isinstance(found, IdentifiedCard)
        assert (found.member_id, found.kind, found.code) == (waiting, "card_number", None)
        assert len(found.card_number) == 13
    assert await show(shop, "20000002") == CardRefusal("card_unknown")
    assert await show(shop, "short") == CardRefusal("not_a_code")


async def test_a_contact_that_one_member_has_claims_them_at_once(shop: Shop) -> None:
    await set_rules(shop)
    await move_in(shop, FILE)
    (waiting,) = await imported(shop)
    (shopper,) = await shop.enrol()
    claimed = await confirm_phone(shop, shopper)
    assert (claimed.member_id, claimed.transfer, claimed.is_number_needed) == (waiting, None, False)
    assert claimed.device_token is not None
    member = await shop.pool.fetchrow("SELECT * FROM members WHERE member_id = $1", waiting)
    assert member is not None
    assert (member["state"], member["verified_at"]) == ("active", NOON)
    handles = await shop.pool.fetch("SELECT kind FROM handles WHERE member_id = $1 ORDER BY kind", waiting)
    assert [row["kind"] for row in handles] == ["card_number", "card_number", "own_number", "phone", "plastic_card"]
    assert await shop.count("imported_contacts") == 0
    async with shop.pool.acquire() as conn:
        assert (await read_balance(conn, waiting, NOON)).balance == 500  # type: ignore[arg-type]
    # Whoever confirms the number after them is asked for a proof, as everywhere.
    (second,) = await shop.enrol()
    opened = await request_code(shop, second, now=NOON + timedelta(minutes=5))
    code = await code_of(shop, E164)
    asked = expect_confirmed(
        await try_code(shop, await device_of(shop, second), opened.id, code, NOON + timedelta(minutes=5))
    )
    assert asked.transfer is not None
    # A newer file brings no contact to who has come, and their points are theirs.
    run, _ = await move_in(shop, FILE.replace("hana@", "hanako@"), now=NOON + timedelta(days=1))
    assert (run.updated, await shop.count("imported_contacts")) == (1, 0)


async def test_what_came_by_a_file_goes_where_its_member_goes(shop: Shop) -> None:
    """Claimed, and then the same person as somebody who joined in the app: their numbers lead there, and so does it."""
    await set_rules(shop)
    await move_in(shop, FILE)
    claimer, other = await shop.enrol(2)
    claimed = await confirm_phone(shop, claimer)
    device = await device_of(shop, Shopper(claimed.member_id, claimed.device_id, str(claimed.device_token)))
    snapshot = (await shop.keeper()).current
    await in_transaction(shop.pool, lambda conn: merge(conn, snapshot, device, other.member_id, NOON))
    assert await imported(shop) == [other.member_id]
    run, _ = await move_in(shop, FILE, now=NOON + timedelta(days=1))
    assert run.unchanged == 1


async def test_a_contact_that_two_members_have_needs_the_number(shop: Shop) -> None:
    await set_rules(shop)
    await move_in(shop, FILE + "K2,20000002,9012345678,,700\nK3,20000003,08011112222,,9\n")
    first, second, third = await imported(shop)
    (shopper,) = await shop.enrol()
    confirmed = await confirm_phone(shop, shopper)
    assert (confirmed.member_id, confirmed.is_number_needed) == (shopper.member_id, True)
    for number in ("20000003", "20000009", "K3", "?"):  # another contact's, nobody's, and none at all
        refused = await claim_with(shop, shopper, number)
        assert isinstance(refused, Problem)
        assert refused.slug == "claim-refused"
    claimed = await claim_with(shop, shopper, "2000-0002")
    assert isinstance(claimed, VerificationResult)
    assert claimed.member_id == second
    waiting = await shop.pool.fetch("SELECT member_id FROM imported_members WHERE claimed_at IS NULL ORDER BY line")
    assert [row["member_id"] for row in waiting] == [first, third]


async def test_a_number_without_a_confirmed_contact_claims_nobody(shop: Shop) -> None:
    await set_rules(shop)
    await move_in(shop, FILE)
    (shopper,) = await shop.enrol()
    refused = await claim_with(shop, shopper, "20000001")
    assert isinstance(refused, Problem)
    assert refused.slug == "claim-refused"


async def test_who_had_confirmed_before_the_file_came_claims_by_number(shop: Shop) -> None:
    await set_rules(shop)
    (shopper,) = await shop.enrol()
    await confirm_phone(shop, shopper)
    _, faults = await move_in(shop, FILE)
    assert "member of the app" in faults[0].reason
    (waiting,) = await imported(shop)
    claimed = await claim_with(shop, shopper, "K1")  # too short for a till, and no card
    assert isinstance(claimed, Problem)
    claimed = await claim_with(shop, shopper, "20000001")
    assert isinstance(claimed, VerificationResult)
    assert claimed.member_id == waiting


async def test_of_two_phones_at_once_one_gets_it(shop: Shop, database: str, race_pool: Pool) -> None:
    """One by the phone number, one by the address."""
    await set_rules(shop)
    await move_in(shop, FILE)
    (waiting,) = await imported(shop)
    by_phone, by_email = await shop.enrol(2)
    phone = await request_code(shop, by_phone)
    phone_code = await code_of(shop, E164)
    email = await request_code(shop, by_email, "hana@example.com", "email")
    email_code = await code_of(shop, "hana@example.com")
    devices = [await device_of(shop, each) for each in (by_phone, by_email)]
    async with gate(database, "SELECT FROM imported_members FOR UPDATE", 2):
        runs = [
            asyncio.create_task(try_code(shop, device, opened.id, code, pool=race_pool))
            for device, opened, code in zip(devices, (phone, email), (phone_code, email_code), strict=True)
        ]
    results = [expect_confirmed(each) for each in await asyncio.gather(*runs)]
    assert [result.member_id == waiting for result in results].count(True) == 1
    assert all(result.transfer is None for result in results)
    (loser,) = [result for result in results if result.member_id != waiting]
    assert loser.member_id in {by_phone.member_id, by_email.member_id}
    assert await shop.pool.fetchval("SELECT count(*) FROM handles WHERE kind IN ('phone', 'email')") == 2
