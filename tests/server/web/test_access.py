"""Every route of the one table, called by everybody."""

import re

import pytest
import pytest_asyncio

from kit.ids import new_id
from server.web.access import ROUTES
from server.web.roles import APPLE_PASS, DEVICE_IN_BATCH, OPERATOR
from tests.support.bodies import good_body, routes_with_body
from tests.support.stage import Stage, set_stage
from tests.support.world import Caller, Chain, Json, World, campaign_body, geofence_body, open_world

ROUTE_IDS = [f"{method} {path}" for method, path in ROUTES]
GARBAGE = ("", "Bearer", "Basic YTpi", "Bearer x", "Bearer nrns_AAAA", f"Bearer nrns_{'A' * 43}", "Bearer nrnd_\xe9")


class Everybody:
    """A caller of each kind of credential, for test after test until a write succeeds: some routes end one."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._callers: dict[str, Caller] = {}

    async def take(self) -> dict[str, Caller]:
        if not self._callers:
            self._callers = await make_everybody(await self._world.add_chain())
        return self._callers

    def forget(self) -> None:
        self._callers = {}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def everybody(world: World) -> Everybody:
    return Everybody(world)


async def make_everybody(chain: Chain) -> dict[str, Caller]:
    store_id = await chain.add_store()
    manager = await chain.add_person("store_manager", store_id)
    everywhere = {role: (await chain.add_person(role)).session for role in ("owner", "marketer", "analyst")}
    return everywhere | {
        "store_manager": manager.session,
        "till": (await chain.add_till(store_id)).at,
        "device": (await chain.enrol()).app,
    }


def some_path(template: str) -> str:
    """The route with an id that nobody has."""
    return re.sub(r"\{\w+\}", str(new_id()), template)


# No credential of ours, but the operator's signature: tests/server/mail.
SIGNED = {("POST", "/mail/v1/reports")}


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=ROUTE_IDS)
async def test_each_credential_reaches_its_own_routes_only(everybody: Everybody, method: str, path: str) -> None:
    roles = ROUTES[method, path]
    for role, caller in (await everybody.take()).items():
        response = await caller.call(method, some_path(path))
        if response.is_success and method not in {"GET", "HEAD"}:
            everybody.forget()
        if (method, path) in SIGNED:
            assert response.status_code == 401
            continue
        allowed = role in roles or "anyone" in roles or roles == OPERATOR
        if roles in (DEVICE_IN_BATCH, APPLE_PASS):  # its own reading of the token knows devices, or passes, only
            allowed, refusal = role == "device" and roles == DEVICE_IN_BATCH, 401
        else:
            refusal = 403
        if allowed:
            assert response.status_code not in {401, 403, 405, 500}, (role, response.text)
        else:
            assert response.status_code == refusal, (role, response.text)
            assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=ROUTE_IDS)
async def test_without_a_credential_only_open_routes_answer(world: World, method: str, path: str) -> None:
    is_open = "anyone" in ROUTES[method, path] or ROUTES[method, path] == OPERATOR
    for header in (None, *GARBAGE):
        headers = [] if header is None else [(b"Authorization", header.encode("latin-1"))]
        response = await world.http.request(method, some_path(path), headers=headers)
        if is_open:
            assert (response.status_code in {401, 403, 500}) == ((method, path) in SIGNED), (header, response.text)
        else:
            assert response.status_code == 401, (header, response.text)
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["type"] == "urn:noren:problem:unauthenticated"


@pytest.mark.parametrize("path", sorted({path for _, path in ROUTES}))
async def test_a_method_that_a_path_lacks_is_405(lasting_stage: Stage, path: str) -> None:
    owner = lasting_stage.chain.owner
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
        if (method, path) not in ROUTES:
            response = await owner.call(method, some_path(path))
            assert response.status_code == 405, (method, response.text)
            assert response.json()["type"] == "urn:noren:problem:method-not-allowed"
    assert (await owner.call("OPTIONS", some_path(path))).status_code < 500


WITH_BODY = set(routes_with_body())
# Audiences are the whole program's, for its staff to read.
STORE_ROUTES = [
    route
    for route, roles in ROUTES.items()
    if "store_manager" in roles and "{" in route[1] and "/audiences" not in route[1]
]


OF_ALL_STORES = {"/v1/program", "/v1/audiences", "/v1/attributes", "/v1/program/holdout"}
# Figures, by the store only where that is asked for.
OF_ALL_STORES |= {"/v1/visit-cohorts", "/v1/visit-cohorts.csv"}
# No till of the stage has reported anything.
OF_ALL_STORES |= {"/v1/redemptions/conflicts"}


async def test_a_store_manager_reaches_no_other_store(chain: Chain) -> None:
    mine, other = await set_stage(chain), await set_stage(chain)
    before = await snapshot(chain, other)
    for method, template in STORE_ROUTES:
        body = good_body(other, (method, template)) if (method, template) in WITH_BODY else None
        response = await mine.manager.session.call(method, other.path(template), body)
        assert response.status_code in {403, 404}, (method, template, response.text)
    for path, body in (
        ("/v1/geofences", geofence_body(other.store_id)),
        ("/v1/tills", {"store_id": str(other.store_id), "name": "Mine"}),
        ("/v1/campaigns", campaign_body(store_ids=[str(mine.store_id), str(other.store_id)])),
        ("/v1/campaigns", campaign_body()),
    ):
        assert (await mine.manager.session.post(path, body)).status_code == 403, path
    moved = mine.change("/v1/campaigns/{campaign_id}") | {"store_ids": [str(other.store_id)]}
    assert (await mine.manager.session.put(f"/v1/campaigns/{mine.campaign_id}", moved)).status_code == 403
    assert await snapshot(chain, other) == before


async def test_a_store_manager_sees_no_other_store_in_lists(chain: Chain) -> None:
    mine, other = await set_stage(chain), await set_stage(chain)
    for method, path in ROUTES:
        if method == "GET" and "store_manager" in ROUTES[method, path] and "{" not in path:
            text = (await mine.manager.session.get(path)).text
            assert not [each for each in other.ids if each in text], path
            assert path in OF_ALL_STORES or [each for each in mine.ids if each in text], path


# Theirs to call; but the stage's campaign answers steps, so it has no runs and no codes.
BEYOND_THE_STAGE = {
    ("POST", "/v1/campaigns/{campaign_id}/runs"): 422,
    ("GET", "/v1/campaigns/{campaign_id}/runs/{run_id}"): 404,
    ("POST", "/v1/campaigns/{campaign_id}/runs/{run_id}/stop"): 404,
    ("POST", "/v1/campaigns/{campaign_id}/runs/{run_id}/resume"): 404,
    ("POST", "/v1/tills/{till_id}/pairing-codes"): 201,
    ("POST", "/v1/campaigns/{campaign_id}/test-message"): 400,  # it has no words for e-mail
    ("DELETE", "/v1/members/{member_id}/coupons/{coupon_id}/void"): 200,
    ("POST", "/v1/campaigns/{campaign_id}/paper-codes"): 400,
    ("POST", "/v1/campaigns/{campaign_id}/paper-codes/withdrawal"): 400,
}


async def test_a_store_manager_works_in_their_own_store(chain: Chain) -> None:
    stage = await set_stage(chain)
    # A withdrawn campaign has ended, and takes no change.
    for method, template in sorted(
        STORE_ROUTES, key=lambda route: (route[1].endswith("/withdrawal"), route[0] == "DELETE")
    ):
        body = good_body(stage, (method, template)) if (method, template) in WITH_BODY else None
        response = await stage.manager.session.call(method, stage.path(template), body)
        wanted = BEYOND_THE_STAGE.get((method, template), 204 if method == "DELETE" else 200)
        assert response.status_code == wanted, (method, template, response.text)


async def test_a_store_manager_leaves_campaigns_for_every_store_to_the_owner(chain: Chain) -> None:
    stage = await set_stage(chain)
    everywhere = await chain.add_campaign()
    path = f"/v1/campaigns/{everywhere}"
    assert (await stage.manager.session.get(path)).status_code == 200
    assert (await stage.manager.session.put(path, stage.change("/v1/campaigns/{campaign_id}"))).status_code == 403


async def snapshot(chain: Chain, stage: Stage) -> list[Json]:
    """What the owner sees of a store's belongings."""
    names = ("stores", "geofences", "campaigns", "tills", "staff")
    answers = [(await chain.owner.get(f"/v1/{name}")).json()["items"] for name in names]
    return [item for items in answers for item in items if item["id"] in stage.ids]


async def test_metrics_are_for_the_operator(database: str) -> None:
    async with open_world(database, client_address="127.0.0.1") as world:
        assert "noren_" in (await world.anyone.get("/metrics")).text
    async with open_world(database, client_address="192.0.2.7") as world:
        assert (await world.anyone.get("/metrics")).status_code == 403
    async with open_world(database, client_address="192.0.2.7", metrics_token="a-long-token") as world:
        assert (await world.anyone.get("/metrics")).status_code == 401
        assert (await world.caller("another-token").get("/metrics")).status_code == 401
        assert "noren_" in (await world.caller("a-long-token").get("/metrics")).text
