"""A chain's file through the console: rehearsed, brought in, refused row by row, taken out again."""

import html
import re
from typing import Any

import httpx
import pytest

from server.backoffice import export_chain
from tests.support.faces import ServedFaces
from tests.support.managers import PageCaller, as_person, sign_in
from tests.support.visitors import Visitor
from tests.support.world import Chain

FILES = "/console/map/files"
HEAD = "店舗コード,店舗名,time_zone,geofence_name,lat,lon,radius_m"
CSV = HEAD + "\nebisu,恵比寿店,Asia/Tokyo,Door,35.6467,139.7101,{radius}\n"


async def send(caller: PageCaller, mode: str, name: str, body: bytes, query: str = "") -> httpx.Response:
    return await caller.post(f"{FILES}{query}", {"mode": mode}, files={"file": (name, body)})


async def count(chain: Chain) -> Any:
    return await chain.world.pool.fetchval("SELECT count(*) FROM geofences WHERE program_id = $1", chain.id)


async def test_a_file_is_rehearsed_then_brought_in_and_taken_out(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await as_person(faces, await chain.add_person("owner"))
    good = CSV.format(radius=50).encode()
    rehearsed = await send(owner, "check", "chain.csv", good)
    assert rehearsed.status_code == 200, rehearsed.text
    assert "まだ読み込んでいません" in rehearsed.text
    assert "半径が小さい" in rehearsed.text
    assert await count(chain) == 0, "a rehearsal keeps nothing"
    assert (await chain.owner.get("/v1/stores")).json()["items"] == []
    done = await send(owner, "import", "CHAIN.CSV", good)
    assert "読み込みました" in done.text
    assert await count(chain) == 1
    for kind in ("csv", "geojson", "kml"):
        out = await owner.get(f"{FILES}/export?format={kind}")
        assert out.headers["content-disposition"] == f'attachment; filename="chain.{kind}"'
        again = await send(owner, "import", f"chain.{kind}", out.content)
        assert again.status_code == 200
    assert await count(chain) == 1, "what comes back changes nothing"


async def test_each_bad_row_is_named_and_nothing_is_brought_in(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await as_person(faces, await chain.add_person("owner"))
    bad = await send(owner, "import", "chain.csv", CSV.format(radius=1).encode() + b"x,<script>,,,,,\n", "?lang=en")
    assert bad.status_code == 422
    assert "The radius must be from 10 to 50,000 m." in bad.text
    assert "<script>," not in bad.text
    in_japanese = await send(owner, "import", "chain.csv", CSV.format(radius=1).encode(), "?lang=ja")
    assert '<td lang="ja">半径は 10 m から' in in_japanese.text
    assert await count(chain) == 0
    for name, body in (("chain.exe", b"MZ"), ("chain.csv", b"nonsense"), ("chain.kml", b"<!DOCTYPE x><kml/>")):
        assert (await send(owner, "import", name, body)).status_code == 422, name
    assert (await owner.post(FILES, {"mode": "import"})).status_code == 422, "without a file"


async def test_a_large_chain_is_taken_and_too_large_a_file_is_not(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await as_person(faces, await chain.add_person("owner"))
    rows = "".join(f"store-{n},Store {n},Asia/Tokyo\n" for n in range(1000))
    taken = await send(owner, "import", "chain.csv", f"store_code,store_name,time_zone\n{rows}".encode())
    assert taken.status_code == 200
    assert "1,000" in taken.text
    refused = await send(owner, "import", "chain.csv", b"x" * 20_100_000)
    assert refused.status_code == 413


async def test_a_chain_of_several_files_is_a_list_of_parts(faces: ServedFaces, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = await faces.world.add_chain()
    owner = await as_person(faces, await chain.add_person("owner"))
    for number in range(5):
        await chain.add_store(code=f"store-{number}")
    monkeypatch.setattr(export_chain, "MAX_ROWS", 2)
    whole = await owner.get(f"{FILES}/export?format=csv")
    assert (whole.status_code, whole.headers["location"]) == (303, f"{FILES}?parts=csv#parts")
    page = (await owner.get(f"{FILES}?parts=csv")).text
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+;part=[^"]+)"', page)]
    assert re.findall(r"(\d+) 行</span>", page) == ["2", "2", "1"]
    parts = [await owner.get(link) for link in links]
    named = [part.headers["content-disposition"].partition("=")[2] for part in parts]
    assert named == ['"chain-1.csv"', '"chain-2.csv"', '"chain-3.csv"']
    assert [re.findall(r"store-\d", part.text) for part in parts] == [
        ["store-0", "store-1"],
        ["store-2", "store-3"],
        ["store-4"],
    ]


async def test_a_store_manager_brings_in_nothing(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    manager = await as_person(faces, await chain.add_person("store_manager", await chain.add_store()))
    assert (await manager.get(FILES)).status_code == 403
    assert (await send(manager, "import", "chain.csv", CSV.format(radius=100).encode())).status_code == 403
    assert (await manager.get(f"{FILES}/export?format=csv")).status_code == 403
    assert await count(chain) == 0


async def test_the_page_keeps_the_file_that_was_chosen(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    page = visitor.page
    await sign_in(faces, visitor, chain)
    await page.goto(faces.url(FILES))
    assert await visitor.find_barriers() == []
    body = CSV.format(radius=50).encode()
    await page.set_input_files("#file", {"name": "chain.csv", "mimeType": "text/csv", "buffer": body})
    await page.click("button[value=check]")
    await page.get_by_role("status").filter(has_text="まだ読み込んでいません").wait_for()
    assert await visitor.find_barriers() == []
    await page.click("button[value=import]")
    await page.get_by_role("status").filter(has_text="読み込みました").wait_for()
    assert await count(chain) == 1
    await visitor.speak("en")
    assert await visitor.find_barriers() == []
