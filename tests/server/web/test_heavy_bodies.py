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
from litestar.routes import HTTPRoute
from PIL import Image

from kit.clock import utc_now
from server.app import create_app
from server.locations import native_routes, owntracks_routes, transistorsoft_routes
from server.settings import Settings
from tests.support import bodies
from tests.support.apple import PUSH_TOKEN
from tests.support.bodies import FILES, PICTURES, UPLOADS, WALLETS, Leaf, Route, caller_of, good_body, leaves, spoilt
from tests.support.loop_time import measure_slowness, watch_loop
from tests.support.pictures import declare_png, write_file
from tests.support.world import DOOR, Chain, Json, Stage, campaign_body, fix, set_stage

LONGEST_STEP_S = 0.02
ROUTES = bodies.routes_with_body()
UPLOAD_LIMITS = {
    ("POST", "/v1/locations"): native_routes.MAX_BODY_BYTES,
    ("POST", "/v1/clients/owntracks"): owntracks_routes.MAX_BODY_BYTES,
    ("POST", "/v1/clients/transistorsoft"): transistorsoft_routes.MAX_BODY_BYTES,
}
# A chain's file may have more bytes. It is read in a process of its own, and its places are all alike to the loop.
FULL_UPLOAD = 4_000_000
# What a good body has beside the place that is blown up.
SPARE = 1000


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
    for leaf in places:
        yield from blown_up(good, leaf.at, size)
    yield from longer_lists(good, (), size)


def blown_up(good: Json, at: bodies.Path, size: int) -> Iterator[tuple[str, bytes]]:
    mark = json.dumps(spoilt(good, at, "@@"))
    head, tail = mark.split('"@@"', 1)
    for what, filling in (
        ("wide text", '"' + "\U0001f600" * (size // 4) + '"'),
        ("lists", "[" + "[]," * (size // 3) + "[]]"),
    ):
        yield f"{what} at {'/'.join(map(str, at))}", (head + filling + tail).encode()[: size + SPARE]


def longer_lists(good: Any, at: bodies.Path, size: int) -> Iterator[tuple[str, bytes]]:
    here = good
    for step in at:
        here = here[step]
    if isinstance(here, dict):
        for key in here:
            yield from longer_lists(good, (*at, key), size)
    elif isinstance(here, list) and here:
        each = len(json.dumps(here[0])) + 2
        for count in sorted({20, 200, 500, 10_000, size // each}):
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
    coords = {"latitude": DOOR["lat"], "longitude": DOOR["lon"], "accuracy": 5}
    for name, more in (("short", {}), ("usual", {"activity": {"type": "walking"}, "odometer": 1.5, "uuid": "x" * 200})):
        body = json.dumps({"location": [{"coords": coords, "timestamp": at} | more for at in times]})
        yield f"{name} records", (body[: FULL_UPLOAD - 3000].rpartition(", {")[0] + "]}").encode()
        yield f"{name} records, cut off", body[: FULL_UPLOAD - SPARE].encode()
        yield f"{name} records and a NaN", (body[: FULL_UPLOAD - 3000].rpartition(", {")[0] + ", NaN]}").encode()
    for what, part in (("lists", "[],"), ("lists of lists", "[[[[]]]],"), ("texts", '"",'), ("objects", "{},")):
        yield f"root of {what}", ('{"location":[' + part * (FULL_UPLOAD // len(part) - 100) + "1]}").encode()
        yield f"{what} alone", ("[" + part * (FULL_UPLOAD // len(part) - 100) + "1]").encode()


@pytest.mark.parametrize("route", ROUTES, ids=[" ".join(route) for route in ROUTES])
async def test_no_body_holds_the_loop(chain: Chain, route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await set_stage(chain)
    caller, good = await caller_of(stage, route), _good_body(stage, route)
    path, size = stage.path(route[1]), UPLOAD_LIMITS.get(route) or limits()[route]
    content_type = "image/png" if route in PICTURES else "application/json"
    slow = {}
    with watch_loop(monkeypatch) as longest:
        uploads = upload_bodies(route[1]) if route in UPLOADS else picture_bodies() if route in PICTURES else ()
        places = [] if route in FILES else list(leaves(good))
        for what, body in chained(heavy_bodies(good, places, min(size, FULL_UPLOAD) - SPARE), uploads):
            for _ in range(3):
                await asyncio.sleep(0)  # what the test itself does belongs to another step
                longest.clear()
                await caller.call(route[0], path, content=body, headers={"Content-Type": content_type})
                if longest.cpu_s <= LONGEST_STEP_S * max(1, measure_slowness()):
                    break
            else:
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
    await set_stage(chain)
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
        for _ in range(3):
            await asyncio.sleep(0)
            longest.clear()
            assert (await chain.owner.post("/v1/campaigns", body)).status_code == 201
            if longest.cpu_s <= LONGEST_STEP_S * max(1, measure_slowness()):
                return
    pytest.fail(f"{longest.cpu_s * 1000:.0f} ms")
