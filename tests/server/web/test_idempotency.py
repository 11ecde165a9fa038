"""Idempotency-Key: the same request gets the same answer and has one effect; for everybody by themself."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from server.web import idempotency
from server.web.access import ROUTES
from tests.support.bodies import caller_of, good_body, routes_with_body
from tests.support.expectations import expect_problem
from tests.support.gates import IS_WAITED
from tests.support.keyed_routes import KEYED
from tests.support.stage import Stage, set_stage
from tests.support.waiting import until
from tests.support.world import Chain, Json, World, member_body, open_world, store_body

ENDING = {
    ("DELETE", "/v1/me"),
    ("DELETE", "/v1/me/device"),
    ("DELETE", "/v1/me/devices/{device_id}"),
    ("PUT", "/v1/sessions/current/password"),
}
# Long enough for an enrolment, where anybody may ask.
KEY = "3f0d7a3e-5f0c-4a35-9d1c-0b1f1c9b7f10"
WITH_BODY = set(routes_with_body())
VOID = "/v1/members/{member_id}/coupons/{coupon_id}/void"
# They make something more or set a rule, and leave the stage as good as it was for the next of them.
HARMLESS = {
    (method, path)
    for method, path in KEYED
    if "owner" in ROUTES[method, path]
    and ((method == "POST" and "{" not in path) or (method == "PUT" and path.startswith("/v1/program/")))
}


async def of_reservation(stage: Stage, path: str) -> Json:
    """A body for this step of a reservation, after the steps before it."""
    coupon = (await stage.member.app.get("/v1/me/coupons")).json()["items"][0]
    reserving = {"coupons": [coupon["code"]], "basket": {"lines": [{"unit_price": 700}], "total": 700}}
    if path == "/v1/reservations":
        return reserving
    held = (await stage.till.at.post("/v1/reservations", reserving)).json()
    named: Json = {name: held[name] for name in ("member_id", "reservation_id")}
    redeeming = named | {"receipt": "C-1", "amount": held["to_pay"]}
    if path == "/v1/reservations/redeem":
        return redeeming
    assert (await stage.till.at.post("/v1/reservations/redeem", redeeming)).is_success
    return named if path == "/v1/reservations/void" else named | {"lines": [{"line": 0, "quantity": 1}]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def kept_stage(world: World) -> Stage:
    return await set_stage(await world.add_chain())


@pytest.mark.parametrize("each", KEYED, ids=[" ".join(route) for route in KEYED])
async def test_a_repeated_write_is_answered_alike_and_has_one_effect(
    chain: Chain, kept_stage: Stage, each: tuple[str, str]
) -> None:
    stage = kept_stage if each in HARMLESS else await set_stage(chain)
    chain = stage.chain
    body = good_body(stage, each) if each in WITH_BODY else None
    if each[1] == "/v1/redemptions":
        coupon = (await stage.member.app.get("/v1/me/coupons")).json()["items"][0]
        body = {"coupon": coupon["code"]}
    if each[1] == "/v1/redemptions/undo":
        coupon = (await stage.member.app.get("/v1/me/coupons")).json()["items"][0]
        used = (await stage.till.at.post("/v1/redemptions", {"coupon": coupon["code"]})).json()
        body = {name: used[name] for name in ("member_id", "redemption_id")}
    if each[1].startswith("/v1/reservations"):
        body = await of_reservation(stage, each[1])
    if each[1] == "/v1/members/{member_id}/unblock":
        assert (await chain.owner.post(stage.path("/v1/members/{member_id}/block"))).is_success
    if each == ("DELETE", VOID):
        assert (await chain.owner.post(stage.path(VOID), {"reason": "It was sold."})).is_success
    caller, key = await caller_of(stage, each), f"{KEY}-{KEYED.index(each)}"

    first = await caller.call(each[0], stage.path(each[1]), body, key=key)
    assert first.is_success, first.text
    before = await chain.world.fingerprint()
    second = await caller.call(each[0], stage.path(each[1]), body, key=key)
    if each in ENDING:  # whose credential has ended may not even ask
        assert second.status_code == 401
    else:
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert second.headers.get("content-type") == first.headers.get("content-type")
    assert await chain.world.fingerprint() == before


async def test_a_key_belongs_to_one_request(chain: Chain) -> None:
    body = store_body()
    assert (await chain.owner.post("/v1/stores", body, key="k")).status_code == 201
    before = await chain.world.fingerprint()
    other = store_body()
    expect_problem(await chain.owner.post("/v1/stores", other, key="k"), 422, "idempotency-key-reused")
    till = {"store_id": "0" * 32, "name": "x"}
    expect_problem(await chain.owner.post("/v1/tills", till, key="k"), 422, "idempotency-key-reused")
    assert await chain.world.fingerprint() == before


async def test_everybody_has_keys_of_their_own(chain: Chain, rival: Chain) -> None:
    colleague = (await chain.add_person("owner")).session
    made = [await caller.post("/v1/stores", store_body(), key="k") for caller in (chain.owner, colleague, rival.owner)]
    assert [response.status_code for response in made] == [201, 201, 201]
    assert len({response.json()["id"] for response in made}) == 3


async def test_two_people_with_the_same_key_at_once_do_not_meet(chain: Chain) -> None:
    colleague = (await chain.add_person("owner")).session
    for number in range(10):
        key = f"k-{number}"
        both = (caller.post("/v1/stores", store_body(), key=key) for caller in (chain.owner, colleague))
        assert [answer.status_code for answer in await asyncio.gather(*both)] == [201, 201]


async def test_enrolments_of_two_programs_do_not_share_keys(chain: Chain, rival: Chain) -> None:
    anyone = chain.world.anyone
    made = [await anyone.post("/v1/members", member_body(code), key=KEY) for code in (chain.code, rival.code)]
    assert made[0].json()["member_id"] != made[1].json()["member_id"]
    changed = member_body(chain.code, platform="android")
    expect_problem(await anyone.post("/v1/members", changed, key=KEY), 422, "idempotency-key-reused")


@pytest.mark.parametrize("path", ["/v1/stores", "/v1/members", "/v1/scans"])
async def test_the_same_key_twice_at_once_has_one_effect(chain: Chain, path: str) -> None:
    stage = await set_stage(chain)
    bodies: dict[str, Any] = {
        "/v1/stores": store_body(),
        "/v1/members": member_body(chain.code),
        "/v1/scans": {"card": stage.member.card_number},
    }
    caller = await caller_of(stage, ("POST", path))
    before = await counts(chain)
    answers = await asyncio.gather(*(caller.post(path, bodies[path], key=KEY) for _ in range(12)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert made
    assert len({answer.content for answer in made}) == 1
    for answer in answers:
        if answer not in made:
            assert expect_problem(answer, 409, "idempotency-in-flight")
            assert int(answer.headers["retry-after"]) >= 1
    repeated = await caller.post(path, bodies[path], key=KEY)
    assert repeated.content == made[0].content
    assert sum(await counts(chain)) == sum(before) + 1


async def test_a_key_whose_process_is_killed_is_free_as_soon_as_the_database_knows(database: str) -> None:
    """Until then it is in flight, since its effect may still be committed; then nothing is left of it, and the repeated
    request has the one effect."""
    body = store_body()
    async with open_world(database) as living, open_world(database) as doomed, living.pool.acquire() as conn:
        chain, pool = await living.add_chain(), living.pool
        transaction = conn.transaction()
        await transaction.start()
        await conn.execute("LOCK TABLE stores IN EXCLUSIVE MODE")
        first = asyncio.create_task(replace(chain.owner, http=doomed.http).post("/v1/stores", body, key=KEY))
        await until(lambda: pool.fetchval(IS_WAITED))
        expect_problem(await chain.owner.post("/v1/stores", body, key=KEY), 409, "idempotency-in-flight")
        doomed.pool.terminate()
        assert (await first).status_code >= 500
        repeated = await chain.owner.post("/v1/stores", body, key=KEY)
        assert int(repeated.headers["retry-after"]) >= 1
        expect_problem(repeated, 409, "idempotency-in-flight")
        await transaction.rollback()

        async def repeat() -> Any:
            answer = await chain.owner.post("/v1/stores", body, key=KEY)
            return answer if answer.status_code != 409 else None

        made = await until(repeat)
        assert made.status_code == 201
        assert (await chain.owner.post("/v1/stores", body, key=KEY)).content == made.content
        assert [each["id"] for each in (await chain.owner.get("/v1/stores")).json()["items"]] == [made.json()["id"]]


async def counts(chain: Chain) -> list[int]:
    evidence: int = await chain.world.pool.fetchval(
        "SELECT count(*) FROM visit_evidence e JOIN stores s ON s.id = e.store_id WHERE s.program_id = $1", chain.id
    )
    return [await chain.world.count("stores", chain.id), await chain.world.count("members", chain.id), evidence]


async def test_a_refused_request_uses_no_key_up(chain: Chain) -> None:
    stage = await set_stage(chain)
    unknown = {"card": "2900000000001"}
    expect_problem(await stage.till.at.post("/v1/scans", unknown, key="k"), 422, "card-unknown")
    assert (await stage.till.at.post("/v1/scans", {"card": stage.member.card_number}, key="k")).status_code == 201
    expect_problem(await chain.owner.post("/v1/stores", store_body(time_zone="x"), key="k"), 400)
    assert (await chain.owner.post("/v1/stores", store_body(), key="k")).status_code == 201


async def test_a_key_is_forgotten_after_a_day(chain: Chain) -> None:
    body = store_body()
    age = "UPDATE idempotency_records SET created_at = created_at - $1::interval"
    first = (await chain.owner.post("/v1/stores", body, key="k")).json()
    await chain.world.pool.execute(age, timedelta(hours=23, minutes=59))
    assert (await chain.owner.post("/v1/stores", body, key="k")).json() == first
    await chain.world.pool.execute(age, timedelta(minutes=2))
    expect_problem(await chain.owner.post("/v1/stores", body, key="k"), 409, "code-taken")
    assert (await chain.owner.post("/v1/stores", store_body(), key="k")).status_code == 201


async def test_old_records_are_removed(chain: Chain) -> None:
    await chain.owner.post("/v1/stores", store_body(), key="old")
    await chain.world.pool.execute("UPDATE idempotency_records SET created_at = created_at - interval '25 h'")
    await chain.owner.post("/v1/stores", store_body(), key="new")
    async with chain.world.pool.acquire() as conn:
        newest = await conn.fetchval("SELECT max(created_at) FROM idempotency_records")
        await idempotency.purge_old_records(conn, newest)
        assert await conn.fetchval("SELECT count(*) FROM idempotency_records") == 1


async def test_an_enrolment_needs_a_key_that_nobody_guesses(chain: Chain) -> None:
    response = await chain.world.anyone.post("/v1/members", member_body(chain.code), key="k" * 15)
    expect_problem(response, 400, "invalid-request")


@pytest.mark.parametrize("key", ["", "x" * 201, "é", "a\tb", "日".encode().decode("latin-1")])
async def test_a_key_that_is_none(chain: Chain, key: str) -> None:
    headers = chain.owner.headers | {"Idempotency-Key": key}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    response = await chain.world.http.post("/v1/stores", json=store_body(), headers=raw)
    expect_problem(response, 400, "invalid-request")
    assert await chain.world.count("stores", chain.id) == 0


async def test_the_longest_key_is_taken(chain: Chain) -> None:
    assert (await chain.owner.post("/v1/stores", store_body(), key="~" * 200)).status_code == 201


async def test_a_stored_answer_tells_nothing_without_the_key(chain: Chain) -> None:
    answer = await chain.world.anyone.post("/v1/members", member_body(chain.code), key=KEY)
    rows = await chain.world.pool.fetch("SELECT * FROM idempotency_records")
    stored = b"".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
    assert answer.json()["device_token"].encode() not in stored
    assert KEY.encode() not in stored
