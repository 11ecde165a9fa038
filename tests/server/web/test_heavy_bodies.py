"""No body of the allowed size holds the loop: every route with the heaviest bodies that can be made of its good one."""

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from itertools import chain as chained
from typing import Any

import pytest
import pytest_asyncio
from litestar.routes import HTTPRoute
from PIL import Image

from kit.clock import utc_now
from server.app import create_app
from server.locations import native_routes, owntracks_routes, transistorsoft_routes
from server.settings import Settings
from tests.support import bodies
from tests.support.apple import PUSH_TOKEN
from tests.support.bodies import FILES, PICTURES, TABLES, UPLOADS, WALLETS, Route, caller_of, good_body
from tests.support.loop_time import LONGEST_STEP_S, is_held, watch_loop
from tests.support.pictures import declare_png, write_file
from tests.support.spoiling import Leaf, Path, leaves, spoilt
from tests.support.stage import Stage, set_stage
from tests.support.world import DOOR, Chain, Json, World, campaign_body, fix

ROUTES = bodies.routes_with_body()
UPLOAD_LIMITS = {
    ("POST", "/v1/locations"): native_routes.MAX_BODY_BYTES,
    ("POST", "/v1/clients/owntracks"): owntracks_routes.MAX_BODY_BYTES,
    ("POST", "/v1/clients/transistorsoft"): transistorsoft_routes.MAX_BODY_BYTES,
}
# A chain's file may have more bytes. It is read in a process of its own, and its places are all alike to the loop.
# An upload of some megabytes is salvaged in seconds of a thread's time, and a quarter of it says as much.
LONGEST_BODY = 1_000_000
FULL_UPLOAD = transistorsoft_routes.MAX_BODY_BYTES
# What a good body has beside the place that is blown up.
SPARE = 1000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(world: World) -> Stage:
    """One for all routes. Most of these bodies are refused, and what is taken is no other test's."""
    return await set_stage(await world.add_chain())


@cache
def limits() -> dict[Route, int]:
    """In bytes, of the routes whose bodies Litestar reads."""
    app = create_app(Settings(database_url="", secret_key=b""))
    return {
        (method, route.path_format): handler.resolve_request_max_body_size() or 0
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
    }


