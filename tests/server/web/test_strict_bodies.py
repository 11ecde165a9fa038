"""A body is read as the document says: a number is no text, a time is no number, and "null" is not null."""

import re
from collections.abc import Iterator
from typing import Any

from tests.server.web.test_bad_input import ROUTES, route_by_route, send
from tests.support import bodies
from tests.support.bodies import Route, caller_of, good_body, read_document, read_operations
from tests.support.expectations import expect_problem
from tests.support.spoiling import leaves, spoilt
from tests.support.stage import Stage, set_stage
from tests.support.world import Chain

_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_TYPE_NAMES = re.compile(r"`|\b(int|str|float|bool|array|regex)\b|\^|\\")


def lax_bodies(good: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """By the name of the field: the body with a value that a lenient reader would take for the good one."""
    for leaf in leaves(good):
        field = next(step for step in reversed(leaf.at) if isinstance(step, str))
        lax: list[object] = []
        if isinstance(leaf.value, bool):
            lax = [str(leaf.value).lower(), str(leaf.value), int(leaf.value), str(int(leaf.value))]
        elif isinstance(leaf.value, int | float):
            lax = [str(leaf.value), f" {leaf.value}", "3e2", "null", True]
        elif isinstance(leaf.value, str) and _TIME.match(leaf.value):
            lax = [1767225600, 1767225600.5, "1767225600", "null"]
        for value in lax:
            yield field, spoilt(good, leaf.at, value)


@route_by_route
async def test_what_only_looks_like_the_right_kind_is_refused(lasting_stage: Stage, route: Route) -> None:
    stage = lasting_stage
    caller, good = await caller_of(stage, route), good_body(stage, route)
    before = await stage.chain.world.fingerprint()
    for field, body in lax_bodies(good):
        is_own = field in body.get("attributes", {})  # what its value must be is the program's to say
        problem = expect_problem(await send(stage, caller, route, body), 422 if is_own else 400)
        if problem["type"].endswith(("invalid-request", "attribute-unusable")):
            assert field in problem["detail"], (field, problem)
        assert not _TYPE_NAMES.search(problem["detail"]), problem
    assert await stage.chain.world.fingerprint() == before


@route_by_route
async def test_a_text_null_is_not_null(lasting_stage: Stage, route: Route) -> None:
    """For every field that may be null and is no text: left out or null it means everything or nothing."""
    stage = lasting_stage
    caller, good = await caller_of(stage, route), good_body(stage, route)
    for name in _nullable_fields(route) - {field for field, value in good.items() if isinstance(value, str)}:
        problem = expect_problem(await send(stage, caller, route, good | {name: "null"}), 400)
        assert name in problem["detail"], problem


def _nullable_fields(route: Route) -> set[str]:
    """Of the first level, those that may be null and are no text."""
    schema = read_operations()[route]["requestBody"]["content"]["application/json"]["schema"]
    properties = read_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    return {
        name
        for name, each in properties.items()
        if (kinds := [part.get("type") for part in each.get("oneOf", each.get("anyOf", []))])
        and "null" in kinds
        and "string" not in kinds
    }


async def test_a_text_null_as_an_amount_refunds_nothing(chain: Chain) -> None:
    stage = await set_stage(chain)
    bought = await stage.till.at.post("/v1/purchases", good_body(stage, ("POST", "/v1/purchases")))
    assert bought.status_code == 201, bought.text
    before = await chain.world.fingerprint()
    refund = {"receipt": bodies.BASKET["receipt"], "refund_receipt": "R-9"}
    for amount in ("null", "300", "3e2", "", 1.5, True, 3e2):
        problem = expect_problem(await stage.till.at.post("/v1/refunds", refund | {"amount": amount}), 400)
        assert "amount must be an integer or null" in problem["detail"]
    assert await chain.world.fingerprint() == before
    assert (await stage.till.at.post("/v1/refunds", refund | {"amount": 300})).status_code == 201


def test_every_route_is_walked() -> None:
    assert len(ROUTES) > 40
