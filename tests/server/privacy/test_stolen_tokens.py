"""Whoever has the token of a member's phone, and nothing else of theirs, is not the member."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from kit.clock import utc_now
from members.alerts_repository import purge_old_alerts
from server.privacy.erase import erase_requested
from tests.support.expectations import expect_problem
from tests.support.inbox import fetch_code
from tests.support.lent_worlds import lend_world
from tests.support.lives import KEYRING, ok
from tests.support.proving import change_proof, let_a_minute_pass, let_means_stand, read_objection_codes
from tests.support.rights import PHONE, both_proofs, code_proof, export_with, state_of, verify_contact_of
from tests.support.world import Chain, Json, Member

THIEFS = "thief@example.com"
HANAS = "hana@example.com"
THIEFS_PHONE = "+819087654321"


@pytest_asyncio.fixture
async def chain(database: str) -> AsyncIterator[Chain]:
    """In a process of its own: these tests ask for more codes than one address may."""
    async with lend_world(database) as world:
        yield await world.add_chain()


async def start(member: Member, kind: str, value: str, proof: Json | None = None) -> Json:
    opened: Json = ok(await member.app.post("/v1/me/verifications", {"kind": kind, "value": value} | (proof or {})))
    return opened


async def confirm(chain: Chain, member: Member, opened: Json, value: str) -> Json:
    code = await fetch_code(chain.world.pool, KEYRING, value)
    done: Json = ok(await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code}))
    return done


async def change(chain: Chain, member: Member, kind: str, value: str) -> dict[str, str]:
    """By whoever has got hold of one code to the member's contact. Returns the codes that stop it, by recipient."""
    opened = await start(member, kind, value, await change_proof(chain, member))
    code = await fetch_code(chain.world.pool, KEYRING, value)
    ok(await member.app.post(f"/v1/me/verifications/{opened['id']}/confirm", {"code": code}))
    return await read_objection_codes(chain)


async def contacts_of(member: Member) -> tuple[str | None, str | None]:
    me = ok(await member.app.get("/v1/me"))
    return me["phone"], me["email"]


async def object_by(chain: Chain, code: str) -> None:
    ok(await chain.world.anyone.post("/v1/objections", {"code": code}))


@pytest.mark.parametrize(("kind", "value"), [("email", THIEFS), ("phone", THIEFS_PHONE)])
async def test_a_token_alone_adds_and_replaces_no_contact(chain: Chain, kind: str, value: str) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    sent = await chain.world.count("outbox", chain.id)
    asked = {"kind": kind, "value": value}
    refused = expect_problem(await member.app.post("/v1/me/verifications", asked), 409, "proof-required")
    assert refused["proof"] == "code"
    assert await chain.world.count("outbox", chain.id) == sent
    wrong = {"code_id": (await change_proof(chain, member))["code_id"], "proof_code": "000000"}
    expect_problem(await member.app.post("/v1/me/verifications", asked | wrong), 422)
    assert await contacts_of(member) == (PHONE, None)
    await let_a_minute_pass(chain)
    await start(member, "phone", PHONE)  # theirs already: it changes nothing


async def test_a_code_for_a_change_is_good_for_nothing_else(chain: Chain) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    proof = await change_proof(chain, member)
    body = {"code_id": proof["code_id"], "code": proof["proof_code"]}
    for path in ("export", "erasure"):
        expect_problem(await member.app.post(f"/v1/me/{path}", body), 404, "not-found")
    await let_a_minute_pass(chain)
    exporting = await code_proof(chain, member, "export")
    asked = {"kind": "email", "value": THIEFS, "code_id": exporting["code_id"], "proof_code": exporting["code"]}
    expect_problem(await member.app.post("/v1/me/verifications", asked), 404, "not-found")


async def test_a_code_that_was_asked_for_before_the_first_contact_came_adds_none(chain: Chain) -> None:
    member = await chain.enrol()
    opened = await start(member, "email", THIEFS)
    code = await fetch_code(chain.world.pool, KEYRING, THIEFS)
    await verify_contact_of(chain, member)
    path = f"/v1/me/verifications/{opened['id']}/confirm"
    expect_problem(await member.app.post(path, {"code": code}), 409, "proof-required")
    assert await contacts_of(member) == (PHONE, None)


