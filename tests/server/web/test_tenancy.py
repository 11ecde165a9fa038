"""A program's people, tills and devices never reach, see or change what belongs to another program."""

from typing import Any

import pytest

from kit.clock import utc_now
from server.web.access import ROUTES
from tests.support.bodies import PICTURES, good_body, routes_with_body
from tests.support.stage import Stage, set_stage, walk_in
from tests.support.world import AWAY, DOOR, Chain, campaign_body, fix, geofence_body, store_body

IMPORTS = "/v1/member-imports"
ITEM_ROUTES = [route for route, roles in ROUTES.items() if "{" in route[1] and "owner" in roles]
LIST_ROUTES = [path for method, path in ROUTES if method == "GET" and "{" not in path and path.startswith("/v1/")]
TABLES = (
    *("stores", "geofences", "campaigns", "tills", "staff", "members", "coupons", "visits", "redemptions"),
    *("point_accounts", "point_postings", "purchases", "member_ranks"),
)


async def count_rows(chain: Chain) -> dict[str, int]:
    return {table: await chain.world.count(table, chain.id) for table in TABLES}


@pytest.mark.parametrize(("method", "route"), ITEM_ROUTES, ids=[" ".join(each) for each in ITEM_ROUTES])
async def test_an_item_of_another_program_is_not_found(
    lasting_stage: Stage, rival: Chain, method: str, route: str
) -> None:
    stage = lasting_stage
    if "{run_id}" in route:
        sent = await stage.chain.owner.post(IMPORTS, good_body(stage, ("POST", IMPORTS)))
        route = route.replace("{run_id}", sent.json()["id"])
    if "{number_id}" in route:
        poster = good_body(stage, ("POST", "/v1/call-numbers")) | {"number": "+815099998888"}
        added = await stage.chain.owner.post("/v1/call-numbers", poster)
        route = route.replace("{number_id}", added.json()["id"])
    body = stage.change(route) if method == "PUT" else None
    if (method, route) in routes_with_body() and (method in ("POST", "PATCH") or (method, route) in PICTURES):
        body = good_body(stage, (method, route))
    if isinstance(body, dict) and "store_ids" in body:  # nothing but the id in the path shall be foreign
        body["store_ids"] = [str(await rival.add_store())]
    response = await rival.owner.call(method, stage.path(route), body)
    assert response.status_code == 404, response.text
    assert response.json()["type"] == "urn:noren:problem:not-found"
    untouched = await stage.chain.owner.call("GET", stage.path(f"/v1/{route.split('/')[2]}"))
    assert untouched.json()["items"], "the rival's request changed something"
    assert (await stage.till.at.post("/v1/scans", {"card": stage.member.card_number})).status_code == 201


@pytest.mark.parametrize("path", LIST_ROUTES)
async def test_a_list_holds_nothing_of_another_program(lasting_stage: Stage, rival_stage: Stage, path: str) -> None:
    theirs, ours = lasting_stage, rival_stage
    callers = (ours.chain.owner, ours.manager.session, ours.member.app)
    for caller in callers:
        text = (await caller.get(path)).text
        assert not [each for each in (*theirs.ids, str(theirs.chain.id)) if each in text]


async def test_nothing_can_be_hung_on_a_store_of_another_program(chain: Chain, rival: Chain) -> None:
    foreign = str(await chain.add_store())
    fence = await rival.add_geofence(await rival.add_store())
    campaign = await rival.add_campaign()
    staff = {"email": "x@example.com", "name": "X", "password": "long enough", "role": "store_manager"}
    attempts: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/v1/geofences", geofence_body(foreign)),
        ("POST", "/v1/tills", {"store_id": foreign, "name": "Till"}),
        ("POST", "/v1/campaigns", campaign_body(store_ids=[foreign])),
        ("PUT", f"/v1/campaigns/{campaign}", campaign_body(store_ids=[foreign])),
        ("POST", "/v1/staff", staff | {"store_ids": [foreign]}),
        ("PUT", f"/v1/geofences/{fence}", geofence_body(foreign)),
    ]
    before = await count_rows(chain), await count_rows(rival)
    for method, path, body in attempts:
        response = await rival.owner.call(method, path, body)
        assert response.status_code in {400, 422}, (path, response.text)
    assert (await count_rows(chain), await count_rows(rival)) == before


async def test_a_till_knows_no_card_and_no_coupon_of_another_program(chain: Chain, rival: Chain) -> None:
    theirs, ours = await set_stage(chain), await set_stage(rival)
    before = await count_rows(chain)
    phone = await theirs.member.take_card()
    for presented in (phone.make_code(utc_now()), theirs.member.card_number):
        response = await ours.till.at.post("/v1/scans", {"card": presented})
        slug = "card-unknown" if presented == theirs.member.card_number else "card-code-refused"
        assert response.json()["type"] == f"urn:noren:problem:{slug}", response.text
    coupons = (await theirs.member.app.get("/v1/me/coupons")).json()["items"]
    assert coupons
    for coupon in coupons:
        response = await ours.till.at.post("/v1/redemptions", {"coupon": coupon["code"]})
        assert response.json()["type"] == "urn:noren:problem:coupon-unknown", response.text
    assert await count_rows(chain) == before


async def test_a_walk_through_two_programs_doors_moves_one(chain: Chain, rival: Chain) -> None:
    theirs, ours = await set_stage(chain), await set_stage(rival)
    guest = await rival.enrol()
    assert len(await walk_in(guest)) == 1
    for stage, expected in ((theirs, False), (ours, True)):
        rows = (await stage.chain.owner.get(f"/v1/stores/{stage.store_id}/transitions")).text
        assert (str(guest.id) in rows) is expected


async def test_a_devices_token_serves_that_device_only(chain: Chain, rival: Chain) -> None:
    member, other = await chain.enrol(), await rival.enrol()
    assert (await member.app.get("/v1/me")).json()["member_id"] == str(member.id)
    assert (await other.app.get("/v1/me")).json()["member_id"] == str(other.id)
    await other.app.post("/v1/locations", {"fixes": [fix(AWAY, ago_s=60), fix(DOOR, ago_s=30)]})
    assert await chain.world.pool.fetchval("SELECT version FROM presences WHERE member_id = $1", member.id) == 0


async def test_programs_may_use_the_same_codes_and_addresses(chain: Chain, rival: Chain) -> None:
    body = store_body(code="ginza-1")
    assert (await chain.owner.post("/v1/stores", body)).status_code == 201
    assert (await rival.owner.post("/v1/stores", body)).status_code == 201
    person = {"email": "hana@example.com", "name": "Hana", "password": "long enough", "role": "owner"}
    assert (await chain.owner.post("/v1/staff", person)).status_code == 201
    assert (await rival.owner.post("/v1/staff", person)).status_code == 201
