"""A query parameter that a route does not know is refused, on every route, in words that name those it knows."""

from urllib.parse import quote

import pytest

from server.description.document import PATH
from server.web.access import ROUTES
from server.web.query_parameters import check_parameters
from tests.support.bodies import Route, caller_of, read_operations
from tests.support.expectations import expect_problem
from tests.support.stage import Stage
from tests.support.world import Chain

# What other people's programs add to their requests is ignored, in the query as in the body.
LENIENT = {route for route in ROUTES if route[1].startswith(("/apple-wallet/", "/line/", "/messenger/"))} | {
    ("GET", "/metrics"),
    ("POST", "/v1/clients/owntracks"),
    ("POST", "/v1/clients/transistorsoft"),
}
# An answer to HEAD has no body to look at; it is what GET answers.
STRICT = [route for route in ROUTES if route not in LENIENT and route[0] != "HEAD"]
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
    check_parameters(b"&".join([b"a=1", b""]), {"a": str})


def test_the_description_has_every_parameter_that_is_known() -> None:
    lists = [route for route in STRICT if {"cursor", "limit"} <= set(DESCRIBED.get(route, ()))]
    assert len(lists) > 12, PATH


LAX = {
    "integer": ("1e1", " 5", "5 ", "5.0", "+5", "05", "1_0", "\uff10", "\uff15", "", "null", "true", "0x5", "-0"),
    "boolean": ("True", "TRUE", "1", "0", "on", "yes", "", "null", " true", "true "),
    "date": ("null", "", "20261121", "2026-11-21T00:00:00", "2026-1-1", "1767225600", " 2026-11-21", "2026-02-30"),
    "uuid": (
        "null",
        "",
        "{019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26}",
        "urn:uuid:019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26",
        "1",
    ),
}


def typed_parameters() -> list[tuple[Route, str, str]]:
    found = []
    for route, operation in read_operations().items():
        for each in operation.get("parameters", []) if route in STRICT else ():
            parts = [each["schema"], *each["schema"].get("oneOf", []), *each["schema"].get("anyOf", [])]
            kinds = {str(part.get("format") or part.get("type")) for part in parts}
            if each["in"] == "query" and (kind := next(iter(kinds & LAX.keys()), None)):
                found.append((route, each["name"], kind))
    return found


@pytest.mark.parametrize(("route", "name", "kind"), typed_parameters(), ids=str)
async def test_a_value_is_written_as_its_type_is(lasting_stage: Stage, route: Route, name: str, kind: str) -> None:
    """What a lenient reader takes for a number, a truth or a day, `null` for none of them too."""
    caller = await caller_of(lasting_stage, route)
    for value in LAX[kind]:
        response = await caller.call(route[0], f"{lasting_stage.path(route[1])}?{name}={quote(value)}")
        problem = expect_problem(response, 400, "invalid-request")
        assert f": {name} must " in problem["detail"], (value, problem)


def test_every_kind_is_walked() -> None:
    kinds = {kind for _, _, kind in typed_parameters()}
    assert kinds == LAX.keys()


async def test_a_number_out_of_range_is_told_in_words(chain: Chain) -> None:
    for value in (0, 10**9, -5, 10**17):
        problem = expect_problem(await chain.owner.get("/v1/stores", limit=value), 400, "invalid-request")
        assert "limit must be at " in problem["detail"]
        assert "`" not in problem["detail"]
