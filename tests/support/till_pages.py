"""The till in a browser, as staff use it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import Chain, Till

if TYPE_CHECKING:
    from playwright.async_api import Page


async def issue_code(chain: Chain, till: Till) -> str:
    answer = await chain.owner.post(f"/v1/tills/{till.id}/pairing-codes")
    return str(answer.json()["code"])


async def open_till(faces: ServedFaces, visitor: Visitor, chain: Chain, till: Till) -> None:
    """By the link of the console's QR, until it starts without a network."""
    await visitor.page.goto(faces.url(f"/till/{chain.code}/#pair={await issue_code(chain, till)}"))
    await visitor.page.wait_for_selector("[data-view=counter]:not([hidden])")
    await wait_until_ready(visitor)


async def wait_until_ready(visitor: Visitor) -> None:
    await visitor.page.wait_for_selector("[data-till-app][data-offline-ready]")


async def scan(visitor: Visitor, code: str) -> str:
    """As a scanner does it that brings all at once: 452 digits key by key take two seconds of the processor.

    Returns the name of the verdict.
    """
    await visitor.page.evaluate("document.querySelector('[data-verdict]').dataset.reason = ''")
    await visitor.page.locator("[name=code]").focus()
    await visitor.page.keyboard.insert_text(code)
    await visitor.page.keyboard.press("Enter")
    return await verdict(visitor)


async def verdict(visitor: Visitor) -> str:
    return await shown_verdict(visitor.page)


async def shown_verdict(tab: "Page") -> str:
    shown = tab.locator("[data-verdict]:not([data-reason=''])[data-final=true]")
    await shown.wait_for()
    return str(await shown.get_attribute("data-reason"))


async def wait_for_reports(visitor: Visitor, left: int = 0) -> None:
    """Until just so many wait, or were refused. What was kept just now is waited for first: the page counts it late."""
    await visitor.page.wait_for_selector(f"[data-till-app][data-waiting='{left}']")


async def go_offline(visitor: Visitor, *, is_offline: bool = True) -> None:
    """What the browser then complains of is announced."""
    visitor.expect_complaint("ERR_INTERNET_DISCONNECTED")
    await visitor.context.set_offline(is_offline)
    if not is_offline:
        # A page that was loaded meanwhile does not hear of it, as it does of a real network.
        for page in visitor.context.pages:
            await page.evaluate("dispatchEvent(new Event('online')) && undefined")


async def count_rows(faces: ServedFaces, chain: Chain, table: str) -> int:
    return await faces.world.count(table, chain.id)


async def records(faces: ServedFaces, query: str, *values: Any) -> list[Any]:
    return list(await faces.world.pool.fetch(query, *values))


def at_step(now: datetime) -> int:
    return int(now.timestamp()) // 30
