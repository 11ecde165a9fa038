"""Whatever is sent: a clear problem, never a 500, and nothing written."""

import json
from typing import Any

import httpx
import pytest

from tests.support import bodies
from tests.support.bodies import FILES, REPORTS, SQUARE, UPLOADS, WALLETS, WHOLLY_OPTIONAL, Route, caller_of, good_body
from tests.support.expectations import expect_problem
from tests.support.keyed_routes import KEYED
from tests.support.spoiling import leaves, objects, spoilt
from tests.support.stage import Stage
from tests.support.world import Caller, Chain, campaign_body, geofence_body, store_body

ROUTES = [route for route in bodies.routes_with_body() if route not in UPLOADS | FILES | REPORTS | WALLETS]
route_by_route = pytest.mark.parametrize("route", ROUTES, ids=[" ".join(route) for route in ROUTES])

DEEP = b"[" * 50_000 + b"]" * 50_000
BROKEN = {
    "nothing": b"",
    "cut off": b'{"name": "a',
    "no JSON": b"name=a",
    "a comma too many": b'{"name": "a",}',
    "a comment": b'{"name": "a" /* b */}',
    "NaN": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "null": b"null",
    "a list": b"[]",
    "a text": b'"a"',
    "a number": b"1e400",
    "half of a surrogate pair": b'{"name": "\\ud800"}',
    "no UTF-8": b'{"name": "\xff\xfe"}',
    "a surrogate in UTF-8": b'{"name": "\xed\xa0\x80"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "deep lists": DEEP,
    "deep objects": b'{"name":' * 10_000 + b"1" + b"}" * 10_000,
    "depth behind a field": b'{"name":' + DEEP + b"}",
}
OTHER_TYPES = ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


async def send_raw(
    stage: Stage, caller: Caller, route: Route, body: bytes, content_type: str = "application/json"
) -> httpx.Response:
    headers = {"Content-Type": content_type}
    return await caller.call(route[0], stage.path(route[1]), content=body, headers=headers)


async def send(stage: Stage, caller: Caller, route: Route, body: Any) -> httpx.Response:
    return await send_raw(stage, caller, route, json.dumps(body).encode())


@route_by_route
async def test_a_body_that_is_no_json_object(lasting_stage: Stage, route: Route) -> None:
    stage = lasting_stage
    caller = await caller_of(stage, route)
    before = await stage.chain.world.fingerprint()
    for what, body in BROKEN.items():
        problem = expect_problem(await send_raw(stage, caller, route, body), 400, "invalid-request")
        assert "'data'" not in problem["detail"], what
    good = json.dumps(good_body(stage, route)).encode()
    for content_type in OTHER_TYPES:
        expect_problem(await send_raw(stage, caller, route, good, content_type), 415, "unsupported-media-type")
    expect_problem(await send_raw(stage, caller, route, b" " * 1_000_001), 413, "body-too-large")
    assert await stage.chain.world.fingerprint() == before


@route_by_route
async def test_a_value_of_the_wrong_kind_anywhere(lasting_stage: Stage, route: Route) -> None:
    stage = lasting_stage
    caller, good = await caller_of(stage, route), good_body(stage, route)
    before = await stage.chain.world.fingerprint()
    for leaf in leaves(good):
        wrong: list[object] = [{"a": []}, [[]], 1.5e300, -(10**30)]
        if isinstance(leaf.value, str):
            wrong += ["", "\0"]
            # A scanner may put control characters into what it reads: kit/scanned_text.py leaves them out.
            wrong += [] if "receipt" in str(leaf.at[-1]) else ["a\0b"]
        for value in wrong:
            response = await send(stage, caller, route, spoilt(good, leaf.at, value))
            expect_problem(response)
    assert await stage.chain.world.fingerprint() == before


@route_by_route
async def test_a_field_that_nobody_knows_and_one_that_is_missing(lasting_stage: Stage, route: Route) -> None:
    stage = lasting_stage
    caller, good = await caller_of(stage, route), good_body(stage, route)
    before = await stage.chain.world.fingerprint()
    for at in objects(good):
        # Which attributes there are is the program's to say.
        refusal = (422, "attribute-unusable") if at[-1:] == ("attributes",) else (400, "invalid-request")
        expect_problem(await send(stage, caller, route, spoilt(good, (*at, "surprise"), 1)), *refusal)
    if route not in WHOLLY_OPTIONAL:
        expect_problem(await send(stage, caller, route, {}), 400, "invalid-request")
    assert await stage.chain.world.fingerprint() == before


