"""Who is blocked, has left or became another member: every route, with every credential that still speaks of them."""

import pytest

from kit.clock import utc_now
from server.web.access import ROUTES
from tests.server.accounts.test_verifications_api import (
    code_for,
    confirm,
    request_code,
    verify_contact,
)
from tests.support.bodies import good_body, routes_with_body
from tests.support.expectations import expect_problem
from tests.support.proving import let_a_minute_pass
from tests.support.stage import RECEIPT, SPENT_RECEIPT, Stage, set_stage
from tests.support.transferring import settle
from tests.support.world import Chain, Json

STATES = ("blocked", "closed", "merged")
# The other clients' uploads come to the same flow as POST /v1/locations.
MINE = [
    route
    for route, roles in ROUTES.items()
    if roles & {"device", "device_in_batch"} and not route[1].startswith("/v1/clients/")
]
WITH_BODY = set(routes_with_body())


async def reach(stage: Stage, state: str) -> Stage:
    """The stage's member in that state; `merged` into a member with a verified number."""
    chain, member = stage.chain, stage.member
    if state == "blocked":
        assert (await chain.owner.post(f"/v1/members/{member.id}/block")).status_code == 200
    elif state == "closed":
        assert (await member.app.delete("/v1/me")).status_code == 204
    else:
        await verify_contact(chain, await chain.enrol())
        await let_a_minute_pass(chain)
        confirmed = await confirm(member, await request_code(member), await code_for(chain))
        assert (await settle(chain, member, confirmed))["device_token"]
    return stage


@pytest.mark.parametrize("state", STATES)
async def test_their_phone_opens_nothing(chain: Chain, state: str) -> None:
    stage = await set_stage(chain)
    bodies = {route: good_body(stage, route) for route in MINE if route in WITH_BODY}
    await reach(stage, state)
    before = await chain.world.fingerprint()
    for method, path in MINE:
        if state == "blocked" and "blocked_device" in ROUTES[method, path]:
            continue  # their data is theirs: tests/server/privacy/test_data_rights.py
        answer = await stage.member.app.call(method, stage.path(path), bodies.get((method, path)))
        if state == "merged" and "merged_device" in ROUTES[method, path]:
            # Let in for the answer that got lost, and for nothing else; nobody waits to be claimed by them.
            expected = 409 if path == "/v1/me/claims" else 404
        else:
            expected = 403 if state == "blocked" and path != "/v1/locations" else 401
        assert (answer.status_code, method, path) == (expected, method, path)
    assert await chain.world.fingerprint() == before


@pytest.mark.parametrize("state", STATES)
async def test_a_till_that_knew_them_gives_and_takes_nothing(chain: Chain, state: str) -> None:
    stage = await set_stage(chain)
    till, member = stage.till.at, stage.member
    (coupon,) = (await member.app.get("/v1/me/coupons", usable="true")).json()["items"]
    phone = await member.take_card()
    totp = (await member.app.post("/v1/me/card/totp")).json()
    scan: Json = {"member_id": str(member.id), "scan_id": str(stage.scan_id)}
    await reach(stage, state)
    expect_problem(await till.post("/v1/scans", {"card": phone.make_code(utc_now())}), 422, "card-code-refused")
    expect_problem(await till.post("/v1/scans", {"card": totp["prefix"] + "12345678"}), 422, "card-unknown")
    expect_problem(
        await till.post("/v1/purchases", scan | {"purchase": {"receipt": "X-1", "amount": 100}}), 422, "scan-unknown"
    )
    expect_problem(await till.post("/v1/points/spend", scan | {"receipt": "X-2", "points": 1}), 422, "scan-unknown")
    expect_problem(await till.post("/v1/redemptions", {"coupon": coupon["code"]}), 422, "coupon-unknown")
    by_number = await till.post("/v1/scans", {"card": member.card_number})
    if state == "merged":  # the number on paper is the survivor's
        assert (by_number.status_code, by_number.json()["member_id"] != str(member.id)) == (201, True)
    else:
        expect_problem(by_number, 422, "card-unknown")


@pytest.mark.parametrize("state", STATES)
async def test_what_was_bought_and_spent_before_can_be_taken_back(chain: Chain, state: str) -> None:
    """RefundRequest and money are between the shop and the person, whatever became of the member."""
    stage = await reach(await set_stage(chain), state)
    answers = [
        await stage.till.at.post("/v1/refunds", {"receipt": RECEIPT, "refund_receipt": "B-1"}),
        await stage.till.at.post("/v1/points/void", {"receipt": SPENT_RECEIPT}),
    ]
    assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
    holders = {answer.json()["member_id"] for answer in answers}
    assert (holders == {str(stage.member.id)}) == (state != "merged")


@pytest.mark.parametrize("state", STATES)
async def test_what_an_owner_may_do_with_them(chain: Chain, state: str) -> None:
    stage = await reach(await set_stage(chain), state)
    path = f"/v1/members/{stage.member.id}"
    adjusted = await chain.owner.post(
        "/v1/points/adjustments", {"member_id": str(stage.member.id), "points": 5, "reason": "sorry"}
    )
    expect_problem(adjusted, 422, "member-unknown")
    assert (await chain.owner.get(f"{path}/summary")).status_code == 200
    expect_problem(await chain.owner.post(f"{path}/block"), 409, "invalid-member-state")
    assert (await chain.owner.post(f"{path}/unblock")).status_code == (200 if state == "blocked" else 409)
