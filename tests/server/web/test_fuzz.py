"""Requests made from the API's own description, right ones and wrong ones: never a 500, always what is described."""

import json
from typing import Any

import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.description.document import PATH
from server.web.access import ROUTES
from tests.support.bodies import caller_of
from tests.support.expectations import expect_problem
from tests.support.stage import Stage
from tests.support.standing import StandingStage
from tests.support.world import World

SCHEMA = schemathesis.openapi.from_dict(json.loads(PATH.read_text(encoding="utf-8")))
CHECKS: list[Any] = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
# /metrics is Prometheus's own format; a log-in costs a tenth of a second and has tests of its own, as has an invitation
# of staff, which is 501 where there is no console.
_APART = {("GET", "/metrics"), ("POST", "/v1/sessions"), ("POST", "/v1/staff")}
FUZZED = [route for route in ROUTES if route not in _APART]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_stage(world: World) -> StandingStage:
    return StandingStage(world)


@pytest_asyncio.fixture(loop_scope="session")
async def stage(lasting_stage: Stage, standing_stage: StandingStage, request: pytest.FixtureRequest) -> Stage:
    """One for all examples of a route that writes: whoever signed out stays out."""
    method, _ = request.node.callspec.params["route"]
    return lasting_stage if method == "GET" else await standing_stage.take()


@pytest.mark.parametrize("route", FUZZED, ids=[" ".join(route) for route in FUZZED])
@settings(
    max_examples=3,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(generated=st.data())
async def test_what_the_description_allows_and_what_it_does_not(
    stage: Stage, route: tuple[str, str], generated: st.DataObject
) -> None:
    method, path = route
    mode = generated.draw(st.sampled_from(GenerationMode))
    case = generated.draw(SCHEMA[path][method].as_strategy(generation_mode=mode))
    headers = {name: value for name, value in (case.headers or {}).items() if name.lower() == "idempotency-key"}
    body = b"" if isinstance(case.body, NotSet) else case.body
    content = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass")
    own_path = generated.draw(st.booleans())
    response = await (await caller_of(stage, route)).call(
        method,
        stage.path(path) if own_path else case.formatted_path,
        content=content,
        params=case.query,
        headers={"Content-Type": "application/json"} | headers,
    )
    if response.status_code >= 400:
        expect_problem(response)
    case.validate_response(response, checks=CHECKS)
