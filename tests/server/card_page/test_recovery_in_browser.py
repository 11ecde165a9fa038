"""A browser that has lost what scripts keep, in a real Chromium."""

from tests.support.browsers import read_code, take_card
from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import Chain


async def lose_storage(visitor: Visitor, origin: str) -> None:
    """What Safari does after a week: all but cookies."""
    devtools = await visitor.context.new_cdp_session(visitor.page)
    kinds = "indexeddb,local_storage,service_workers,cache_storage"
    await visitor.page.goto("about:blank")
    await devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": kinds})
    await devtools.detach()


async def test_a_lost_store_brings_the_same_card_back_with_a_new_key_and_another_window_is_asked(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    till = (await chain.add_till(await chain.add_store())).at
    code = await take_card(faces, visitor, chain)
    number = await page.inner_text("[data-fill=number]")
    await page.wait_for_selector("[data-recoverable]")
    await lose_storage(visitor, faces.origin("card"))
    await page.goto(faces.url(f"/card/{chain.code}/"))
    recovered = await read_code(visitor)
    assert recovered[:286] != code[:286], "another key"
    assert await page.inner_text("[data-fill=number]") == number
    assert (await till.post("/v1/scans", {"card": recovered})).status_code == 201
    assert await faces.world.count("members", chain.id) == 1
    await let_a_copy_take_it(faces, visitor, chain)
    assert await faces.world.count("members", chain.id) == 1


async def let_a_copy_take_it(faces: ServedFaces, visitor: Visitor, chain: Chain) -> None:
    """Of the page, on the home screen, which holds the same cookie. The page is asked before it takes the card back."""
    page = visitor.page
    await page.wait_for_selector("[data-recoverable]")
    browser = visitor.context.browser
    assert browser is not None
    copy = await browser.new_context(locale="ja", storage_state=await visitor.context.storage_state())
    other = await copy.new_page()
    await other.goto(faces.url(f"/card/{chain.code}/"))
    await other.wait_for_selector("[data-card-code]")
    visitor.expect_complaint("status of 401")
    await page.reload()
    await page.wait_for_selector("[data-shown=lost] [data-recover]")
    assert await page.locator("[data-card-code]:visible").count() == 0
    assert await visitor.find_barriers() == []
    await page.click("[data-recover]")
    await read_code(visitor)
    await copy.close()
