"""The card in a real Chromium: from a tap to a till, with and without a network."""

from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import Chain


async def take_card(faces: ServedFaces, visitor: Visitor, chain: Chain, query: str = "") -> str:
    """From the poster's link to the code on the screen."""
    await visitor.page.goto(faces.url(f"/card/{chain.code}/{query}"))
    await visitor.page.click("[data-join]:enabled")
    return await read_code(visitor)


async def read_code(visitor: Visitor) -> str:
    await visitor.page.wait_for_selector("[data-card-code]")
    code = await visitor.page.get_attribute("[data-card-code]", "data-card-code")
    assert code is not None
    return code


async def wait_for_worker(visitor: Visitor) -> None:
    await visitor.page.wait_for_function("navigator.serviceWorker.controller?.state === 'activated'")


async def test_a_tap_makes_a_card_that_a_till_takes(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    store = await chain.add_store()
    till = await chain.add_till(store)
    code = await take_card(faces, visitor, chain, f"?store={store}")
    scanned = await till.at.post("/v1/scans", {"card": code})
    assert scanned.status_code == 201, scanned.text
    await visitor.page.set_viewport_size({"width": 390, "height": 844})
    await visitor.page.screenshot(path="/tmp/card-home.png")
    await wait_for_worker(visitor)
    visitor.expect_complaint("ERR_INTERNET")
    await visitor.context.set_offline(True)
    await visitor.page.reload()
    await read_code(visitor)
