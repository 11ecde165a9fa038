"""Coupons, stamps, points and stores on the card's page, in a real Chromium."""

from server.card_page.offer_words import SAID as OFFERED
from tests.support.browsers import read_code, take_card, wait_for_worker
from tests.support.faces import ServedFaces
from tests.support.samples import AWAY
from tests.support.visitors import Visitor
from tests.support.world import POINT_RULES

SCRIPT = "<img src=x onerror=alert(1)>"
VIEWS = ("coupons", "points", "stores")


async def test_what_a_scan_earns_is_seen_used_and_kept_for_when_there_is_no_network(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    assert (await chain.owner.patch("/v1/program", {"name": f"喫茶{SCRIPT}"})).status_code == 200
    store = await chain.add_store(name=f"本店{SCRIPT}", address="東京都新宿区", phone="03-1234-5678")
    till = (await chain.add_till(store)).at
    await chain.owner.put("/v1/program/points", POINT_RULES)
    text = {"title": f"コーヒー{SCRIPT}", "body": "一杯どうぞ。", "terms": "一回限り。"}
    twice = {"coupon_uses": 2, "conditions": {"usable_offline": True}}
    await chain.add_campaign(trigger={"kind": "visit"}, offer={"ja": text}, **twice)
    code = await take_card(faces, visitor, chain)
    scanned = await till.post("/v1/scans", {"card": code})
    assert scanned.json()["coupons_issued"] == 1, scanned.text
    await page.reload()
    await page.wait_for_selector("[data-view=home] .offer")
    assert SCRIPT in await page.inner_text("[data-view=home] .offer b")
    await wait_for_worker(visitor)
    for view in VIEWS:
        await page.goto(faces.url(f"/card/{chain.code}/#/{view}"))
        await page.wait_for_selector(f"[data-shown={view}]")
        await page.wait_for_selector(f"[data-view={view}] [data-fill=as_of]:visible")
        assert await visitor.find_barriers() == [], view
    assert SCRIPT in await page.inner_text("[data-view=stores] .rows b")
    await visitor.context.grant_permissions(["geolocation"], origin=faces.origin("card"))
    await visitor.context.set_geolocation({"latitude": AWAY["lat"], "longitude": AWAY["lon"], "accuracy": 10})
    await page.click("[data-near]")
    await page.locator("[data-view=stores] [data-fill=distance]:not([hidden])").wait_for()
    await page.goto(faces.url(f"/card/{chain.code}/#/coupons"))
    await page.click("[data-view=coupons] .offer")
    await page.wait_for_selector("[data-coupon=open] [data-code]")
    assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
    shown = await page.get_attribute("[data-coupon-code=online]", "data-code")
    for part in ("net::ERR_INTERNET_DISCONNECTED", "Failed to load resource"):
        visitor.expect_complaint(part)
    await visitor.context.set_offline(True)
    await page.reload()
    await page.wait_for_selector("[data-coupon=open] [data-code]")
    assert await page.get_attribute("[data-coupon-code=online]", "data-code") == shown
    signed = await page.get_attribute("[data-coupon-code=offline]", "data-code")
    assert signed is not None
    assert signed.startswith("N1F")
    await visitor.context.set_offline(False)
    redeemed = await till.post("/v1/redemptions", {"coupon": shown})
    assert redeemed.status_code == 201, redeemed.text
    named = redeemed.json()
    path = f"/v1/members/{named['member_id']}/coupons/{named['coupon_id']}/void"
    assert (await chain.owner.post(path, {"reason": "It was sold."})).status_code == 200
    await page.wait_for_selector("[data-coupon=over]")
    state = await page.inner_text("[data-fill=state]:visible")
    assert state in OFFERED["voided"], state


async def test_by_keyboard_and_in_both_languages_empty_views_say_what_to_do_next(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    await page.goto(faces.url(f"/card/{chain.code}/"))
    await page.focus("[data-join]:enabled")
    await visitor.type("", "Enter")
    await read_code(visitor)
    await wait_for_worker(visitor)
    await look_at_empty_views(visitor)
    async with page.expect_response("**/v1/me/device") as told:
        await visitor.speak("en")
    assert (await told.value).status == 204, "coupons and messages come in it from now on"
    await read_code(visitor)
    await look_at_empty_views(visitor)
    assert await visitor.find_faint_in_the_dark() == []
    await page.reload()
    assert await page.get_attribute("html", "lang") == "en", "the page that was kept speaks it too"


async def look_at_empty_views(visitor: Visitor) -> None:
    page = visitor.page
    assert await visitor.find_barriers() == []
    for view in VIEWS:
        await page.click(f'[data-tabs] a[href="#/{view}"]')
        await page.wait_for_selector(f"[data-shown={view}]")
        await page.locator(f"[data-view={view}] .none-yet").first.wait_for()
        assert await page.evaluate("document.activeElement.tagName") == "H1"
    await page.click('[data-tabs] a[href="#/home"]')
    await page.wait_for_selector("[data-shown=home]")
