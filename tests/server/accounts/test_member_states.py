"""Blocked, unblocked, closed: what still opens for a member, and what does not."""

import asyncio
from collections import Counter

from kit.clock import utc_now
from tests.server.accounts.test_verifications_api import (
    PHONE,
    code_for,
    request_code,
    verify_contact,
)
from tests.support.expectations import expect_problem
from tests.support.proving import let_a_minute_pass
from tests.support.spoiling import forged
from tests.support.stage import Stage, set_stage
from tests.support.world import DOOR, Chain, fix


async def block(stage: Stage, verb: str = "block") -> int:
    return (await stage.chain.owner.post(f"/v1/members/{stage.member.id}/{verb}")).status_code


async def test_a_blocked_member_is_told_so_and_nothing_opens(chain: Chain) -> None:
    stage = await set_stage(chain)
    member, till = stage.member, stage.till.at
    (coupon,) = (await member.app.get("/v1/me/coupons")).json()["items"]
    phone = await member.take_card()
    assert await block(stage) == 200
    expect_problem(await member.app.get("/v1/me"), 403, "member-blocked")
    expect_problem(
        await member.app.post("/v1/me/verifications", {"kind": "phone", "value": PHONE}), 403, "member-blocked"
    )
    assert (await member.app.post("/v1/locations", {"fixes": [fix(DOOR, ago_s=1)]})).status_code == 401
    expect_problem(await till.post("/v1/scans", {"card": member.card_number}), 422, "card-unknown")
    expect_problem(await till.post("/v1/scans", {"card": phone.make_code(utc_now())}), 422, "card-code-refused")
    expect_problem(await till.post("/v1/redemptions", {"coupon": coupon["code"]}), 422, "coupon-unknown")
    stolen = chain.world.caller(forged(member.app.token or ""))
    expect_problem(await stolen.get("/v1/me"), 401, "unauthenticated")
    presence = await chain.world.pool.fetchrow("SELECT stays, motion FROM presences WHERE member_id = $1", member.id)
    assert presence is not None
    assert tuple(presence) == ("[]", "{}")

    assert await block(stage, "unblock") == 200
    assert (await member.app.get("/v1/me")).status_code == 200
    expect_problem(await till.post("/v1/scans", {"card": phone.make_code(utc_now())}), 422, "card-code-refused")
    phone = await member.take_card()
    assert (await till.post("/v1/scans", {"card": phone.make_code(utc_now())})).status_code == 201
    assert (await till.post("/v1/redemptions", {"coupon": coupon["code"]})).status_code == 201


async def test_a_state_is_left_once(chain: Chain) -> None:
    stage = await set_stage(chain)
    assert await block(stage, "unblock") == 409
    answers = await asyncio.gather(*(block(stage) for _ in range(5)))
    assert Counter(answers) == {200: 1, 409: 4}
    entries = (await chain.owner.get("/v1/audit")).json()["items"]
    assert [each["action"] for each in entries].count("POST /v1/members/{member_id}/block") == 1


async def test_a_blocked_member_does_not_come_back_on_another_phone(chain: Chain) -> None:
    stage = await set_stage(chain)
    await verify_contact(chain, stage.member)
    await block(stage)
    await let_a_minute_pass(chain)
    other = await chain.enrol()
    opened = await request_code(other)
    path = f"/v1/me/verifications/{opened['id']}/confirm"
    wrong = f"{(int(code := await code_for(chain)) + 1) % 1_000_000:06d}"
    expect_problem(await other.app.post(path, {"code": wrong}), 422, "incorrect-code")
    expect_problem(await other.app.post(path, {"code": code}), 403, "member-blocked")
    assert (await other.app.get("/v1/me")).json()["phone"] is None


async def test_a_member_who_leaves_is_gone_and_their_number_is_free(chain: Chain) -> None:
    stage = await set_stage(chain)
    member, till = stage.member, stage.till.at
    phone = await member.take_card()
    await verify_contact(chain, member)
    (coupon,) = (await member.app.get("/v1/me/coupons")).json()["items"]
    assert (await member.app.delete("/v1/me")).status_code == 204
    expect_problem(await member.app.get("/v1/me"), 401, "unauthenticated")
    assert (await member.app.post("/v1/locations", {"fixes": [fix(DOOR, ago_s=1)]})).status_code == 401
    expect_problem(await till.post("/v1/scans", {"card": member.card_number}), 422, "card-unknown")
    expect_problem(await till.post("/v1/scans", {"card": phone.make_code(utc_now())}), 422, "card-code-refused")
    expect_problem(await till.post("/v1/redemptions", {"coupon": coupon["code"]}), 422, "coupon-unknown")
    for verb in ("block", "unblock"):
        expect_problem(await chain.owner.post(f"/v1/members/{member.id}/{verb}"), 409, "invalid-member-state")
    listed = {each["member_id"]: each["state"] for each in (await chain.owner.get("/v1/members")).json()["items"]}
    assert listed[str(member.id)] == "closed"

    await let_a_minute_pass(chain)
    again = await chain.enrol()
    assert (await verify_contact(chain, again))["member_id"] == str(again.id)
