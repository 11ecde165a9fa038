"""A scan by the short way is answered as by the whole way: an `Origin` sends the same request down the other one."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
import structlog
from prometheus_client import REGISTRY

from devtools.plain_http import TRUSTS_NOBODY
from kit.clock import utc_now
from server.__main__ import DoorServer
from server.runtime.short_way import ShortCycle
from server.web import request_log
from tests.support.stage import Stage
from tests.support.waiting import until
from tests.support.world import Chain, Json, Member, Till, World

SCANS = "/v1/scans"
WHOLE_WAY = {"Origin": "https://kissa.example"}
JSON = "application/json"
COUNTED = ("noren_requests_total", "noren_request_duration_seconds_count")
# What differs between two members, two tills and two scans.
OWN = re.compile(rb'"(?:scan_id|member_id|purchase_id|card_number)":"[^"]+"')


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def door(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The world's application, on a real socket."""
    app = cast("Any", world.http)._transport.app
    listening = socket.create_server(("127.0.0.1", 0))
    server = DoorServer(app, app.state.services.settings)
    serving = asyncio.create_task(server.serve([listening]))
    await until(lambda: server.started or serving.done())
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, timeout=20, verify=TRUSTS_NOBODY, trust_env=False) as http:
        yield http
    server.should_exit = True
    await serving


