"""Who was erased does not come back: not by an old receipt, not by a repeated request, by no route at all."""

from datetime import timedelta
from typing import Any

from kit.clock import utc_now
from server.privacy.erase import erase_again
from server.web.access import ROUTES
from server.web.idempotency import find_member_ids
from tests.support.bodies import UPLOADS, WALLETS, caller_of, good_body, routes_with_body
from tests.support.expectations import expect_problem
from tests.support.lives import ok
from tests.support.stage import RECEIPT, SPENT_RECEIPT, Stage, set_stage
from tests.support.street import ACCOUNTING_RECORDS, expect_gone_for_good
from tests.support.traces import texts_of
from tests.support.world import Chain, Json

WITH_BODY = set(routes_with_body())
# What ends others than the member, whom the rest of the routes need.
ENDING = {
    ("DELETE", "/v1/sessions/current"),
    ("PUT", "/v1/sessions/current/password"),
    ("DELETE", "/v1/staff/{staff_id}"),
    ("DELETE", "/v1/tills/{till_id}"),
    ("POST", "/v1/tills/{till_id}/key"),
    ("DELETE", "/v1/stores/{store_id}"),
}
WRITING = [route for route in ROUTES if route[0] != "GET" and route not in UPLOADS | WALLETS | ENDING]
RANKS = {
    "measure": "visits",
    "period": "year",
    "rolling_days": None,
    "time_zone": "Asia/Tokyo",
    "ranks": [{"code": "silver", "name": {"en": "Silver"}, "threshold": 1}],
}
KEY = "3f0d7a3e-5f0c-4a35-9d1c-0b1f1c9b7f10"


async def erase_for_good(stage: Stage) -> None:
    erasure = {"verified_by": "card_shown"}
    ok(await stage.chain.owner.post(f"/v1/members/{stage.member.id}/erasure", erasure))
    await erase_again(stage.chain.world.pool, utc_now() + timedelta(minutes=11))


async def held(stage: Stage) -> dict[str, list[str]]:
    return await texts_of(stage.chain.world.pool, [stage.member.id])


async def test_an_old_receipt_writes_nothing_about_who_was_erased(chain: Chain) -> None:
    stage = await set_stage(chain)
    ok(await chain.owner.put("/v1/program/ranks", RANKS))
    till = stage.till.at
    await erase_for_good(stage)
    before = await held(stage)
    refunded = ok(await till.post("/v1/refunds", {"receipt": RECEIPT, "refund_receipt": "B-1", "amount": 100}))
    assert (refunded["amount"], refunded["member_id"]) == (100, None)
    assert (refunded["points_reversed"], refunded["points_owed"], refunded["points_balance"]) == (0, 0, 0)
    expect_problem(await till.post("/v1/points/void", {"receipt": SPENT_RECEIPT}), 409, "invalid-member-state")
    after = await held(stage)
    assert {name for name in after if after[name] != before[name]} == {"purchases", "refunds", "receipts"}
    assert len(after["member_ranks"]) == 0
    await expect_gone_for_good(chain.world.pool, stage.member)


async def test_no_route_writes_about_who_was_erased(chain: Chain) -> None:
    """With every credential that knew them, and bodies that were good."""
    stage = await set_stage(chain)
    ok(await chain.owner.put("/v1/program/ranks", RANKS))
    (coupon,) = ok(await stage.member.app.get("/v1/me/coupons"))["items"]
    bodies: dict[tuple[str, str], Json | None] = {
        route: good_body(stage, route) if route in WITH_BODY else None for route in WRITING
    }
    bodies["POST", "/v1/redemptions"] = {"coupon": coupon["code"]}
    bodies["POST", "/v1/refunds"] = {"receipt": RECEIPT, "refund_receipt": "B-1", "amount": 100}
    bodies["POST", "/v1/points/void"] = {"receipt": SPENT_RECEIPT}
    await erase_for_good(stage)
    before = await held(stage)
    for number, route in enumerate(WRITING):
        caller = await caller_of(stage, route)
        answer = await caller.call(route[0], stage.path(route[1]), bodies[route], key=f"{KEY}-{number}")
        assert answer.status_code < 500, (route, answer.text)
        after = await held(stage)
        changed = {name for name in after if after[name] != before[name]}
        assert changed <= {"purchases", "refunds", "receipts"}, (route, answer.text)
        assert not {name for name, rows in after.items() if rows} - ACCOUNTING_RECORDS, route


async def test_no_repeated_request_tells_of_who_was_erased(chain: Chain) -> None:
    stage = await set_stage(chain)
    till, owner, member = stage.till.at, chain.owner, stage.member
    (coupon,) = ok(await member.app.get("/v1/me/coupons"))["items"]
    name, scan = str(member.id), {"member_id": str(member.id), "scan_id": str(stage.scan_id)}
    card = {"card": member.card_number}
    requests: list[tuple[Any, str, Json | None]] = [
        (till, "/v1/scans", card),
        (till, "/v1/purchases", scan | {"purchase": {"receipt": "P-2", "amount": 300}}),
        (till, "/v1/refunds", {"receipt": RECEIPT, "refund_receipt": "B-1", "amount": 100}),
        (till, "/v1/points/void", {"receipt": SPENT_RECEIPT}),
        (till, "/v1/redemptions", {"coupon": coupon["code"]}),
        (owner, "/v1/points/adjustments", {"member_id": name, "points": 5, "reason": "an apology to Hana"}),
        (owner, f"/v1/members/{member.id.hex.upper()}/block", None),
        (owner, f"/v1/members/{name}/unblock", None),
        (member.app, "/v1/me/device/token", None),
    ]
    told = [ok(await caller.post(path, body, key=f"{KEY}-{n}")) for n, (caller, path, body) in enumerate(requests)]
    assert sum(name in str(answer) for answer in told) >= 6
    assert "an apology to Hana" in str(told)
    records = "SELECT count(*) FROM idempotency_records WHERE $1 = ANY (member_ids) OR principal = $2"
    device = f"device:{member.device_id}"
    assert await chain.world.pool.fetchval(records, member.id, device) == len(requests)
    await erase_for_good(stage)
    assert await chain.world.pool.fetchval(records, member.id, device) == 0
    for number, (caller, path, body) in enumerate(requests):
        answer = await caller.post(path, body, key=f"{KEY}-{number}")
        for word in (name, member.card_number, "an apology to Hana"):
            assert word not in answer.text, path


async def test_a_repeated_enrolment_of_who_was_erased_is_a_new_one(chain: Chain) -> None:
    body = good_body(await set_stage(chain), ("POST", "/v1/members"))
    first = ok(await chain.world.anyone.post("/v1/members", body, key=KEY))
    ok(await chain.owner.post(f"/v1/members/{first['member_id']}/erasure", {"verified_by": "card_shown"}))
    again = ok(await chain.world.anyone.post("/v1/members", body, key=KEY))
    assert again["member_id"] != first["member_id"]
    assert again["card"] != first["card"]


def test_whom_a_body_names() -> None:
    name = "019aa5c4-d1f0-7b3e-9a54-6c8e0f2b7d91"
    for text in (
        f'{{"member_id": "{name}"}}',
        f'{{"items":[{{"member_id":"{name.upper()}"}}]}}',
        f"/v1/members/{name.replace('-', '')}/block",
    ):
        assert {str(each) for each in find_member_ids(text.encode())} == {name}, text
    assert find_member_ids(f'{{"store_id": "{name}", "member_id": null}}'.encode()) == frozenset()
