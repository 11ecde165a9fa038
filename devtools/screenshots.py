"""`./run write screenshots`: docs/screenshots from the demo's world, of the main pages of all faces in both languages.

Each picture is kept in a palette, so that the repository stays small.
"""

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
from PIL import Image

from devtools.apt import SetupError, say
from devtools.bootstrap import ROOT
from devtools.browsing import open_browser
from devtools.database_server import DatabaseServer
from devtools.demo.answers import KeyedTill
from devtools.demo.board import Board
from devtools.demo.client import Client, open_client
from devtools.demo.links import Links
from devtools.demo.seed import log_in
from devtools.demo.servers import Servers, run_servers
from devtools.demo.town import TokyoScenario
from devtools.private_database import private_database
from kit.locales import LOCALES, Locale

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 60_000
_LAPTOP, _PHONE = (1280, 800), (390, 844)
_COLOURS = (128, 64, 32, 16)
_PATIENCE_MS = 60_000
# Some that could not be delivered, which doubles of providers never refuse.
_FAIL_SOME = """
UPDATE outbox
SET state = 'failed', sent_at = NULL, provider_message_id = NULL, counted_on = NULL, quota_day = NULL,
    failure = (ARRAY['unregistered', 'unavailable', 'unregistered'])[chosen.place]
FROM (SELECT member_id, id, row_number() OVER (ORDER BY id) AS place FROM outbox
      WHERE state = 'sent' AND channel = 'push' AND coupon_id IS NOT NULL ORDER BY id LIMIT 3) chosen
WHERE (outbox.member_id, outbox.id) = (chosen.member_id, chosen.id)
"""
# What is in the menu, and what lies behind its lists: a page, and the link that leads there.
_CONSOLE = (
    "overview", "stores", "campaigns", "audiences", "calendar", "results", "members", "coupons", "posters", "tills",
    "staff", "imports", "usage", "health", "dead-letters", "program", "providers", "audit", "account",
)  # fmt: skip
_BEHIND = (
    ("campaign", "/console/campaigns", "main article h2 a"),
    ("member", "/console/members", "main tbody th a"),
    ("provider", "/console/providers", 'main a[href$="/phone"]'),
)
_OTHERS = (("campaign-form", "/console/campaigns/new"),)


def main() -> int:
    """Exit code: 1 for a failed set-up."""
    try:
        with private_database("screenshots") as server:
            asyncio.run(_make_all(server))
    except SetupError as problem:
        say(str(problem))
        return 1
    return 0


async def _make_all(server: DatabaseServer) -> None:
    async with AsyncExitStack() as stack:
        say("a chain in Tokyo, until its shoppers have used their coupons")
        scenario = TokyoScenario(once=True)
        servers = await stack.enter_async_context(run_servers(server, scenario.program))
        if not servers.faces:
            raise SetupError("the pages need the browser packages: set-up has said why they are missing")
        client = await stack.enter_async_context(open_client(servers.base_url))
        await scenario.set_up(client, Board())
        await scenario.play(client, servers, Board())
        conn = await asyncpg.connect(servers.dsn)
        await conn.execute(_FAIL_SOME)
        await conn.close()
        browser = await stack.enter_async_context(open_browser("--enable-unsafe-swiftshader"))
        links = Links(client, servers, scenario.program, await _add_till(client, scenario))
        await _show_console(browser, servers, links)
        for locale in LOCALES:
            await _show_card(browser, (await links.make())["shopper"], locale)
            await _show_till(browser, (await links.make())["till"], locale)


async def _add_till(client: Client, scenario: TokyoScenario) -> str:
    """One that no shopper goes to."""
    owner = await log_in(client, scenario.program)
    stores = await client.ask(dict, "GET", "/v1/stores", owner)
    body = {"store_id": stores["items"][0]["id"], "name": "Counter"}
    return (await client.ask(KeyedTill, "POST", "/v1/tills", owner, body)).id


@asynccontextmanager
async def _open_page(browser: "Browser", size: tuple[int, int], locale: Locale) -> AsyncIterator["Page"]:
    width, height = size
    context: BrowserContext = await browser.new_context(
        viewport={"width": width, "height": height}, locale=locale, reduced_motion="reduce", color_scheme="light"
    )
    context.set_default_timeout(_PATIENCE_MS)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def _show_console(browser: "Browser", servers: Servers, links: Links) -> None:
    console = servers.faces["console"]
    for locale in LOCALES:
        async with _open_page(browser, _LAPTOP, locale) as page:
            await page.goto((await links.make())["manager"])
            await page.wait_for_function("() => document.querySelector('main [name=token]').value !== ''")
            await page.click("main form button")
            await page.wait_for_selector(".menu")
            for name, path in [*((each, f"/console/{each}") for each in _CONSOLE), *_OTHERS]:
                await page.goto(console + path)
                await _keep(page, f"console-{name}-{locale}")
            for name, path, link in _BEHIND:
                await page.goto(console + path)
                address = await page.locator(link).first.get_attribute("href")
                await page.goto(f"{console}{address}")
                await _keep(page, f"console-{name}-{locale}")
            await page.goto(f"{console}/console/map")
            await page.wait_for_selector("[data-map-idle]")
            await _keep(page, f"console-map-{locale}")


async def _show_card(browser: "Browser", link: str, locale: Locale) -> None:
    async with _open_page(browser, _PHONE, locale) as page:
        await page.goto(link)
        await page.click("[data-join]:enabled")
        await page.wait_for_selector("[data-card-code]")
        await page.wait_for_selector("[data-view=home][data-as-of]")
        await _keep(page, f"card-{locale}")
        for name in ("stores", "choices", "contacts"):
            await page.evaluate("name => { location.hash = `#/${name}`; }", name)
            await page.wait_for_selector(f"[data-shown={name}]")
            await _keep(page, f"card-{name}-{locale}")


async def _show_till(browser: "Browser", link: str, locale: Locale) -> None:
    async with _open_page(browser, _PHONE, locale) as page:
        await page.goto(link)
        await page.wait_for_selector("[data-till-app][data-offline-ready]")
        await _keep(page, f"till-{locale}")


async def _keep(page: "Page", name: str) -> None:
    await page.evaluate("() => document.fonts.ready.then(() => true)")
    picture = _shrink(await page.screenshot())
    (FOLDER / f"{name}.png").write_bytes(picture)
    say(f"{name}.png: {len(picture):,} bytes")


def _shrink(seen: bytes) -> bytes:
    """In as many colours as it may have to be small."""
    picture, shrunk = Image.open(io.BytesIO(seen)).convert("RGB"), b""
    for colours in _COLOURS:
        written = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        shrunk = written.getvalue()
        if len(shrunk) <= MOST_BYTES:
            break
    return shrunk


if __name__ == "__main__":
    sys.exit(main())
