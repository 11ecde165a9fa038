"""How long a shopper waits for the card: from the poster's link to a page, and with no network to a code on screen."""

from typing import TYPE_CHECKING

from bench.faces.browser import elapsed_ms, open_phone, slow_down
from bench.faces.ground import Ground
from bench.sheet import Sheet

if TYPE_CHECKING:
    from playwright.async_api import Browser

CODE_DRAWN = "[data-card-code]"


async def measure_card(ground: Ground, browser: "Browser", sheet: Sheet) -> None:
    """A member is made by the page itself, and comes back: once with an empty cache, once without a line."""
    url = ground.url("card", f"/card/{ground.code}/")
    async with open_phone(browser) as context:
        page = await context.new_page()
        await page.goto(url)
        await page.click("[data-join]")
        await page.wait_for_selector(CODE_DRAWN)
        await page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        session = await slow_down(page)
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        await session.send("Network.setBypassServiceWorker", {"bypass": True})
        await page.goto(url)
        await page.wait_for_selector(CODE_DRAWN)
        sheet.add("card_cold_ms", await elapsed_ms(page))
        await page.close()
        await context.set_offline(True)
        page = await context.new_page()
        await slow_down(page, network=False)
        await page.goto(url)
        await page.wait_for_selector(CODE_DRAWN)
        sheet.add("card_offline_ms", await elapsed_ms(page))
