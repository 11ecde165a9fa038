"""Export and erasure: who may ask for them, with which proof, and who may not."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import utc_now
from kit.ids import new_id
from server.privacy.erase import erase_requested
from tests.support.expectations import expect_problem
from tests.support.inbox import fetch_code
from tests.support.lives import KEYRING, ok
from tests.support.proving import change_proof, let_a_minute_pass
from tests.support.rights import (
    PHONE,
    both_proofs,
    code_proof,
    export_with,
    off_by_one,
    read_export,
    state_of,
    verify_contact_of,
)
from tests.support.spoiling import forged
from tests.support.stage import set_stage
from tests.support.world import Chain, Member


async def verified_member(chain: Chain, phone: str = PHONE) -> Member:
    member = await chain.enrol()
    await verify_contact_of(chain, member, phone)
    return member


async def test_a_verified_member_exports_and_then_erases_their_data(chain: Chain) -> None:
    stage = await set_stage(chain)
    member = stage.member
    await verify_contact_of(chain, member)
    files = await export_with(member.app, await code_proof(chain, member, "export"))
    assert {row.get("value") for row in files["handles"]} >= {PHONE}
    assert [row["receipt"] for row in files["purchases"]] == ["20261121-0042"]
    assert files["transitions"]
    answer = await member.app.post("/v1/me/erasure", await both_proofs(chain, member))
    assert (answer.status_code, answer.json()) == (200, {"erases_at": None})
    expect_problem(await member.app.get("/v1/me"), 401, "unauthenticated")
    assert (await member.app.post("/v1/locations", {"fixes": []})).status_code == 401
    expect_problem(await stage.till.at.post("/v1/scans", {"card": member.card_number}), 422, "card-unknown")
    assert str(member.id) not in (await chain.owner.get("/v1/members")).text
    for name in ("summary", "points"):
        expect_problem(await chain.owner.get(f"/v1/members/{member.id}/{name}"), 404, "not-found")
    again = await verified_member(chain)  # the number is free, and nothing comes with it
    assert (await again.app.get("/v1/me/visits")).json()["items"] == []


async def test_a_code_serves_what_it_was_asked_for(chain: Chain) -> None:
    member = await verified_member(chain)
    before = await state_of(chain, member)
    for_export = await code_proof(chain, member, "export")
    expect_problem(await member.app.post("/v1/me/erasure", for_export), 404, "not-found")
    path = f"/v1/me/verifications/{for_export['code_id']}/confirm"
    expect_problem(await member.app.post(path, {"code": for_export["code"]}), 404, "not-found")
    for_erasure = await code_proof(chain, member, "erasure")
    expect_problem(await member.app.post("/v1/me/export", for_erasure), 404, "not-found")
    expect_problem(
        await member.app.post("/v1/me/export", for_export), 410, "verification-expired"
    )  # the newer one replaced it
    wanted = {"kind": "email", "value": "hana@example.com"} | await change_proof(chain, member)
    opened = ok(await member.app.post("/v1/me/verifications", wanted))
    for_contact = {"code_id": opened["id"], "code": await fetch_code(chain.world.pool, KEYRING, "hana@example.com")}
    for route in ("export", "erasure"):
        expect_problem(await member.app.post(f"/v1/me/{route}", for_contact), 404, "not-found")
    assert await state_of(chain, member) == before


async def test_nobody_elses_code_and_no_code_twice(chain: Chain, rival: Chain) -> None:
    member, other, foreign = (
        await verified_member(chain),
        await verified_member(chain, "+819087654321"),
        await verified_member(rival),
    )
    proof = await code_proof(chain, member, "export")
    for thief in (other, foreign):
        expect_problem(await thief.app.post("/v1/me/export", proof), 404, "not-found")
    first = await member.app.post("/v1/me/export", proof, key="k")
    assert read_export(first)
    for key in ("k", "other", None):
        expect_problem(await member.app.post("/v1/me/export", proof, key=key), 410, "verification-expired")
    records = await chain.world.pool.fetch("SELECT principal FROM idempotency_records")
    assert f"device:{member.device_id}" not in {row["principal"] for row in records}


@pytest.mark.parametrize("route", ["export", "erasure"])
async def test_a_hundred_guess_at_once_and_five_are_judged(chain: Chain, route: str) -> None:
    member = await verified_member(chain)
    proof = await code_proof(chain, member, route)
    guesses = [proof | {"code": off_by_one(proof["code"], by)} for by in range(1, 101)]
    answers = await asyncio.gather(*(member.app.post(f"/v1/me/{route}", guess) for guess in guesses))
    assert Counter(answer.json()["type"].rpartition(":")[2] for answer in answers) == {
        "incorrect-code": 5,
        "verification-expired": 95,
    }
    expect_problem(await member.app.post(f"/v1/me/{route}", proof), 410, "verification-expired")
    assert await state_of(chain, member) == "active"


async def test_a_code_that_was_sent_to_a_former_contact_has_expired(chain: Chain) -> None:
    member = await verified_member(chain)
    proof = await code_proof(chain, member, "erasure")
    await verify_contact_of(chain, member, "+819087654321")
    expect_problem(await member.app.post("/v1/me/erasure", proof), 410, "verification-expired")


async def test_the_member_chooses_the_contact(chain: Chain) -> None:
    member = await verified_member(chain)
    refused = await member.app.post("/v1/me/data-codes", {"purpose": "export", "kind": "email"})
    expect_problem(refused, 409, "contact-not-found")
    await verify_contact_of(chain, member, "hana@example.com", "email")
    proof = await code_proof(chain, member, "export", "hana@example.com", kind="email")
    assert await export_with(member.app, proof)
    expect_problem(await member.app.post("/v1/me/export", {}), 409, "proof-required")
    missing = expect_problem(await member.app.post("/v1/me/erasure", {}), 409, "proof-required")
    assert missing["proof"] == "code"


async def test_a_repeated_request_for_a_code_sends_one(chain: Chain) -> None:
    member = await verified_member(chain)
    sent = await chain.world.count("outbox", chain.id)
    asked = [await member.app.post("/v1/me/data-codes", {"purpose": "erasure"}, key="k") for _ in range(2)]
    assert (asked[0].status_code, asked[0].content) == (201, asked[1].content)
    assert await chain.world.count("outbox", chain.id) == sent + 1
    expect_problem(await member.app.post("/v1/me/data-codes", {"purpose": "export"}), 429, "too-many-attempts")


async def test_an_anonymous_member_proves_with_the_cards_code(chain: Chain) -> None:
    stage = await set_stage(chain)
    member, other, post = stage.member, await chain.enrol(), stage.member.app.post
    phone, others_phone = await member.take_card(), await other.take_card()
    now = utc_now()
    missing = expect_problem(await post("/v1/me/export", {}), 409, "proof-required")
    assert missing["proof"] == "card_code"
    expect_problem(await post("/v1/me/data-codes", {"purpose": "export"}), 409, "contact-not-found")
    expect_problem(await post("/v1/me/export", {"card_code": member.card_number}), 400, "invalid-request")
    theirs = expect_problem(
        await post("/v1/me/export", {"card_code": others_phone.make_code(now)}), 422, "card-code-refused"
    )
    assert theirs["reason"] == "revoked"
    scanned = phone.make_code(now)
    assert (await stage.till.at.post("/v1/scans", {"card": scanned})).status_code == 201
    refused = expect_problem(await post("/v1/me/erasure", {"card_code": scanned}), 422, "card-code-refused")
    assert refused["reason"] == "replayed"
    fresh = phone.make_code_of_step(int(now.timestamp()) // 30 + 1)
    assert await export_with(member.app, {"card_code": fresh})
    for replayed in (fresh, scanned):  # which is older than the newest, and by now perhaps of the step before
        again = expect_problem(await post("/v1/me/erasure", {"card_code": replayed}), 422, "card-code-refused")
        assert again["reason"] == "replayed"
    assert await state_of(chain, member) == "active"


async def test_of_many_requests_with_one_card_code_one_gets_the_export(chain: Chain) -> None:
    member = await chain.enrol()
    proof = {"card_code": (await member.take_card()).make_code(utc_now())}
    answers = await asyncio.gather(*(member.app.post("/v1/me/export", proof) for _ in range(10)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 422: 9}


async def test_without_contact_and_key_the_token_is_all_there_is(chain: Chain) -> None:
    member = await chain.enrol()
    assert len((await export_with(member.app, {}))["members"]) == 1
    answers = await asyncio.gather(*(member.app.post("/v1/me/erasure", {}) for _ in range(10)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: 9}
    assert await state_of(chain, member) == "erased"


async def test_exports_are_limited(chain: Chain) -> None:
    member = await chain.enrol()
    answers = [(await member.app.post("/v1/me/export", {})).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


async def test_a_blocked_member_keeps_their_rights_and_gets_nothing_else(chain: Chain) -> None:
    member = await verified_member(chain)
    ok(await chain.owner.post(f"/v1/members/{member.id}/block"))
    expect_problem(await member.app.get("/v1/me"), 403, "member-blocked")
    expect_problem(await member.app.put("/v1/me/consents", {"consents": []}), 403, "member-blocked")
    files = await export_with(member.app, await code_proof(chain, member, "export"))
    assert [row["state"] for row in files["members"]] == ["blocked"]
    stolen = chain.world.caller(forged(member.app.token or ""))
    expect_problem(await stolen.post("/v1/me/erasure", {}), 401, "unauthenticated")
    proof = await code_proof(chain, member, "erasure")
    assert ok(await member.app.post("/v1/me/erasure", proof))["erases_at"] is not None
    await erase_requested(chain.world.pool, utc_now() + timedelta(days=1))
    assert await state_of(chain, member) == "erased"
    expect_problem(await chain.owner.post(f"/v1/members/{member.id}/unblock"), 404, "not-found")


async def test_a_repeated_erasure_is_answered_401_and_leaves_no_record(chain: Chain) -> None:
    member = await verified_member(chain)
    proof = await both_proofs(chain, member)
    assert (await member.app.post("/v1/me/erasure", proof, key="k")).status_code == 200
    before = await chain.world.fingerprint()
    expect_problem(await member.app.post("/v1/me/erasure", proof, key="k"), 401, "unauthenticated")
    assert await chain.world.fingerprint() == before
    records = await chain.world.pool.fetch("SELECT principal FROM idempotency_records")
    assert f"device:{member.device_id}" not in {row["principal"] for row in records}


async def test_an_owner_exports_with_the_members_code(chain: Chain) -> None:
    member, anonymous = await verified_member(chain), await chain.enrol()
    path = f"/v1/members/{member.id}"
    sent = ok(await chain.owner.post(f"{path}/data-codes", {}))
    expect_problem(await chain.owner.post(f"{path}/export", {"code_id": sent["id"], "code": "000000"}), 422)
    proof = {"code_id": sent["id"], "code": await fetch_code(chain.world.pool, KEYRING, PHONE)}
    files = await export_with(chain.owner, proof, f"{path}/export")
    assert [row["member_id"] for row in files["members"]] == [str(member.id)]
    expect_problem(await chain.owner.post(f"{path}/export", proof), 410, "verification-expired")
    actions = [(each["action"], each["target"]) for each in (await chain.owner.get("/v1/audit")).json()["items"]]
    assert actions[:2] == [
        ("POST /v1/members/{member_id}/export", f"{path}/export"),
        ("POST /v1/members/{member_id}/data-codes", f"{path}/data-codes"),
    ]
    asked = await chain.owner.post(f"/v1/members/{anonymous.id}/data-codes", {})
    expect_problem(asked, 409, "contact-not-found")
    # The member's code for an erasure opens no export, and no other member's does.
    await let_a_minute_pass(chain)
    expect_problem(
        await chain.owner.post(f"{path}/export", await code_proof(chain, member, "erasure")), 404, "not-found"
    )
    expect_problem(
        await chain.owner.post(f"/v1/members/{anonymous.id}/export", await code_proof(chain, member, "export")),
        404,
        "not-found",
    )


async def test_an_owner_erases_at_a_members_request_and_the_trail_names_nobody(chain: Chain) -> None:
    stage = await set_stage(chain)
    member, path = stage.member, f"/v1/members/{stage.member.id}"
    await verify_contact_of(chain, member)
    for verb in ("block", "unblock"):
        ok(await chain.owner.post(f"{path}/{verb}"))
    expect_problem(await chain.owner.post(f"{path}/erasure", {"verified_by": "a phone call"}), 400)
    body = {"verified_by": "identity_document"}
    answers = await asyncio.gather(*(chain.owner.post(f"{path}/erasure", body) for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {204: 1, 409: 4}
    trail = (await chain.owner.get("/v1/audit")).json()["items"]
    assert (trail[0]["action"], trail[0]["target"]) == (
        "POST /v1/members/{member_id}/erasure",
        "erased, verified by identity_document",
    )
    assert str(member.id) not in str(trail)
    expect_problem(await member.app.get("/v1/me"), 401, "unauthenticated")
    expect_problem(await chain.owner.post(f"{path}/erasure", body), 404, "not-found")


async def test_who_has_left_is_erased_by_an_owner(chain: Chain) -> None:
    member = await chain.enrol()
    ok(await member.app.delete("/v1/me"))
    assert await state_of(chain, member) == "closed"
    assert (
        await chain.owner.post(f"/v1/members/{member.id}/erasure", {"verified_by": "card_shown"})
    ).status_code == 204
    assert await state_of(chain, member) == "erased"


async def test_ids_and_codes_that_are_none(chain: Chain) -> None:
    member = await verified_member(chain)
    for proof in (
        {"code_id": "x", "code": "123456"},
        {"code_id": str(new_id()), "code": "abcdef"},
        {"code_id": str(new_id()), "code": "1" * 41},
        {"card_code": "1" * 1001},
        {"code": 123456},
        {"code_id": str(new_id()), "code": "123456", "member_id": str(new_id())},
    ):
        for route in ("export", "erasure"):
            expect_problem(await member.app.post(f"/v1/me/{route}", proof), 400, "invalid-request")
    unknown = {"code_id": str(new_id()), "code": "123456"}
    expect_problem(await member.app.post("/v1/me/erasure", unknown), 404, "not-found")
    assert await state_of(chain, member) == "active"


@pytest.mark.parametrize("spell", [lambda id_: str(id_).upper(), lambda id_: id_.hex])
async def test_the_trail_drops_an_erased_member_however_their_id_was_spelled(chain: Chain, spell: Any) -> None:
    member = await verified_member(chain)
    ok(await chain.owner.post(f"/v1/members/{spell(member.id)}/block"))
    ok(await chain.owner.post(f"/v1/members/{spell(member.id)}/data-codes", {}))
    ok(await chain.owner.post(f"/v1/members/{spell(member.id)}/erasure", {"verified_by": "card_shown"}))
    targets = [entry["target"] for entry in (await chain.owner.get("/v1/audit")).json()["items"]]
    assert [each for each in targets if member.id.hex in each.replace("-", "").lower()] == []
    assert targets.count("erased") == 2
