"""The card's page as a shopper's browser has it."""

from collections.abc import Mapping

from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import Caller, Chain


async def open_card(faces: ServedFaces, visitor: Visitor, chain: Chain) -> Caller:
    """A new card in this browser. Returns whoever holds its token."""
    page = visitor.page
    await page.goto(faces.url(f"/card/{chain.code}/"))
    await page.click("[data-join]:enabled")
    await page.wait_for_selector("[data-card-code]")
    return faces.world.caller(str((await read_membership(visitor, chain))["token"]))


async def read_membership(visitor: Visitor, chain: Chain) -> Mapping[str, object]:
    """What the browser keeps of whose card it has; empty: nothing."""
    kept: Mapping[str, object] = await visitor.page.evaluate(
        """code => new Promise((settle) => {
          const opening = indexedDB.open(`noren-card-${code}`);
          opening.onsuccess = () => {
            const asked = opening.result.transaction("kept").objectStore("kept").get("membership");
            asked.onsuccess = () => { opening.result.close(); settle(asked.result ?? {}); };
          };
        })""",
        chain.code,
    )
    return kept


async def show_view(visitor: Visitor, name: str, rest: str = "") -> None:
    """By its address, and until it is there."""
    page = visitor.page
    await page.evaluate("hash => { location.hash = hash }", f"#/{name}{rest}")
    await page.wait_for_selector(f'[data-card-app][data-shown="{name}"]')


async def told(visitor: Visitor, view: str) -> str:
    """What the view says has been done, once it says something."""
    note = visitor.page.locator(f'[data-view="{view}"] [data-told]:not([hidden])')
    await note.wait_for()
    return await note.inner_text()


async def complaint(visitor: Visitor, view: str) -> str:
    note = visitor.page.locator(f'[data-view="{view}"] [data-complaint]:not([hidden])')
    await note.wait_for()
    return await note.inner_text()
