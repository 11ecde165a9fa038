"""The till without a network: what it takes, what it keeps, and that each is reported once, in order."""

from datetime import timedelta

from kit.clock import utc_now
from tests.support.faces import ServedFaces
from tests.support.till_pages import go_offline, open_till, scan, verdict, wait_for_reports, wait_until_ready
from tests.support.visitors import Visitor

NO_ED25519 = """crypto.subtle.importKey = ((old) => function (format, key, algorithm, ...rest) {
  if (algorithm.name === "Ed25519") return Promise.reject(new DOMException("", "NotSupportedError"));
  return old.call(this, format, key, algorithm, ...rest);
})(crypto.subtle.importKey)"""
HOUR_MS = 3_600_000


async def test_what_was_done_offline_outlives_the_tab_and_is_reported_once(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    members = [await chain.enrol() for _ in range(2)]
    phones = [await member.take_card() for member in members]
    await open_till(faces, visitor, chain, till)
    await go_offline(visitor)
    code = phones[0].make_code(utc_now())
    assert await scan(visitor, code) == "kept"
    await visitor.page.fill("#amount", "880")
    await visitor.page.locator("#amount").press("Enter")
    await visitor.page.wait_for_selector("[data-verdict][data-reason=purchase_kept]")
    assert await scan(visitor, code) == "replayed"
    assert await scan(visitor, members[1].card_number) == "needs_line"
    assert await faces.world.count("purchases", chain.id) == 0
    await visitor.page.close()
    await _reopen(faces, visitor, chain.code)
    assert await scan(visitor, phones[1].make_code(utc_now())) == "kept"
    await visitor.page.reload()
    await wait_for_reports(visitor, left=3)
    assert await scan(visitor, code) == "replayed", "also after a reload"
    assert await visitor.find_barriers() == []
    second = await visitor.context.new_page()
    await second.goto(faces.url(f"/till/{chain.code}/#today"))
    await go_offline(visitor, is_offline=False)
    await wait_for_reports(visitor)
    await second.close()
    pool = faces.world.pool
    rows = await pool.fetch("SELECT member_id, count(*) AS n FROM visit_evidence GROUP BY member_id")
    counts = {row["member_id"]: row["n"] for row in rows}
    assert [counts[member.id] for member in members] == [1, 1]
    (purchase,) = await pool.fetch("SELECT * FROM purchases WHERE program_id = $1", chain.id)
    assert (purchase["member_id"], purchase["amount"]) == (members[0].id, 880)
    assert purchase["purchased_at"] - utc_now() < timedelta(0)
    scans = await pool.fetch("SELECT id FROM visit_evidence WHERE member_id = $1", members[0].id)
    assert [row["id"] for row in scans] == [purchase["scan_id"]]


async def _reopen(faces: ServedFaces, visitor: Visitor, code: str) -> None:
    """A new tab: the worker has the page."""
    visitor.page = await visitor.context.new_page()
    visitor.page.on("console", visitor.hear)
    await visitor.page.goto(faces.url(f"/till/{code}/"))
    await wait_until_ready(visitor)


async def test_a_clock_that_is_wrong_is_said_and_corrected(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    phone = await (await chain.enrol()).take_card()
    ahead = f"const now = Date.now; Date.now = () => now() + {HOUR_MS}"
    await visitor.context.add_init_script(ahead)
    await open_till(faces, visitor, chain, till)
    note = visitor.page.locator("[data-fill=note_clock]")
    await note.wait_for()
    assert "60" in await note.inner_text()
    await go_offline(visitor)
    await visitor.page.reload()
    await note.wait_for()
    assert await scan(visitor, phone.make_code(utc_now())) == "kept"
    await wait_for_reports(visitor, left=1)
    await go_offline(visitor, is_offline=False)
    await wait_for_reports(visitor)
    assert await faces.world.pool.fetchval("SELECT count(*) FROM visits WHERE program_id = $1", chain.id) == 1


async def test_a_card_that_has_ended_is_refused_offline_too_and_a_later_refusal_stays_visible(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    gone, twice = await chain.enrol(), await chain.enrol()
    lost, phone = await gone.take_card(), await twice.take_card()
    assert (await gone.app.delete("/v1/me/card/key")).status_code in (200, 204)
    await open_till(faces, visitor, chain, till)
    other = await chain.add_till(till.store_id)
    await go_offline(visitor)
    assert await scan(visitor, lost.make_code(utc_now())) == "revoked"
    code = phone.make_code(utc_now())
    assert await scan(visitor, code) == "kept"
    assert (await other.at.post("/v1/scans", {"card": code})).status_code == 201
    await visitor.page.fill("#amount", "500")
    await visitor.page.locator("#amount").press("Enter")
    await verdict(visitor)
    await visitor.page.goto(faces.url(f"/till/{chain.code}/?lang=en#today"))
    await go_offline(visitor, is_offline=False)
    refused = visitor.page.locator("[data-waiting] li[data-state=rejected]")
    await refused.nth(1).wait_for()
    assert "Another till has reported the same code" in await refused.nth(0).inner_text()
    assert "The scan that it belongs to was refused" in await refused.nth(1).inner_text()
    assert await visitor.find_barriers() == []
    await refused.nth(0).locator("button").click()
    await wait_for_reports(visitor)
    assert await faces.world.count("purchases", chain.id) == 0


async def test_what_finds_no_room_is_said_and_what_was_kept_is_safe(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    first, second = [await (await chain.enrol()).take_card() for _ in range(2)]
    await open_till(faces, visitor, chain, till)
    await go_offline(visitor)
    assert await scan(visitor, first.make_code(utc_now())) == "kept"
    # Chromium remembers for half a minute how much room there was: a quota that is set by its protocol comes too late.
    await visitor.page.evaluate(
        "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('', 'QuotaExceededError') } }"
    )
    code = second.make_code(utc_now())
    assert await scan(visitor, code) == "storage_full"
    await visitor.page.reload()
    await wait_for_reports(visitor, left=1)
    assert await scan(visitor, code) == "kept", "it was not taken for used"
    await wait_for_reports(visitor, left=2)
    await go_offline(visitor, is_offline=False)
    await wait_for_reports(visitor)
    assert await faces.world.count("visits", chain.id) == 2


async def test_a_newer_version_waits_until_it_is_let_in_and_nothing_that_waits_is_lost(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    phone = await (await chain.enrol()).take_card()
    page = visitor.page
    await open_till(faces, visitor, chain, till)
    await go_offline(visitor)
    assert await scan(visitor, phone.make_code(utc_now())) == "kept"
    assert (await chain.owner.patch("/v1/program", {"name": "喫茶さくら"})).status_code == 200
    # The line is back for the worker alone: what waits goes on waiting.
    await page.route("**/v1/**", lambda route: route.abort())
    visitor.expect_complaint("net::ERR_FAILED")
    await go_offline(visitor, is_offline=False)
    await page.reload()
    await page.wait_for_selector("[data-update]:not([hidden])")
    assert "Kissa Sakura" in await page.locator("header").inner_text(), "not before it is let in"
    assert await visitor.find_barriers() == []
    await page.click("[data-update] button")
    await page.wait_for_selector("header .mark:has-text('喫茶さくら')")
    await wait_for_reports(visitor, left=1)
    await page.unroute("**/v1/**")
    await page.click("text=今日の記録")
    await page.click("[data-sync]")
    await wait_for_reports(visitor)
    names = await page.evaluate("caches.keys()")
    assert len([name for name in names if name.startswith(f"noren-till:{chain.code}:")]) == 1
    assert await faces.world.count("visits", chain.id) == 1


async def test_a_browser_that_cannot_verify_says_so_and_works_with_a_connection(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    first, second = [await (await chain.enrol()).take_card() for _ in range(2)]
    await visitor.context.add_init_script(NO_ED25519)
    await open_till(faces, visitor, chain, till)
    await visitor.page.locator("[data-fill=note_blind]:not([hidden])").wait_for()
    assert await visitor.find_barriers() == []
    assert await scan(visitor, first.make_code(utc_now())) == "welcome", "the server verifies it"
    await go_offline(visitor)
    assert await scan(visitor, second.make_code(utc_now())) == "no_ed25519"
    await wait_for_reports(visitor)