def heavy_bodies(good: Json, places: Sequence[Leaf], size: int) -> Iterator[tuple[str, bytes]]:
    """The good body with one of these places, or a list, blown up to about as many bytes."""
    yield "brackets", b'{"":[' + b"[]," * (size // 3) + b"[]]}"
    yield "numbers", b"[" + b"1," * (size // 2) + b"1]"
    yield "depth", b"[" * size
    yield "keys", b"{" + b",".join(b'"%d":0' % n for n in range(size // 12)) + b"}"
    kinds = set()
    for leaf in places:
        kind = type(leaf.value)
        # Each text is read in its own way, the same wherever it stands in a list; of the others each kind is.
        if kind is str or kind not in kinds:
            yield f"wide text at {leaf.at}", blown_up(good, leaf.at, '"' + "\U0001f600" * (size // 4) + '"', size)
        if kind not in kinds:
            yield f"lists at {leaf.at}", blown_up(good, leaf.at, "[" + "[]," * (size // 3) + "[]]", size)
        kinds.add(kind)
    yield from longer_lists(good, (), size)


def blown_up(good: Json, at: Path, filling: str, size: int) -> bytes:
    head, tail = json.dumps(spoilt(good, at, "@@")).split('"@@"', 1)
    return (head + filling + tail).encode()[: size + SPARE]


def longer_lists(good: Any, at: Path, size: int) -> Iterator[tuple[str, bytes]]:
    here = good
    for step in at:
        here = here[step]
    if isinstance(here, dict):
        for key in here:
            yield from longer_lists(good, (*at, key), size)
    elif isinstance(here, list) and here:
        each = len(json.dumps(here[0])) + 2
        for count in sorted({20, 200, 10_000, size // each}):
            if count * each <= size and at:
                longer = json.dumps(spoilt(good, at, [here[0]] * count)).encode()
                yield f"{count} items at {'/'.join(map(str, at))}", longer
        yield from longer_lists(good, (*at, 0), size)


def upload_bodies(path: str) -> Iterator[tuple[str, bytes]]:
    """What clients send in full, each fix of its own moment, and the same with something that cannot be decoded."""
    begun_at = utc_now() - timedelta(days=1)
    times = [(begun_at + timedelta(seconds=n)).isoformat() for n in range(20_000)]
    if path == "/v1/locations":
        yield "1000 fixes", json.dumps({"fixes": [DOOR | {"recorded_at": at} for at in times[:1000]]}).encode()
        return
    if path == "/v1/clients/owntracks":
        return
    coords = {"latitude": DOOR["lat"], "longitude": DOOR["lon"], "accuracy": 5}
    more = {"activity": {"type": "walking"}, "odometer": 1.5, "uuid": "x" * 200}
    short, usual = (
        json.dumps({"location": [{"coords": coords, "timestamp": at} | each for at in times[:count]]})
        for count, each in ((20_000, {}), (10_000, more))
    )
    yield "short records", short.encode()
    yield "usual records", usual.encode()
    yield "usual records, cut off", usual[:-SPARE].encode()
    yield "usual records and a NaN", (usual[:-2] + ", NaN]}").encode()
    yield "lists of lists", ('{"location":[' + "[[[[]]]]," * (FULL_UPLOAD // 9 - 100) + "1]}").encode()
    yield "objects alone", ("[" + "{}," * (LONGEST_BODY // 3) + "1]").encode()


@pytest.mark.parametrize("route", ROUTES, ids=[" ".join(route) for route in ROUTES])
async def test_no_body_holds_the_loop(stage: Stage, route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    caller, good = await caller_of(stage, route), _good_body(stage, route)
    path, size = stage.path(route[1]), UPLOAD_LIMITS.get(route) or limits()[route]
    content_type = "image/png" if route in PICTURES else "text/csv" if route in TABLES else "application/json"
    slow = {}
    with watch_loop(monkeypatch) as longest:
        uploads = upload_bodies(route[1]) if route in UPLOADS else picture_bodies() if route in PICTURES else ()
        places = [] if route in FILES else list(leaves(good))
        for what, body in chained(heavy_bodies(good, places, min(size, LONGEST_BODY) - SPARE), uploads):
            await asyncio.sleep(0)  # what the test itself does belongs to another step
            longest.clear()
            answer = await caller.call(route[0], path, content=body, headers={"Content-Type": content_type})
            # Of a reservation the body says which, and nobody has made this one.
            assert answer.status_code not in {401, 403, 404} or "/reservations/" in path, f"{what}: nobody has read it"
            if is_held(longest, LONGEST_STEP_S):
                slow[f"{what}, {len(body)} bytes"] = round(longest.cpu_s * 1000)
    assert not slow, f"milliseconds: {slow}"


def picture_bodies() -> Iterator[tuple[str, bytes]]:
    noise = Image.frombytes("RGBA", (1100, 1100), random.Random(1).randbytes(1100 * 1100 * 4))
    yield "noise", write_file(noise, "PNG", compress_level=0)
    yield "the most pixels", declare_png(5000, 5000, bytes(5000 * 20_001))


def _good_body(stage: Stage, route: Route) -> Any:
    if route == ("POST", "/v1/clients/owntracks"):
        return {"_type": "location", "lat": 35.68, "lon": 139.76, "tst": 1_767_225_600, "acc": 5}
    if route == ("POST", "/v1/clients/transistorsoft"):
        coords = {"latitude": 35.68, "longitude": 139.76, "accuracy": 5}
        return {"location": [{"coords": coords, "timestamp": fix(DOOR, ago_s=30)["recorded_at"]}]}
    if route in WALLETS:
        return {"logs": ["x"]} if route[1].endswith("/log") else {"pushToken": PUSH_TOKEN}
    return good_body(stage, route)


async def test_a_campaign_for_ten_thousand_stores(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as a campaign may name."""
    made = await chain.world.pool.fetch(
        """
        INSERT INTO stores (id, program_id, code, name, time_zone, day_start_hour, version, created_at)
        SELECT gen_random_uuid(), $1, 'heavy-' || n, 'Store', 'Asia/Tokyo', 4, 1, now()
        FROM generate_series(1, 10000) AS n
        RETURNING id
        """,
        chain.id,
    )
    body = campaign_body(store_ids=[str(row["id"]) for row in made])
    with watch_loop(monkeypatch) as longest:
        await asyncio.sleep(0)
        longest.clear()
        assert (await chain.owner.post("/v1/campaigns", body)).status_code == 201
    assert not is_held(longest, LONGEST_STEP_S), f"{longest.cpu_s * 1000:.0f} ms"