# What each good body is answered that can have no effect: nobody has such a code, or the coupon is used.
REFUSED = {
    "/v1/sessions": 401,
    "/v1/sessions/second-factor": 401,
    "/v1/password-resets/confirmation": 410,
    "/v1/till-pairings": 410,
    "/v1/campaigns/{campaign_id}/runs": 422,
    # The stage's campaign has no words for e-mail.
    "/v1/campaigns/{campaign_id}/test-message": 400,
    "/v1/coupons/quote": 422,
    "/v1/redemptions": 422,
    # The stage's campaign answers steps, and no word is a code of it.
    "/v1/campaigns/{campaign_id}/paper-codes": 400,
    "/v1/campaigns/{campaign_id}/paper-codes/withdrawal": 400,
    "/v1/coupons/claim": 422,
    "/v1/me/coupon-codes": 422,
    "/v1/redemptions/undo": 404,
    "/v1/reservations": 422,
    "/v1/reservations/redeem": 404,
    "/v1/reservations/void": 404,
    "/v1/reservations/refund": 404,
    "/v1/me/verifications/{verification_id}/confirm": 404,
    "/v1/me/transfers/{transfer_id}/codes": 404,
    "/v1/me/transfers/{transfer_id}/prove": 404,
    "/v1/objections": 404,
    # The program has no LINE channel.
    "/v1/me/line": 409,
    "/v1/me/line/account-link": 409,
    "/v1/line-sign-ins": 409,
    # Nor a page of Facebook.
    "/v1/members/{member_id}/messenger-replies": 409,
    "/v1/me/claims": 409,
    # The member has no contact, and the codes are nobody's.
    "/v1/me/data-codes": 409,
    "/v1/me/contact-removals": 404,
    "/v1/members/{member_id}/contact-removals": 409,
    "/v1/me/export": 404,
    "/v1/me/erasure": 404,
    "/v1/members/{member_id}/data-codes": 409,
    "/v1/members/{member_id}/export": 404,
}
# The others are found good, each on a stage of its own, in test_idempotency.py.
SHOWN_HERE = [route for route in ROUTES if route not in KEYED or route[1] in REFUSED]


@pytest.mark.parametrize("route", SHOWN_HERE, ids=[" ".join(route) for route in SHOWN_HERE])
async def test_the_good_body_is_good(lasting_stage: Stage, route: Route) -> None:
    """Otherwise the tests above prove nothing."""
    caller = await caller_of(lasting_stage, route)
    response = await send(lasting_stage, caller, route, good_body(lasting_stage, route))
    expected = REFUSED.get(route[1])
    assert response.status_code in ({expected} if expected else {200, 201, 202, 204}), response.text


async def test_of_a_key_that_comes_twice_the_last_counts(chain: Chain) -> None:
    body = b'{"name": "a", "name": "b", "code": "twice", "time_zone": "Asia/Tokyo"}'
    response = await chain.owner.post("/v1/stores", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["name"]) == (201, "b")


@pytest.mark.parametrize("ring", [["x"], [None, None], [139.7], [139.7, 35.6, 0, 0], [10**400, 35]])
async def test_a_position_that_is_none(chain: Chain, ring: list[object]) -> None:
    area = {"type": "Polygon", "coordinates": [[ring, *SQUARE]]}
    body = geofence_body(await chain.add_store(), area=area)
    del body["circle"]
    expect_problem(await chain.owner.post("/v1/geofences", body))


