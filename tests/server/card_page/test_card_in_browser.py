"""The card in a real Chromium: from a tap to a till, with and without a network."""

import asyncio
from typing import TYPE_CHECKING

from tests.support.browsers import read_code, take_card, wait_for_worker
from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor
from tests.support.waiting import until

if TYPE_CHECKING:
    from playwright.async_api import Route

# Of a phone that is away: what is tried all the same is heard.
OFFLINE = ("net::ERR_INTERNET_DISCONNECTED", "Failed to load resource")


async def test_a_tap_makes_a_card_that_tills_take_also_from_a_phone_without_a_network(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    store = await chain.add_store()
    till = (await chain.add_till(store)).at
    other = await visitor.context.new_page()
    await other.goto(faces.url(f"/card/{chain.code}/"))
    await other.wait_for_selector("[data-join]:enabled")
    code = await take_card(faces, visitor, chain, f"?store={store}")
    await other.click("[data-join]:enabled")
    await other.wait_for_selector("[data-card-code]")
    await other.close()
    assert await faces.world.count("members", chain.id) == 1, "a tab that was open meanwhile shows the same card"
    scanned = await till.post("/v1/scans", {"card": code})
    assert scanned.status_code == 201, scanned.text
    assert scanned.json()["trust"] == "high"
    number = await page.inner_text("[data-fill=number]")
    assert number.replace(" ", "") == scanned.json()["card_number"].replace(" ", "")
    pool = faces.world.pool
    assert await pool.fetchval("SELECT enrolled_store_id FROM members WHERE program_id = $1", chain.id) == store
    assert await pool.fetchval("SELECT platform FROM devices WHERE program_id = $1", chain.id) == "web"
    await page.wait_for_selector("[data-view=home][data-as-of]")
    await wait_for_worker(visitor)
    for part in OFFLINE:
        visitor.expect_complaint(part)
    await visitor.context.set_offline(True)
    await page.reload()
    again = await read_code(visitor)
    assert (await till.post("/v1/scans", {"card": again})).status_code in (201, 422), "the same step counts once"
    assert again[:286] == code[:286], "the same certificate"
    assert await page.inner_text("[data-view=home] [data-fill=points]") == "0"
    assert "現在" in await page.inner_text("[data-view=home] [data-fill=as_of]")


async def test_each_step_has_a_code_of_its_own_and_a_wrong_clock_is_put_right(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    till = (await chain.add_till(await chain.add_store())).at
    await page.clock.install()
    await page.clock.set_system_time(1_700_000_000_000)  # years behind
    code = await take_card(faces, visitor, chain)
    assert (await till.post("/v1/scans", {"card": code})).status_code == 201
    step = await page.get_attribute("[data-card-code]", "data-step")
    await page.clock.run_for(29_000)
    # Both at once: an answer of the server soon puts the page's clock right, and the step before is shown again.
    shown = """(step) => {
      const seen = document.querySelector("[data-card-code]")?.dataset;
      return seen !== undefined && seen.step !== step && seen.cardCode;
    }"""
    later = await (await page.wait_for_function(shown, arg=step)).json_value()
    assert later != code

    async def is_taken() -> bool:
        return bool((await till.post("/v1/scans", {"card": later})).status_code == 201)

    # A code may be one step ahead of the server. The page knows the time to a second: in a moment it is not two.
    await until(is_taken)


async def test_no_script_gets_the_key_and_no_other_page_the_card(faces: ServedFaces, visitor: Visitor) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    page = visitor.page
    await take_card(faces, visitor, chain)
    exported = await page.evaluate(
        "async () => { const {recall} = await import('noren/card/store'); const {privateKey} = await recall('key');"
        " const formats = ['jwk', 'pkcs8']; return Promise.all(formats.map(format =>"
        " crypto.subtle.exportKey(format, privateKey).then(() => 'taken', error => error.name))); }"
    )
    assert exported == ["InvalidAccessError", "InvalidAccessError"]
    assert await page.evaluate("document.cookie") == ""
    await page.goto(faces.url(f"/card/{rival.code}/"))
    await page.wait_for_selector("[data-shown=join]")
    names = await page.evaluate("caches.keys()")
    await take_card(faces, visitor, rival)
    await wait_for_worker(visitor)
    assert set(names) <= set(await page.evaluate("caches.keys()")), "a worker deletes only its own caches"
    past_the_worker = await visitor.context.new_cdp_session(page)
    async with page.expect_navigation():
        await past_the_worker.send("Page.reload", {"ignoreCache": True})
    await wait_for_worker(visitor)
    assert await page.evaluate("navigator.serviceWorker.controller") is None
    await page.goto(faces.url(f"/till/{chain.code}/"))
    assert await page.evaluate("indexedDB.databases().then(all => all.filter(({name}) => name.includes('card')))") == []
    visitor.expect_complaint("Failed to load resource")
    visitor.expect_complaint("Content Security Policy")
    visitor.expect_complaint("Refused to")
    asked = "url => fetch(url, {method: 'POST', credentials: 'include'}).then(() => 'read', () => 'refused')"
    assert await page.evaluate(asked, faces.url(f"/card/{chain.code}/recovery/device")) == "refused"


async def test_a_browser_without_room_says_so_and_shows_the_card_all_the_same(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    await page.add_init_script(
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }"
    )
    await take_card(faces, visitor, chain)
    assert await page.locator("[data-not-kept-note]").is_visible()
    await page.wait_for_selector("[data-view=home][data-as-of]")


async def test_a_new_version_takes_the_place_of_the_one_before_and_the_card_stays(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    code = await take_card(faces, visitor, chain)
    await wait_for_worker(visitor)
    assert (await chain.owner.patch("/v1/program", {"name": "Kissa Ume"})).status_code == 200
    await page.reload()
    assert await page.inner_text(".card-name") == "Kissa Sakura", "what was kept is shown, and the new comes beside it"
    await page.wait_for_selector('[data-starts-offline="2"]')
    await page.reload()
    await page.locator(".card-name", has_text="Kissa Ume").wait_for()
    assert (await read_code(visitor))[:286] == code[:286], "the same key and certificate"
    kept = [name for name in await page.evaluate("caches.keys()") if f":{chain.code}:" in name]
    assert len(kept) == 2, "a page that is still open has the files of the version before"


async def test_the_view_that_was_asked_for_last_is_shown_however_slowly_another_comes(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, browser = await faces.world.add_chain(), visitor.context.browser
    assert browser is not None
    # A worker would answer what is to come slowly.
    page = await browser.new_page(service_workers="block")
    await page.goto(faces.url(f"/card/{chain.code}/"))
    await page.click("[data-join]:enabled")
    await page.wait_for_selector("[data-view=home][data-as-of]")
    is_asked, may_come = asyncio.Event(), asyncio.Event()

    async def hold(route: "Route") -> None:
        is_asked.set()
        await may_come.wait()
        await route.continue_()

    await page.route("**/assets/stores.*", hold)
    await page.evaluate("location.hash = '#/stores'")
    await is_asked.wait()
    await page.evaluate("location.hash = '#/contacts'")
    await page.wait_for_selector("[data-card-app][data-shown=contacts]")
    may_come.set()
    await page.evaluate("import('noren/card/views/stores')")  # the page's own import has ended too by then
    assert await page.locator("[data-view=contacts]").is_visible()
    await page.context.close()