async def test_a_token_alone_makes_the_member_nobody_elses(chain: Chain) -> None:
    """The thief's own card has the thief's address: confirmed on the stolen phone, it would take everything over."""
    thief, member = await chain.enrol(), await chain.enrol()
    await verify_contact_of(chain, thief, THIEFS, "email")
    await verify_contact_of(chain, member)
    asked = {"kind": "email", "value": THIEFS}
    expect_problem(await member.app.post("/v1/me/verifications", asked), 409, "proof-required")
    assert await contacts_of(member) == (PHONE, None)


@pytest.mark.parametrize("purpose", ["export", "erasure", "change"])
async def test_a_new_contact_proves_nothing_for_three_days(chain: Chain, purpose: str) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    await change(chain, member, "email", THIEFS)
    asked = {"purpose": purpose, "kind": "email"}
    refused = await member.app.post("/v1/me/data-codes", asked)
    assert expect_problem(refused, 409, "proof-too-new")["stands_at"]
    assert 71 * 3600 < int(refused.headers["Retry-After"]) <= 72 * 3600
    await let_a_minute_pass(chain)
    assert ok(await member.app.post("/v1/me/data-codes", {"purpose": purpose}))["kind"] == "phone"
    await let_means_stand(chain.world.pool, chain.id)
    ok(await member.app.post("/v1/me/data-codes", asked))


async def test_a_key_that_was_registered_with_the_token_proves_nothing_for_three_days(chain: Chain) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    code = {"card_code": (await member.take_card()).make_code(utc_now())}
    for path, body in (("export", {}), ("erasure", {}), ("verifications", {"kind": "email", "value": THIEFS})):
        expect_problem(await member.app.post(f"/v1/me/{path}", body | code), 409, "proof-too-new")
    await let_means_stand(chain.world.pool, chain.id)
    ok(await member.app.post("/v1/me/verifications", {"kind": "email", "value": HANAS} | code))


async def test_the_first_contact_of_who_has_a_card_proves_nothing_yet_and_the_card_does(chain: Chain) -> None:
    member = await chain.enrol()
    phone = await member.take_card()
    await confirm(chain, member, await start(member, "email", THIEFS), THIEFS)
    expect_problem(await member.app.post("/v1/me/data-codes", {"purpose": "export"}), 409, "proof-too-new")
    assert await export_with(member.app, {"card_code": phone.make_code(utc_now())})


async def test_a_replaced_contact_is_told_and_comes_back(chain: Chain) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    await verify_contact_of(chain, member, HANAS, "email")
    told = await change(chain, member, "phone", THIEFS_PHONE)
    assert set(told) == {PHONE, HANAS}
    assert await contacts_of(member) == (THIEFS_PHONE, HANAS)
    await asyncio.gather(*(object_by(chain, told[PHONE]) for _ in range(3)))
    expect_problem(await member.app.get("/v1/me"), 401, "unauthenticated")
    again = await chain.enrol()
    await let_a_minute_pass(chain)
    moved = await confirm(chain, again, await start(again, "phone", PHONE), PHONE)
    assert moved["member_id"] == str(member.id)  # who was signed out and was seen just now
    owner = Member(chain.world.caller(moved["device_token"]), member.id, member.device_id, member.card_number)
    assert await contacts_of(owner) == (PHONE, HANAS)
    ok(await owner.app.post("/v1/me/data-codes", {"purpose": "export", "kind": "email"}))


async def test_an_added_contact_goes_when_a_former_one_objects(chain: Chain) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    told = await change(chain, member, "email", THIEFS)
    assert set(told) == {PHONE}
    await object_by(chain, told[PHONE])
    held = await chain.world.pool.fetch("SELECT kind FROM handles WHERE member_id = $1", member.id)
    assert {row["kind"] for row in held} == {"phone", "card_number"}
    expect_problem(await chain.world.anyone.post("/v1/objections", {"code": "A" * 16}), 404, "not-found")