@pytest.mark.parametrize(
    "changes",
    [
        {"time_zone": "Asia/Edo"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "localtime"},
        {"time_zone": "JST-9"},
        {"code": "Ginza"},
        {"code": "gi"},
        {"code": "ginza-1\n"},
        {"code": "-ginza"},
        {"name": "x" * 201},
        {"location": {"lat": 90.1, "lon": 0}},
        {"location": {"lat": 0, "lon": -180.1}},
        {"day_start_hour": 24},
        {"opening_hours": {"mon": [["09:00:00"]]}},
        {"opening_hours": {"mon": [["09:00:00", "25:00:00"]]}},
        {"opening_hours": {"mon": [["09:00:00+09:00", "10:00:00Z"]]}},
        {"opening_hours": {"monday": []}},
        {"opening_hours": {"mon": [["09:00:00", "10:00:00"]] * 11}},
    ],
    ids=str,
)
async def test_a_store_that_cannot_be(chain: Chain, changes: dict[str, Any]) -> None:
    expect_problem(await chain.owner.post("/v1/stores", store_body(**changes)), 400, "invalid-request")
    assert await chain.world.count("stores", chain.id) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": "2026-01-01T00:00:00"},
        {"starts_at": "2026-13-01T00:00:00Z"},
        {"starts_at": "0001-01-01T00:00:00Z"},
        {"starts_at": "0001-01-01T00:00:00+09:00"},
        {"ends_at": "9999-12-31T23:59:59.999999Z"},
        {"ends_at": "9999-12-31T23:59:59-12:00"},
        {"ends_at": "2026-01-01T00:00:00Z"},
        {"cap": -1},
        {"cap": 1.5},
        {"cap": 10**13},
        {"store_cap": -1},
        {"day_cap": -1},
        {"store_day_cap": 10**13},
        {"offer": {}},
        {"offer": {"no language": {"title": "a", "body": "b"}}},
        {"offer": {"ja": {"title": "", "body": "b"}}},
        {"offer": {"ja": {"title": "a", "body": "b" * 501}}},
        {"store_ids": []},
        {"quiet_hours": {"start": "21:00:00+09:00", "end": "08:00:00"}},
        {"quiet_hours": {"start": "24:00:00", "end": "08:00:00"}},
        {"max_event_age_s": 0},
        {"coupon_valid_s": 59},
        {"coupon_valid_days": 0},
        {"coupon_valid_days": 1, "coupon_valid_s": 3600},
        {"coupon_valid_until": "2026-12-31T23:59:59"},
        {"coupon_valid_until": "1999-12-31T23:59:59Z"},
        {"frequency": "hourly"},
        {"frequency": "rolling"},
        {"frequency": "rolling", "every_days": 1},
        {"frequency": "daily", "every_days": 2},
        {"frequency": "once", "cooldown_s": 60},
        {"frequency": "daily", "cooldown_s": 0},
        {"trigger": {"kind": "leave"}},
        {"hours": [{"weekdays": [0]}]},
        {"hours": [{"holidays": "maybe"}]},
        {"except_days": ["2026-02-30"]},
        {"exclusive_group": ""},
        {"priority": 1001},
        {"trigger": "enter"},
        {"trigger": {"kind": "enter", "n": 5}},
        {"state": "active"},
    ],
    ids=str,
)
async def test_a_campaign_that_cannot_be(chain: Chain, changes: dict[str, Any]) -> None:
    expect_problem(await chain.owner.post("/v1/campaigns", campaign_body(**changes)), 400, "invalid-request")
    assert await chain.world.count("campaigns", chain.id) == 0


@pytest.mark.parametrize("path_id", ["1", "x", "00000000-0000-0000-0000-00000000000g", "%00", "%F0%28%8C%28"])
async def test_an_id_that_is_none(chain: Chain, path_id: str) -> None:
    for name in ("stores", "geofences", "campaigns", "staff"):
        expect_problem(await chain.owner.get(f"/v1/{name}/{path_id}"), 404, "not-found")


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/stores", "/v1/stores/x/y/z", "/v1/" + "a" * 5000, "/v1/%00", "//"])
async def test_a_path_that_there_is_not(chain: Chain, path: str) -> None:
    expect_problem(await chain.owner.get(path), 404, "not-found")


async def test_a_query_that_nobody_can_read(chain: Chain) -> None:
    for query in ("limit=1&limit=2", "cursor=%FF", "%00=1", "a=b&&&=", "limit=%EF%BC%91", "usable=perhaps"):
        for path in ("/v1/stores", "/v1/geofences"):
            assert (await chain.owner.call("GET", f"{path}?{query}")).status_code < 500, query
    member = await chain.enrol()
    expect_problem(await member.app.get("/v1/me/coupons", usable="perhaps"), 400, "invalid-request")
