"""Somebody with a browser, who notices whatever its console complains of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from kit.locales import Locale
from server.faces.assets import FRONTEND
from tests.support.waiting import PATIENCE_S

# Summed up in the page: to bring over all that axe tells takes a third of the time of its rules. What it would load
# beforehand is for a rule that is off and for one that never says more than "look at it".
_FIND = """async (options) => {
    const judged = await axe.run({...options, resultTypes: ["violations"], preload: false, selectors: false});
    return judged.violations.flatMap(({id, nodes}) => nodes.map(({html}) => `${id}: ${html}`));
}"""

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page


@dataclass
class Visitor:
    """`complaints`: what the console said, but for what a test has announced."""

    page: "Page"
    context: "BrowserContext"
    complaints: list[str] = field(default_factory=list)
    _announced: list[str] = field(default_factory=list)

    def expect_complaint(self, part: str) -> None:
        """Of a page that is answered with an error, or that a test attacks."""
        self._announced.append(part)

    def hear(self, message: "ConsoleMessage") -> None:
        is_announced = any(part in message.text for part in self._announced)
        if message.type in ("error", "warning") and not is_announced:
            self.complaints.append(message.text)

    async def find_barriers(self) -> list[str]:
        """What axe finds: rule and place."""
        return await self._ask_axe("{}")

    async def find_faint_in_the_dark(self) -> list[str]:
        """All that can differ there: what is too faint to be read."""
        await self.page.emulate_media(color_scheme="dark")
        found = await self._ask_axe("{runOnly: ['color-contrast']}")
        await self.page.emulate_media(color_scheme="light")
        return found

    async def _ask_axe(self, options: str) -> list[str]:
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(_axe())
        found: list[str] = await self.page.evaluate(f"({_FIND})({options})")
        return found

    async def speak(self, locale: Locale) -> None:
        """By the link at the foot of the page."""
        if await self.page.locator("html").get_attribute("lang") != locale:
            await self.page.click(f'footer a[hreflang="{locale}"]')
            await self.page.wait_for_selector(f'html[lang="{locale}"]')
            await self.page.wait_for_load_state()

    async def type(self, text: str, *keys: str) -> None:
        """On the keyboard, with keys to press after it."""
        await self.page.keyboard.type(text)
        for key in keys:
            await self.page.keyboard.press(key)


@cache
def _axe() -> str:
    return (FRONTEND / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@asynccontextmanager
async def open_visitor(browser: "Browser") -> AsyncIterator[Visitor]:
    context = await browser.new_context(locale="ja", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_S * 1000)  # a busy machine is no failure
    page = await context.new_page()
    somebody = Visitor(page, context)
    page.on("console", somebody.hear)
    page.on("pageerror", lambda error: somebody.complaints.append(str(error)))
    try:
        yield somebody
        # A window that closes ends what is on its way, and a page may say so: that is heard no more.
        complaints = list(somebody.complaints)
    finally:
        await context.close()
    assert complaints == [], complaints
