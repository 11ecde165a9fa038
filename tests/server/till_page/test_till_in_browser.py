"""The till in a real Chromium, with a network: paired, scanned, undone, in both languages, by keyboard."""

from kit.clock import utc_now
from kit.locales import LOCALES
from tests.support.faces import ServedFaces
from tests.support.till_pages import issue_code, open_till, scan, verdict
from tests.support.visitors import Visitor

SCRIPT = "<img src=x onerror=alert(1)>"


async def test_a_device_becomes_a_till_by_a_code_that_is_good_once(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store(name=f"新宿店{SCRIPT}"))
    page, code = visitor.page, await issue_code(chain, till)
    visitor.expect_complaint("status of 410")
    await page.goto(faces.url(f"/till/{chain.code}/"))
    for locale in LOCALES:
        await visitor.speak(locale)
        await page.wait_for_selector("[data-view=pair]:not([hidden])")
        assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
    await issue_code(chain, till)
    await page.locator("#pairing").focus()
    await visitor.type(code, "Enter")
    await page.locator("#pair-fault:visible").wait_for()
    assert "can be used no more" in await page.locator("#pair-fault").inner_text()
    await page.fill("#pairing", f"{faces.url(f'/till/{chain.code}/')}#pair={await issue_code(chain, till)}")
    await page.locator("#pairing").press("Enter")
    await page.wait_for_selector("[data-view=counter]:not([hidden])")
    assert f"新宿店{SCRIPT} · Register 1" in await page.locator("header").inner_text()
    assert "nrnc_" not in await page.evaluate("location.href + history.length")
    visitor.expect_complaint("status of 401")
    taken = {"program": chain.code, "code": await issue_code(chain, till)}
    assert (await faces.world.http.post("/v1/till-pairings", json=taken)).status_code == 201, "another device has it"
    await page.reload()
    await page.click("[data-ended] button")
    await page.wait_for_selector("[data-view=pair]:not([hidden])")
    assert await page.evaluate("document.activeElement.tagName") == "H1"
    await page.fill("#pairing", await issue_code(chain, till))
    await page.locator("#pairing").press("Enter")
    await page.wait_for_selector("[data-view=counter]:not([hidden])")
    await page.locator("[data-ended]").wait_for(state="hidden")


async def test_cards_are_judged_said_and_undone(faces: ServedFaces, visitor: Visitor) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    member, stranger = await chain.enrol(), await rival.enrol()
    phone, foreign = await member.take_card(), await stranger.take_card()
    page = visitor.page
    visitor.expect_complaint("status of 422")
    await open_till(faces, visitor, chain, till)
    code = phone.make_code(utc_now())
    assert await scan(visitor, code) == "welcome"
    for locale in LOCALES:
        await page.goto(faces.url(f"/till/{chain.code}/?lang={locale}"))
        await page.wait_for_selector(f"html[lang={locale}] [data-view=counter]:not([hidden])")
        assert await scan(visitor, code) == "replayed"
        assert await visitor.find_barriers() == []
    assert await scan(visitor, foreign.make_code(utc_now())) == "foreign_program"
    assert await scan(visitor, phone.make_code_of_step(int(utc_now().timestamp()) // 30 - 20)) == "old"
    assert await scan(visitor, "4901234567894") == "card_unknown"
    assert await scan(visitor, "https://example.com/") == "not_a_code"
    visits = "SELECT count(*) FROM visits WHERE member_id = $1 AND undone_at IS NULL"
    assert await scan(visitor, f"]E0{member.card_number}") == "low_trust"
    assert await visitor.find_barriers() == [], "with a purchase"
    assert await visitor.find_faint_in_the_dark() == []
    await page.click("[data-undo]")
    await page.wait_for_selector("[data-verdict][data-reason=undone]")
    assert await faces.world.pool.fetchval("SELECT count(*) FROM visit_evidence WHERE member_id = $1", member.id) == 2
    assert await faces.world.pool.fetchval(visits.replace(" AND undone_at IS NULL", ""), member.id) == 1


async def test_a_purchase_by_keyboard_and_back(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    phone = await (await chain.enrol()).take_card()
    page = visitor.page
    await open_till(faces, visitor, chain, till)
    await visitor.type(phone.make_code(utc_now()))
    assert await verdict(visitor) == "welcome", "a whole code needs no Enter"
    await page.wait_for_selector("#amount:focus")
    await visitor.type("1200", "Enter")
    await page.wait_for_selector("[data-verdict][data-reason=purchase_done]")
    assert await faces.world.pool.fetchval("SELECT amount FROM purchases WHERE program_id = $1", chain.id) == 1200
    await page.wait_for_selector("[data-undo-sale]:focus")
    await visitor.type("", "Enter")
    await page.wait_for_selector("[data-verdict][data-reason=purchase_undone]")
    assert await faces.world.pool.fetchval("SELECT refunded FROM purchases WHERE program_id = $1", chain.id) == 1200
    for locale in LOCALES:
        await page.goto(faces.url(f"/till/{chain.code}/?lang={locale}#today"))
        await page.wait_for_selector(f"html[lang={locale}] [data-deeds] li")
        assert await page.locator("[data-fill=count_purchase]").inner_text() == "1"
        assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
