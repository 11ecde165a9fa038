"""Posters in a real Chromium: a phone reads their codes off the page; on paper they are one sheet of A4."""

import io
import re
from pathlib import Path

import zxingcpp
from PIL import Image

from kit.locales import LOCALES
from tests.server.console.test_console_in_browser import SCRIPT, sign_in
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as
from tests.support.visitors import Visitor

A4_POINTS = (595, 842)


async def read_codes(visitor: Visitor) -> list[str]:
    """Off the screen, as a camera would."""
    await visitor.page.wait_for_function(
        "() => [...document.images].every(image => image.complete && image.naturalWidth)"
    )
    shot = Image.open(io.BytesIO(await visitor.page.locator(".paper").screenshot()))
    return [code.text for code in zxingcpp.read_barcodes(shot)]


async def test_a_poster_leads_to_the_card_and_fits_on_a_sheet(
    faces: ServedFaces, visitor: Visitor, tmp_path: Path
) -> None:
    chain = await faces.world.add_chain()
    store = await chain.add_store(name=SCRIPT)
    page = visitor.page
    await sign_in(faces, visitor, chain, await faces.add_owner(chain))
    await page.goto(faces.url("/console/posters"))
    await page.click("tbody a")
    await page.wait_for_selector(".paper")
    printed = (await chain.owner.get(f"/v1/stores/{store}/check-in-code")).json()["code"]
    join = f"{faces.origin('card')}/card/{chain.code}/?store={store}"
    for kind, size, codes in (("join", "a4", [join]), ("check_in", "a4", [printed]), ("join", "card", [join] * 10)):
        await page.goto(faces.url(f"/console/posters/{store}?kind={kind}&size={size}"))
        for locale in LOCALES:
            await visitor.speak(locale)
            assert await visitor.find_barriers() == [], (kind, size)
        assert await read_codes(visitor) == codes, (kind, size)
        file = tmp_path / f"{kind}-{size}.pdf"
        await page.pdf(path=file, prefer_css_page_size=True, print_background=True)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", file.read_bytes())
        assert [(round(float(width)), round(float(height))) for width, height in boxes] == [A4_POINTS], (kind, size)
    assert SCRIPT in await page.locator(".place").first.inner_text()


async def test_each_makes_posters_of_their_own_stores(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    mine, other, strange = await chain.add_store(), await chain.add_store(), await rival.add_store()
    manager = await sign_in_as(faces, chain, "store_manager", mine)
    listed = (await manager.open("/console/posters")).text
    assert str(mine) in listed
    assert str(other) not in listed
    for path in ("", "?kind=check_in", "/join/code.svg", "/check_in/code.svg"):
        assert (await manager.open(f"/console/posters/{mine}{path}")).status_code == 200
        assert (await manager.open(f"/console/posters/{other}{path}")).status_code == 403
        assert (await manager.open(f"/console/posters/{strange}{path}")).status_code == 404
    assert (await manager.open(f"/console/posters/{mine}/call/code.svg")).status_code == 404
    assert "Join by a call" not in (await manager.open(f"/console/posters/{mine}?kind=call")).text
    owner = await sign_in_as(faces, chain, "owner")
    called = (await owner.open(f"/console/posters/{other}?kind=call")).text
    assert "no number to call yet" in called
    for role in ("analyst", "marketer"):
        assert (await (await sign_in_as(faces, chain, role)).open("/console/posters")).status_code == 403


async def test_the_programs_own_app_comes_before_the_card_in_a_browser(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store = await chain.add_store()
    link = f"/v1/stores/{store}/enrolment-link"
    own = (await chain.owner.get(link)).json()["url"]
    assert own == f"{faces.origin('card')}/card/{chain.code}/?store={store}"
    settings = {"phone_region": "JP", "join_url": "https://app.kissa.example/join"}
    assert (await chain.owner.put("/v1/program/enrolment", settings)).status_code == 200
    assert (await chain.owner.get(link)).json()["url"].startswith("https://app.kissa.example/join?program=")