@pytest.fixture
def went_short(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows by one with each request that goes the short way."""
    ran: list[object] = []
    run = ShortCycle.run

    async def note(cycle: ShortCycle, default_headers: Any) -> None:
        ran.append(cycle)
        await run(cycle, default_headers)

    monkeypatch.setattr(ShortCycle, "run", note)
    return ran


class Way:
    """One member and one till, and the way that their scans go."""

    def __init__(self, http: httpx.AsyncClient, till: Till, member: Member, *, is_whole: bool) -> None:
        self.till, self.member = till, member
        self._http, self._own = http, WHOLE_WAY if is_whole else {}

    async def ask(self, body: bytes | Json, headers: dict[str, str] | None = None) -> httpx.Response:
        content = body if isinstance(body, bytes) else httpx.Request("POST", "/", json=body).content
        told = {"Authorization": f"Bearer {self.till.at.token}", "X-Request-Id": "till-7"} | (headers or {}) | self._own
        sent = [(name.encode(), value.encode()) for name, value in told.items() if value != "-"]
        return await self._http.post(SCANS, content=content, headers=sent)


def told(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """All but the date, and what is each member's own."""
    masked = OWN.sub(b"", answer.content)
    left = {name: value for name, value in answer.headers.items() if name not in {"date", "content-length"}}
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.status_code, left, masked


@pytest_asyncio.fixture(loop_scope="session")
async def ways(door: httpx.AsyncClient, lasting_stage: Stage, chain: Chain) -> tuple[Way, Way]:
    store_id = await chain.add_store()
    made = [(await chain.add_till(store_id), await chain.enrol()) for _ in range(2)]
    (till, member), (other_till, other) = made
    return Way(door, till, member, is_whole=False), Way(door, other_till, other, is_whole=True)


def bodies(way: Way, code: str) -> list[bytes | Json]:
    """Good ones, such as are refused, and such as are none."""
    number = way.member.card_number
    forged = code[:-1] + str((int(code[-1]) + 1) % 10)
    bought = {"receipt": f"S-{number}", "amount": 1100}
    return [
        {"card": forged},
        {"card": code, "locale": "en", "purchase": bought},
        {"card": code},  # replayed
        {"card": number},
        {"card": number, "purchase": bought},  # its receipt was sent
        {"card": number, "purchase": bought | {"bill_amount": 1}},
        {"card": number, "purchase": {"receipt": "", "amount": -1}},
        {"card": "2" * 452},
        {"card": ""},
        {"card": "番号"},
        {"card": 7},
        {"card": number, "locale": "xx"},
        {"card": number, "cash": "<script>"},
        {"card": "7" * 49_000},
        {},
        *(b"", b"{", b"null", b"\xff\xfe", b'{"card":"\\ud800"}', b"[1e999]", b"[" * 10_000),
    ]


def headers(way: Way, stage: Stage, rival: Stage) -> list[dict[str, str]]:
    """`-`: without it. None of them goes well, but for the second to the fourth."""
    device, session = way.member.app.token, stage.chain.owner.token
    wrong = f"{way.till.at.token}"[:-6] + "AAAAAA"
    return [
        {"Content-Type": "text/plain"},
        {"Content-Type": "Application/JSON; charset=utf-8"},
        {"Idempotency-Key": f"a-{way.till.id}"},
        {"X-Request-Id": "till-8", "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
        {"Content-Type": ""},
        {"Idempotency-Key": ""},
        {"Idempotency-Key": "k" * 201},
        {"Idempotency-Key": "鍵"},
        {"Authorization": "-"},
        {"Authorization": "Basic bm90aGluZw=="},
        {"Authorization": f"Bearer {wrong}"},
        {"Authorization": f"Bearer {device}"},
        {"Authorization": f"Bearer {session}"},
        {"Authorization": f"Bearer {rival.till.at.token}"},  # a card of another program
    ]


async def test_both_ways_answer_the_same(
    ways: tuple[Way, Way], lasting_stage: Stage, rival_stage: Stage, went_short: list[object]
) -> None:
    short, whole = ways
    now, statuses = utc_now(), set()
    codes = [(await way.member.take_card()).make_code(now) for way in ways]
    asked = [bodies(way, code) for way, code in zip(ways, codes, strict=True)]
    with_headers = [headers(way, lasting_stage, rival_stage) for way in ways]
    number: list[Json] = [{"card": way.member.card_number} for way in ways]
    empty: dict[str, str] = {}
    pairs = [
        *(((a, empty), (b, empty)) for a, b in zip(*asked, strict=True)),
        *(((number[0], a), (number[1], b)) for a, b in zip(*with_headers, strict=True)),
    ]
    for compared, (by_short, by_whole) in enumerate(pairs, start=1):
        answers = [await way.ask(*each) for way, each in ((short, by_short), (whole, by_whole))]
        assert told(answers[0]) == told(answers[1]), by_short
        statuses.add(answers[0].status_code)
        assert len(went_short) == compared
    assert statuses == {201, 400, 401, 403, 409, 415, 422}


async def test_an_idempotency_key_is_the_same_on_either_way(ways: tuple[Way, Way], went_short: list[object]) -> None:
    short, _ = ways
    asked: Json = {"card": short.member.card_number}
    key = {"Idempotency-Key": "one"}
    first = await short.ask(asked, key)
    assert first.status_code == 201
    for again in (key, key | WHOLE_WAY):
        assert (await short.ask(asked, again)).content == first.content
        reused = await short.ask(asked | {"locale": "en"}, again)
        assert (reused.status_code, reused.json()["type"]) == (422, "urn:noren:problem:idempotency-key-reused")
    assert len(went_short) == 3


async def test_a_till_that_is_removed_is_refused_on_either_way(
    ways: tuple[Way, Way], chain: Chain, went_short: list[object]
) -> None:
    removed = [await chain.owner.delete(f"/v1/tills/{way.till.id}") for way in ways]
    assert [each.status_code for each in removed] == [204, 204]
    answers = [await way.ask({"card": way.member.card_number}) for way in ways]
    assert answers[0].status_code == 401
    assert told(answers[0]) == told(answers[1])
    assert len(went_short) == 1


async def test_both_ways_are_logged_and_counted(ways: tuple[Way, Way], monkeypatch: pytest.MonkeyPatch) -> None:
    captured = structlog.testing.LogCapture()
    processors: list[structlog.typing.Processor] = [structlog.contextvars.merge_contextvars, captured]
    logger = structlog.wrap_logger(None, processors=processors, wrapper_class=structlog.BoundLogger)
    monkeypatch.setattr(request_log, "log", logger)
    labels = {"method": "POST", "path": SCANS, "status_code": "201", "app_name": "noren"}
    counted = []
    for way in ways:
        before = [REGISTRY.get_sample_value(name, labels) or 0 for name in COUNTED]
        assert (await way.ask({"card": way.member.card_number})).status_code == 201
        counted.append([(REGISTRY.get_sample_value(n, labels) or 0) - b for n, b in zip(COUNTED, before, strict=True)])
        assert (await way.ask(b"{", {"Authorization": "-"})).status_code == 401
    assert counted == [[1, 1], [1, 1]]
    lines = [{name: value for name, value in each.items() if name != "duration_ms"} for each in captured.entries]
    assert lines[:2] == lines[2:]
    assert [(each["caller"], each["request_id"], each["route"]) for each in lines[:2]] == [
        ("till", "till-7", SCANS),
        (None, "till-7", SCANS),
    ]
