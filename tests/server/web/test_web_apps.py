"""What a browser, a probe and a compressing client meet before any route does its work."""

import gzip
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from server.web.access import ROUTES
from tests.support.expectations import expect_problem
from tests.support.samples import DOOR, fix
from tests.support.world import Chain, World, open_world

ORIGIN = "https://staff.kissa.example"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
}


def open_to_apps(database: str) -> AbstractAsyncContextManager[World]:
    return open_world(database, web_origins=f"{ORIGIN}, http://localhost:5173")


async def test_a_page_of_an_origin_that_is_set_may_call(database: str) -> None:
    async with open_to_apps(database) as opened:
        await call_from_a_page(opened.http)


async def call_from_a_page(http: httpx.AsyncClient) -> None:
    for path in ("/v1/stores", "/v1/locations", "/v1/members/019aa8f0-5d3a-7cc2-9f57-0d3b54f5a3c1"):
        allowed = await http.options(path, headers=PREFLIGHT)
        assert allowed.status_code == 204
        assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "idempotency-key" in allowed.headers["Access-Control-Allow-Headers"]
        assert "PUT" in allowed.headers["Access-Control-Allow-Methods"]
    for path in ("/v1/stores", "/v1/locations", "/nowhere"):
        refused = await http.post(path, headers={"Origin": ORIGIN}, json={})
        assert refused.status_code in (401, 404)
        assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN, "a page reads what went wrong, too"
        assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in refused.headers


@pytest.mark.parametrize("origin", ["https://evil.example", f"{ORIGIN}.evil.example", "null", "https://kissa.example"])
async def test_a_page_of_any_other_origin_may_not(database: str, origin: str) -> None:
    async with open_to_apps(database) as opened:
        preflight = await opened.http.options("/v1/stores", headers=PREFLIGHT | {"Origin": origin})
        answer = await opened.http.get("/health/live", headers={"Origin": origin})
    assert preflight.status_code == 400
    for each in (preflight, answer):
        assert "Access-Control-Allow-Origin" not in each.headers


async def test_without_the_setting_no_page_may(world: World) -> None:
    answer = await world.http.get("/health/live", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert (await world.http.options("/v1/stores", headers=PREFLIGHT)).status_code == 405


async def test_a_405_names_the_methods_that_the_path_takes(world: World) -> None:
    some_id = "019aa8f0-5d3a-7cc2-9f57-0d3b54f5a3c1"
    for template in {path for _, path in ROUTES}:
        path = template.replace("{", "").replace("}", "") if "{" not in template else _fill(template, some_id)
        taken = {method for method, each in ROUTES if each == template}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - taken:
            answer = await world.http.request(method, path)
            expect_problem(answer, 405, "method-not-allowed")
            assert set(answer.headers["Allow"].split(", ")) == taken, (method, path)


def _fill(template: str, some_id: str) -> str:
    parts = [some_id if part.startswith("{") else part for part in template.split("/")]
    return "/".join(parts)


async def test_probes_may_ask_with_head(world: World) -> None:
    for path in ("/health/live", "/health/ready"):
        answer = await world.http.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


async def test_a_compressed_body_is_refused_in_its_own_words(chain: Chain) -> None:
    member = await chain.enrol()
    bomb = gzip.compress(b"0" * 50_000_000)
    asked = [
        (chain.owner, "/v1/stores"),
        (chain.world.anyone, "/v1/sessions"),
        (chain.world.anyone, "/v1/members"),
        (member.app, "/v1/locations"),
        (member.app, "/v1/clients/owntracks"),
        (member.app, "/v1/clients/transistorsoft"),
    ]
    for caller, path in asked:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        answer = await caller.post(path, content=bomb[:50_000], headers=headers)
        problem = expect_problem(answer, 415, "encoding-unsupported")
        assert "Content-Encoding" in problem["detail"]
        assert answer.headers["Accept-Encoding"] == "identity"
    plain = {"Content-Encoding": "identity", "Content-Type": "application/json"}
    body = httpx.Request("POST", "http://x", json={"fixes": [fix(DOOR, ago_s=5)]}).content
    assert (await member.app.post("/v1/locations", content=body, headers=plain)).status_code == 200
