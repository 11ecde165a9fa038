"""A query parameter that a route does not know is refused, on every route, in words that name those it knows."""

import pytest

from server.description.document import PATH
from server.web.access import ROUTES
from server.web.query_parameters import check_parameters
from tests.support.bodies import Route, caller_of, read_operations
from tests.support.expectations import expect_problem
from tests.support.world import Chain, Stage

# What other people's programs add to their requests is ignored, in the query as in the body.
LENIENT = {route for route in ROUTES if route[1].startswith("/apple-wallet/")} | {
    ("GET", "/metrics"),
    ("POST", "/v1/clients/owntracks"),
    ("POST", "/v1/clients/transistorsoft"),
}
STRICT = [route for route in ROUTES if route not in LENIENT]
DESCRIBED = {
    route: sorted(each["name"] for each in operation.get("parameters", []) if each["in"] == "query")
    for route, operation in read_operations().items()
}


@pytest.mark.parametrize("route", STRICT, ids=[" ".join(route) for route in STRICT])
async def test_a_parameter_that_the_route_does_not_know(lasting_stage: Stage, route: Route) -> None:
    caller = await caller_of(lasting_stage, route)
    before = await lasting_stage.chain.world.fingerprint()
    for query in ("surprise=1", "limit=5&surprise=", "%00=1", "Limit=5", "%ED%A0%80=1", "x" * 5000):
        response = await caller.call(route[0], f"{lasting_stage.path(route[1])}?{query}")
        problem = expect_problem(response, 400, "invalid-request")
        assert problem["detail"].startswith("Remove the query parameter '"), query
        assert len(problem["detail"]) < 500
        for known in DESCRIBED[route]:
            assert known in problem["detail"], query
    assert await lasting_stage.chain.world.fingerprint() == before


@pytest.mark.parametrize("route", sorted(LENIENT), ids=[" ".join(route) for route in sorted(LENIENT)])
async def test_what_other_peoples_programs_add_is_ignored(lasting_stage: Stage, route: Route) -> None:
    caller = await caller_of(lasting_stage, route)
    path = lasting_stage.path(route[1])
    plain, more = await caller.call(route[0], path), await caller.call(route[0], f"{path}?surprise=1")
    assert plain.status_code == more.status_code


async def test_the_filters_that_were_ignored(chain: Chain) -> None:
    """Each of them gave the whole list."""
    for path, instead in (
        ("/v1/members?phone=%2B819012345678", "POST /v1/members/search"),
        ("/v1/members?email=hana@example.com", "POST /v1/members/search"),
        ("/v1/stores?lat=35.68&lon=139.76", "POST /v1/stores/nearest"),
        ("/v1/stores?near=35.68,139.76", "POST /v1/stores/nearest"),
    ):
        problem = expect_problem(await chain.owner.call("GET", path), 400, "invalid-request")
        assert instead in problem["detail"]
        assert "cursor" in problem["detail"]


async def test_a_parameter_that_comes_twice(chain: Chain) -> None:
    response = await chain.owner.call("GET", "/v1/stores?limit=1&limit=2")
    assert "'limit' once" in expect_problem(response, 400, "invalid-request")["detail"]
    check_parameters(b"&".join([b"a=1", b""]), ["a"])


def test_the_description_has_every_parameter_that_is_known() -> None:
    lists = [route for route in STRICT if {"cursor", "limit"} <= set(DESCRIBED.get(route, ()))]
    assert len(lists) > 12, PATH
