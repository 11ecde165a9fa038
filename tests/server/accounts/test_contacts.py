"""Contacts are safe: they go and change by what stood before or by the staff, and codes to them are bounded."""

import asyncio
from collections import Counter

import pytest

from channels.messages import decode_message
from members.contacts import ContactKind
from server.problems import Problem
from tests.support.expectations import expect_problem
from tests.support.inbox import fetch_code
from tests.support.proving import (
    KEYRING,
    change_proof,
    let_a_minute_pass,
    let_means_stand,
    read_objection_codes,
)
from tests.support.shop import NOON, Shop, Shopper, at
from tests.support.verifying import request_code, slug
from tests.support.world import Chain, Json, Member

PHONE, EMAIL = "+819012345678", "hana@example.com"
REMOVALS = "/v1/me/contact-removals"


async def verify(chain: Chain, member: Member, kind: ContactKind, value: str, **proof: str) -> None:
    shown = proof or await change_proof(chain, member)
    opened = await member.app.post("/v1/me/verifications", {"kind": kind, "value": value} | shown)
    assert opened.status_code == 201, opened.text
    code = await fetch_code(chain.world.pool, KEYRING, value)
    confirmed = await member.app.post(f"/v1/me/verifications/{opened.json()['id']}/confirm", {"code": code})
    assert confirmed.status_code == 200, confirmed.text


async def member_with_both(chain: Chain) -> Member:
    member = await chain.enrol()
    await verify(chain, member, "phone", PHONE)
    await verify(chain, member, "email", EMAIL)
    await let_means_stand(chain.world.pool, chain.id)
    return member


async def contacts_of(member: Member) -> tuple[str | None, str | None]:
    me = (await member.app.get("/v1/me")).json()
    return me["phone"], me["email"]


