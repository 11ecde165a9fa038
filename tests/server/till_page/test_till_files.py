"""What the till's page is made of: its worker, its reader of codes, its manifest, what its policies allow."""

import hashlib
import json
import re

from server.faces.assets import FRONTEND, read_assets
from tests.support.faces import ServedFaces
from tests.support.lives import ok
from tests.support.world import POINT_RULES


def test_the_webassembly_is_the_one_that_the_library_was_made_with() -> None:
    """The library names it by its hash; its own default is an address elsewhere."""
    read = read_assets()
    library = read.files[read.urls["barcode-detector"].removeprefix("/assets/")].content.decode()
    wasm = read.files[read.urls["zxing.wasm"].removeprefix("/assets/")].content
    assert hashlib.sha256(wasm).hexdigest() in library
    version = json.loads((FRONTEND / "node_modules" / "zxing-wasm" / "package.json").read_text())["version"]
    assert version in library


async def test_only_the_thread_that_reads_codes_runs_webassembly(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    page = await faces.get(f"/till/{chain.code}/")
    assert "wasm" not in page.headers["content-security-policy"]
    assert "camera=(self)" in page.headers["permissions-policy"]
    decoder = await faces.get(f"/till/{chain.code}/decoder.js")
    assert decoder.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
    )
    assert read_assets().urls["zxing.wasm"] in decoder.text


async def test_all_that_the_page_needs_lies_in_its_workers_list(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    base = f"/till/{chain.code}/"
    worker = (await faces.get(f"{base}worker.js")).text
    kept = json.loads(worker.split("\n", 1)[0].removeprefix("const TILL = ").removesuffix(";"))
    assert (kept["program"], kept["shell"], sorted(kept["locales"])) == (chain.code, base, ["en", "ja"])
    for path in kept["files"]:
        assert (await faces.world.http.get(faces.origin("till") + path)).status_code == 200, path
    page = (await faces.get(base)).text
    named = set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)) | set(re.findall(r'"(/assets/[^"]+\.js)"', page))
    assert named <= set(kept["files"])


async def test_another_name_is_another_version_and_each_program_an_app_of_its_own(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    path = f"/till/{chain.code}/worker.js"
    before = (await faces.get(path)).text
    assert before == (await faces.get(path)).text
    assert (await chain.owner.patch("/v1/program", {"name": "喫茶さくら"})).status_code == 200
    assert before != (await faces.get(path)).text
    told = [(await faces.get(f"/till/{each.code}/manifest.webmanifest")).json() for each in (chain, rival)]
    assert told[0]["name"] == "喫茶さくら レジ"
    for icon in told[0]["icons"][:-1]:
        assert (await faces.get(icon["src"])).content.startswith(b"\x89PNG"), "a home screen may take no other"
    assert told[0]["id"] == told[0]["scope"] == told[0]["start_url"] == f"/till/{chain.code}/" != told[1]["id"]


async def test_without_a_slash_it_leads_to_where_the_worker_finds_it(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    answer = await faces.get(f"/till/{chain.code}?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/till/{chain.code}/?lang=en")
    for path in ("", "worker.js", "decoder.js", "manifest.webmanifest", "check"):
        assert (await faces.get(f"/till/nobody/{path}")).status_code == 404


async def test_another_currency_is_told_to_the_page_and_another_version(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    path = f"/till/{chain.code}/"
    before = (await faces.get(f"{path}worker.js")).text
    assert 'data-currency="JPY"' in (await faces.get(path)).text, "it has told none"
    ok(await chain.owner.put("/v1/program/points", POINT_RULES | {"currency": "USD"}))
    page = (await faces.get(path, headers={"Accept-Language": "en"})).text
    assert 'data-currency="USD"' in page
    assert "Amount (USD)" in page
    assert (await faces.get(f"{path}worker.js")).text != before
