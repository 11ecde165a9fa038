"""How much comes over the line for the first page after the sign-in, as a browser with nothing kept asks for it."""

from typing import TYPE_CHECKING

from bench.faces.browser import open_phone
from bench.faces.ground import Ground
from bench.sheet import Sheet

if TYPE_CHECKING:
    from playwright.async_api import Browser


async def measure_first_page(ground: Ground, browser: "Browser", sheet: Sheet) -> None:
    """Kilobytes on the wire, headers included."""
    name, _, value = ground.session.partition("=")
    async with open_phone(browser) as context:
        await context.add_cookies([{"name": name, "value": value, "url": ground.origin("console")}])
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Network.enable")
        received = 0.0

        def note(event: dict[str, float]) -> None:
            nonlocal received
            received += event["encodedDataLength"]

        session.on("Network.loadingFinished", note)
        await page.goto(ground.url("console", "/console/"), wait_until="networkidle")
    sheet.add("console_first_kb", received / 1000)