async def test_what_was_told_can_be_stopped_for_a_week(chain: Chain) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    told = await change(chain, member, "email", THIEFS)
    past = "UPDATE alerts SET created_at = created_at - interval '7 days' WHERE program_id = $1"
    await chain.world.pool.execute(past, chain.id)
    expect_problem(await chain.world.anyone.post("/v1/objections", {"code": told[PHONE]}), 404, "not-found")
    async with chain.world.pool.acquire() as conn:
        await purge_old_alerts(conn, utc_now())
    assert await chain.world.count("alerts", chain.id) == 0


async def test_every_contact_is_told_of_an_export_and_signs_the_phone_out(chain: Chain) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    await verify_contact_of(chain, member, HANAS, "email")
    assert await export_with(member.app, await code_proof(chain, member, "export"))
    told = await read_objection_codes(chain)
    assert set(told) == {PHONE, HANAS}
    await object_by(chain, told[HANAS])
    expect_problem(await member.app.post("/v1/me/export", {}), 401, "unauthenticated")


async def test_an_erasure_that_is_proved_by_one_thing_waits_a_day(chain: Chain) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    for _ in range(2):  # a repeated request waits no longer and no shorter
        asked = ok(await member.app.post("/v1/me/erasure", await code_proof(chain, member, "erasure")))
        due = ok(await member.app.get("/v1/me"))["erases_at"]
        assert asked["erases_at"] == due
    assert await erase_requested(chain.world.pool, utc_now() + timedelta(hours=23)) == 0
    assert await state_of(chain, member) == "active"
    assert await erase_requested(chain.world.pool, utc_now() + timedelta(hours=24)) == 1
    assert await state_of(chain, member) == "erased"
    assert await erase_requested(chain.world.pool, utc_now() + timedelta(hours=25)) == 0


@pytest.mark.parametrize("by", ["phone", "objection"])
async def test_an_erasure_that_waits_is_withdrawn(chain: Chain, by: str) -> None:
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    ok(await member.app.post("/v1/me/erasure", await code_proof(chain, member, "erasure")))
    told = await read_objection_codes(chain)
    assert set(told) == {PHONE}
    if by == "phone":
        ok(await member.app.delete("/v1/me/erasure"))
        assert ok(await member.app.get("/v1/me"))["erases_at"] is None
    else:
        await object_by(chain, told[PHONE])
    assert await erase_requested(chain.world.pool, utc_now() + timedelta(days=2)) == 0
    assert await state_of(chain, member) == "active"


async def test_two_proofs_erase_at_once(chain: Chain) -> None:
    member, other = await chain.enrol(), await chain.enrol()
    await verify_contact_of(chain, member)
    assert ok(await member.app.post("/v1/me/erasure", await both_proofs(chain, member))) == {"erases_at": None}
    assert await state_of(chain, member) == "erased"
    await verify_contact_of(chain, other, PHONE)
    await verify_contact_of(chain, other, HANAS, "email")
    first = await code_proof(chain, other, "erasure", PHONE, kind="phone")
    second = await code_proof(chain, other, "erasure", HANAS, kind="email")
    both = first | {"second_code_id": second["code_id"], "second_code": second["code"]}
    assert ok(await other.app.post("/v1/me/erasure", both)) == {"erases_at": None}
    assert await state_of(chain, other) == "erased"


async def test_an_erasure_and_its_withdrawal_at_once(chain: Chain) -> None:
    """Whichever comes first: the member is erased, or stays with all they have."""
    member = await chain.enrol()
    await verify_contact_of(chain, member)
    ok(await member.app.post("/v1/me/erasure", await code_proof(chain, member, "erasure")))
    told = await read_objection_codes(chain)
    done, *answers = await asyncio.gather(
        erase_requested(chain.world.pool, utc_now() + timedelta(days=2)),
        member.app.delete("/v1/me/erasure"),
        chain.world.anyone.post("/v1/objections", {"code": told[PHONE]}),
    )
    assert {answer.status_code for answer in answers} <= {204, 401, 404}
    assert await state_of(chain, member) == ("erased" if done else "active")
    assert await chain.world.count("erasure_requests", chain.id) == 0
