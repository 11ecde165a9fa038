"""An export that comes back changes nothing, whatever the chain is and in however many files it comes."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geo.chain_rows import COLUMNS
from server.backoffice import export_chain
from server.backoffice.export_chain import Place, read_place
from tests.server.backoffice.test_chains import EXPORT, counts, read_parts, send_file
from tests.support.expectations import expect_problem
from tests.support.world import Chain, World, geofence_body, store_body

MEDIA_TYPES = {"csv": "text/csv", "geojson": "application/geo+json"}
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30).filter(
    lambda name: bool(name.strip())
)
CLOCK = st.times().map(lambda time: time.replace(microsecond=0).isoformat())
HOURS = st.dictionaries(
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    st.lists(st.tuples(CLOCK, CLOCK), max_size=3),
    max_size=7,
)
DEGREES = st.floats(-80, 80)
# Next to the equator, as near as a number can be: PostgreSQL's radians() refuses it.
NEXT_TO_ZERO = 5e-324


def ring(lon: float, lat: float, size: float, corners: int) -> list[list[float]]:
    turns = [2 * math.pi * corner / corners for corner in range(corners)]
    around = [[lon + size * math.cos(turn), lat + size * math.sin(turn)] for turn in turns]
    return [*around, around[0]]


@st.composite
def areas(draw: st.DrawFn) -> dict[str, Any]:
    """One to three polygons beside each other, some with a hole; wound in either direction."""
    lon, lat, size = draw(DEGREES), draw(DEGREES), draw(st.floats(0.001, 0.01))
    polygons = []
    for place in range(draw(st.integers(1, 3))):
        centre = lon + 3 * size * place
        outer = ring(centre, lat, size, draw(st.integers(3, 12)))
        hole = [ring(centre, lat, size / 10, 4)] if draw(st.booleans()) else []
        polygons.append([outer[:: draw(st.sampled_from([1, -1]))], *hole])
    if len(polygons) == 1 and draw(st.booleans()):
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


@st.composite
def geofences(draw: st.DrawFn) -> dict[str, Any]:
    shape: dict[str, Any] = {"circle": None, "area": draw(areas())}
    if draw(st.booleans()):
        circle = {"lat": draw(DEGREES), "lon": draw(DEGREES), "radius_m": draw(st.floats(10, 50_000))}
        shape = {"circle": circle, "area": None}
    return shape | {
        "name": draw(NAMES | st.just("door")),
        "exit_margin_m": draw(st.floats(0, 1000)),
        "dwell_s": draw(st.floats(10, 900)),
        "exit_confirm_fixes": draw(st.integers(1, 10)),
        "report_crossings": draw(st.booleans()),
    }


@st.composite
def stores(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "name": draw(NAMES),
        "time_zone": draw(st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "UTC"])),
        "location": draw(st.none() | st.builds(lambda lat, lon: {"lat": lat, "lon": lon}, DEGREES, DEGREES)),
        "opening_hours": draw(st.none() | HOURS),
        "day_start_hour": draw(st.integers(0, 23)),
        "address": draw(st.none() | NAMES),
        "phone": draw(st.none() | st.sampled_from(["03-1234-5678", "+81 3 1234 5678"])),
    }


async def rows_of(world: World, chain: Chain) -> list[list[Any]]:
    tables = ("stores", "geofences")
    return [await world.pool.fetch(f"SELECT * FROM {t} WHERE program_id = $1 ORDER BY id", chain.id) for t in tables]


@given(drawn=st.lists(st.tuples(stores(), st.lists(geofences(), max_size=3)), max_size=3), limit=st.integers(1, 5))
@example(
    drawn=[
        (
            {"location": {"lat": NEXT_TO_ZERO, "lon": NEXT_TO_ZERO}},
            [{"circle": {"lat": NEXT_TO_ZERO, "lon": NEXT_TO_ZERO, "radius_m": 10.0}, "area": None}],
        )
    ],
    limit=1,
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_an_export_comes_back_and_changes_nothing(
    world: World, drawn: list[tuple[dict[str, Any], list[dict[str, Any]]]], limit: int
) -> None:
    chain = await world.add_chain()
    for store, fences in drawn:
        store_id = await chain.add_store(**store)
        for fence in fences:
            made = await chain.owner.post("/v1/geofences", geofence_body(store_id) | fence)
            assert made.status_code == 201, made.text
    before = await rows_of(world, chain)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_chain, "MAX_ROWS", limit)
        for kind, media_type in MEDIA_TYPES.items():
            parts = await read_parts(chain, kind)
            assert len(parts) == max(1, -(-sum(max(1, len(fences)) for _, fences in drawn) // limit))
            for part in parts:
                stores_created, stores_changed, drawn_new, redrawn, _ = counts(
                    await send_file(chain.owner, part, media_type)
                )
                assert (stores_created, stores_changed, drawn_new, redrawn) == (0, 0, 0, 0)
            assert await rows_of(world, chain) == before
            assert await read_parts(chain, kind) == parts


@pytest.mark.parametrize("kind", MEDIA_TYPES)
async def test_a_file_has_no_more_bytes_than_an_import_takes(
    chain: Chain, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await chain.add_store(code="big-1")
    for number in range(12):
        area = {"type": "Polygon", "coordinates": [ring(139 + number, 35, 0.01, 50)]}
        await chain.add_geofence(store, name=f"area {number}", circle=None, area=area)
    (whole,) = await read_parts(chain, kind)
    monkeypatch.setattr(export_chain, "MAX_FILE_BYTES", len(whole) // 3)
    parts = await read_parts(chain, kind)
    assert len(parts) in (4, 5)
    assert all(len(part) <= len(whole) // 3 for part in parts)
    unchanged = [counts(await send_file(chain.owner, part, MEDIA_TYPES[kind]))[-1] for part in parts]
    assert sum(unchanged) == 12 + len(parts), "the store is in each of them"


async def test_the_next_file_begins_where_the_last_one_ended_whatever_happened_since(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_chain, "MAX_ROWS", 1)
    first, second = await chain.add_store(code="a-1"), await chain.add_store(code="b-1")
    link = (await chain.owner.get(EXPORT)).headers["link"]
    assert f"{EXPORT}?format=geojson&cursor=" in link
    await chain.add_geofence(first, name="drawn since")
    await chain.owner.delete(f"/v1/stores/{second}")
    answer = await chain.owner.call("GET", link.partition(">")[0].removeprefix("<"))
    (row,) = answer.json()["features"]
    assert (row["properties"]["geofence_name"], "link" in answer.headers) == ("drawn since", False)


async def test_a_cursor_that_no_file_gave(chain: Chain) -> None:
    for cursor in ("", "x", "%00", "YSBi", "4pi6"):
        answer = await chain.owner.get(EXPORT, cursor=cursor)
        assert answer.status_code == 200 or expect_problem(answer, 400, "invalid-cursor"), cursor
    assert read_place(None) is None
    assert read_place("YS0xIA") == Place("a-1", None)


@pytest.mark.parametrize("name", [" ", "\u3000", "\t\n", "\u00a0", "さくら\u202e"])
async def test_a_name_that_nobody_sees_as_it_is_is_refused_everywhere(chain: Chain, name: str) -> None:
    store = await chain.add_store(code="tokyo-1")
    words = "name does not have the form that it needs: something else than spaces"
    for path, body in (("/v1/stores", store_body(name=name)), ("/v1/geofences", geofence_body(store, name=name))):
        assert words in expect_problem(await chain.owner.post(path, body), 400, "invalid-request")["detail"]
    properties = {"store_code": "tokyo-1", "store_name": name}
    feature = {"type": "Feature", "geometry": None, "properties": properties}
    document = msgspec.json.encode({"type": "FeatureCollection", "features": [feature]})
    refused = await send_file(chain.owner, document, "application/geo+json")
    assert words in refused.json()["rows"][0]["reason"]
    # In a table it is an empty cell, which leaves what is there.
    table = f'{",".join(COLUMNS[:2])}\ntokyo-1,"{name}"\n'.encode()
    sent = await send_file(chain.owner, table, "text/csv")
    assert counts(sent) == (0, 0, 0, 0, 1) if not name.strip() else words in sent.json()["rows"][0]["reason"]