async def staff_code(chain: Chain, member: Member) -> str:
    answer = await chain.owner.post(f"/v1/members/{member.id}/contact-codes", {"verified_by": "identity_document"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


async def test_a_contact_is_removed_by_its_own_code_and_comes_back_by_the_alert(chain: Chain) -> None:
    member = await member_with_both(chain)
    expect_problem(await member.app.post(REMOVALS, {"kind": "phone"}), 409, "proof-required")
    assert await contacts_of(member) == (PHONE, EMAIL)
    body = {"kind": "phone"} | await change_proof(chain, member)
    answers = [await member.app.post(REMOVALS, body, key="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204], answers[0].text
    assert await contacts_of(member) == (None, EMAIL)
    told = await read_objection_codes(chain)
    assert set(told) == {PHONE, EMAIL}
    objected = await chain.world.anyone.post("/v1/objections", {"code": told[PHONE]})
    assert objected.status_code == 204
    contacts = await chain.world.pool.fetch(
        "SELECT kind FROM handles WHERE member_id = $1 AND kind = 'phone'", member.id
    )
    assert len(contacts) == 1
    expect_problem(await member.app.get("/v1/me"), 401, "unauthenticated")


async def test_who_removes_the_last_contact_has_no_other_stand_at_once(chain: Chain) -> None:
    """Else it would be the short way round the three days of a change."""
    member = await chain.enrol()
    await verify(chain, member, "phone", PHONE)
    removed = await member.app.post(REMOVALS, {"kind": "phone"} | await change_proof(chain, member))
    assert removed.status_code == 204, removed.text
    expect_problem(await member.app.post(REMOVALS, {"kind": "phone"}), 409, "contact-not-found")
    await let_a_minute_pass(chain)
    await verify(chain, member, "email", "evil@example.com")
    refused = await member.app.post("/v1/me/data-codes", {"purpose": "export"})
    expect_problem(refused, 409, "proof-too-new")


async def test_the_staff_let_a_member_change_what_they_have_lost(chain: Chain) -> None:
    member = await chain.enrol()
    await verify(chain, member, "phone", PHONE)
    first, code = await staff_code(chain, member), await staff_code(chain, member)
    wanted: Json = {"kind": "phone", "value": "+819087654321"}
    expect_problem(await member.app.post("/v1/me/verifications", wanted), 409, "proof-required")
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for typed in {first, wrong} - {code}:
        refused = await member.app.post("/v1/me/verifications", wanted | {"staff_code": typed})
        assert expect_problem(refused, 422, "incorrect-code")["tries_left"] < 5
    await verify(chain, member, "phone", "+819087654321", staff_code=code)
    assert await contacts_of(member) == ("+819087654321", None)
    assert PHONE in await read_objection_codes(chain)
    again = await member.app.post("/v1/me/verifications", wanted | {"value": "090-1111-2222", "staff_code": code})
    expect_problem(again, 410, "verification-expired")
    (audit, *_) = [
        each["target"] for each in (await chain.owner.get("/v1/audit")).json()["items"] if "verified" in each["target"]
    ]
    assert audit == f"{member.id}, verified by identity_document"


async def test_the_staff_remove_a_number_that_is_somebody_elses(chain: Chain, rival: Chain) -> None:
    member = await member_with_both(chain)
    path, body = f"/v1/members/{member.id}/contact-removals", {"kind": "phone", "verified_by": "contact_answered"}
    expect_problem(await rival.owner.post(path, body), 404, "not-found")
    assert (await chain.owner.post(path, body, key="k")).status_code == 204
    assert (await chain.owner.post(path, body, key="k")).status_code == 204
    assert await contacts_of(member) == (None, EMAIL)
    assert set(await read_objection_codes(chain)) == {PHONE, EMAIL}
    expect_problem(await chain.owner.post(path, body), 409, "contact-not-found")


async def cap_codes(shop: Shop, hour: int, day: int) -> None:
    await shop.pool.execute("UPDATE programs SET code_hour_cap = $1, code_day_cap = $2", hour, day)


async def ask(shop: Shop, shopper: Shopper, number: int, **how: str) -> str:
    try:
        return slug(await request_code(shop, shopper, f"090-1234-{number:04d}", **how))  # type: ignore[arg-type]
    except Problem as problem:
        return problem.slug


async def test_codes_sprayed_over_many_stop_at_the_programs_bound_and_its_owners_hear_once(shop: Shop) -> None:
    await cap_codes(shop, 10, 20)
    await shop.pool.execute(
        "INSERT INTO staff (id, program_id, email, name, password_hash, role, created_at)"
        " VALUES (gen_random_uuid(), $1, 'owner@example.com', 'Owner', '', 'owner', now())",
        shop.program.id,
    )
    shoppers = await shop.enrol(30)
    answers = await asyncio.gather(*(ask(shop, shopper, number) for number, shopper in enumerate(shoppers)))
    assert Counter(answers) == {"Verification": 8, "too-many-attempts": 22}
    assert await shop.count("contact_verifications") == 8, "what is refused leaves nothing"
    with pytest.raises(Problem) as refused:
        await request_code(shop, shoppers[0], "090-9999-9999", now=at(60))
    assert refused.value.retry_after_s == 3600 - 60 + 1
    assert "program" in refused.value.detail
    assert slug(await request_code(shop, shoppers[0], EMAIL, "email", at(60))) == "Verification", "counted by itself"
    later = [
        slug(await request_code(shop, each, f"090-5555-{number:04d}", now=at(3601)))
        for number, each in enumerate(shoppers[8:16])
    ]
    assert later == ["Verification"] * 8
    told = await shop.pool.fetch("SELECT id, sealed_message FROM staff_deliveries")
    sealed = (KEYRING.unseal("message", row["id"].bytes, row["sealed_message"]) for row in told)
    words = [decode_message(each) for each in sealed]
    assert [message.recipient for message in words] == ["owner@example.com"]


async def test_one_network_takes_no_more_than_its_share_and_abroad_is_dear(shop: Shop) -> None:
    await cap_codes(shop, 100, 100)
    shoppers = await shop.enrol(24)
    answers = [await ask(shop, each, n, network="203.0.113.7") for n, each in enumerate(shoppers)]
    assert Counter(answers) == {"Verification": 20, "too-many-attempts": 4}
    assert await ask(shop, shoppers[-1], 99, network="198.51.100.1") == "Verification"
    abroad = [slug(await _catch(shop, each, f"+1 201-555-01{n:02d}")) for n, each in enumerate(shoppers[:12])]
    assert Counter(abroad) == {"Verification": 10, "too-many-attempts": 2}


async def _catch(shop: Shop, shopper: Shopper, value: str) -> object:
    try:
        return await request_code(shop, shopper, value, now=NOON)
    except Problem as problem:
        return problem


async def test_owners_choose_the_bounds(chain: Chain) -> None:
    path = "/v1/program/enrolment"
    settings = (await chain.owner.get(path)).json()
    assert (settings["code_hour_cap"], settings["code_day_cap"]) == (500, 3000)
    expect_problem(await chain.owner.put(path, settings | {"code_day_cap": 499}), 400, "invalid-request")
    changed = await chain.owner.put(path, settings | {"code_hour_cap": 1, "code_day_cap": 1})
    assert changed.status_code == 200
    assert (await chain.owner.get(path)).json() == changed.json()
    one, two = await chain.enrol(), await chain.enrol()
    body = {"kind": "phone", "value": PHONE}
    assert (await one.app.post("/v1/me/verifications", body)).status_code == 201
    refused = await two.app.post("/v1/me/verifications", body | {"value": "090-8765-4321"})
    expect_problem(refused, 429, "too-many-attempts")
    assert 3500 < int(refused.headers["Retry-After"]) <= 3601
