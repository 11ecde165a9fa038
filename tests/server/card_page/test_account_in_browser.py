"""The card's views about the member: consents, quiet hours, profile, devices, data, and a check-in in the shop."""

import zipfile

from tests.support.card_page import complaint, open_card, read_membership, show_view, told
from tests.support.faces import ServedFaces
from tests.support.lives import ok
from tests.support.samples import AWAY, DOOR
from tests.support.visitors import Visitor

SCRIPT = "<img src=x onerror=alert(1)>"


async def test_consents_quiet_hours_and_profile_are_the_members(faces: ServedFaces, visitor: Visitor) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    attribute = {
        "key": "drink", "kind": "one_of", "label": {"ja": SCRIPT}, "is_profiling": False, "writers": ["member"],
        "choices": [{"key": "tea", "label": {"ja": SCRIPT}}],
    }  # fmt: skip
    ok(await chain.owner.post("/v1/attributes", attribute))
    app = await open_card(faces, visitor, chain)
    await show_view(visitor, "choices")
    await page.check('[data-view=choices] [data-purpose="email"]')
    assert "記録しました" in await told(visitor, "choices")
    await page.uncheck('[data-view=choices] [data-purpose="email"]')
    await page.locator("[data-view=choices] [data-told]", has_text="取り消しました").wait_for()
    granted = [each["granted"] for each in ok(await app.get("/v1/me"))["consents"] if each["purpose"] == "email"]
    assert granted == [False]
    await page.fill("#quiet-start", "20:00")
    await page.click("[data-quiet] button >> nth=0")
    assert "入力してください" in await complaint(visitor, "choices")
    await page.fill("#quiet-end", "10:30")
    await page.click("[data-quiet] button >> nth=0")
    await told(visitor, "choices")
    assert ok(await app.get("/v1/me/quiet-hours"))["own"] == {"start": "20:00:00", "end": "10:30:00"}
    assert await visitor.find_barriers() == []
    yearless = {"year": None, "month": 2, "day": 29}
    ok(await app.patch("/v1/me/profile", {"birthday": yearless}))
    await show_view(visitor, "profile")
    await page.fill("#field-name", f"佐藤 {SCRIPT}")
    await page.click("[data-profile] > button")
    await told(visitor, "profile")
    assert ok(await app.get("/v1/me/profile"))["birthday"] == yearless, "what a field cannot show is not cleared"
    await show_view(visitor, "choices")
    await show_view(visitor, "profile")
    await page.fill("#field-birthday", "1996-02-28")
    await page.select_option("#field-drink", "tea")
    await page.click("[data-profile] > button")
    await told(visitor, "profile")
    profile = ok(await app.get("/v1/me/profile"))
    assert (profile["name"], profile["attributes"]) == (f"佐藤 {SCRIPT}", {"drink": "tea"})
    assert profile["birthday"] == {"year": 1996, "month": 2, "day": 28}
    assert await page.locator("[data-profile] img").count() == 0
    assert await visitor.find_barriers() == []


async def test_data_is_had_and_erased_and_nothing_of_it_stays(faces: ServedFaces, visitor: Visitor) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    app = await open_card(faces, visitor, chain)
    await show_view(visitor, "devices")
    await page.locator("[data-devices] li").wait_for()
    assert await visitor.find_barriers() == []
    await show_view(visitor, "data")
    async with page.expect_download() as coming:
        await page.click("[data-export]")
    saved = await (await coming.value).path()
    assert "README.txt" in zipfile.ZipFile(saved).namelist()
    await page.click("[data-erase]")
    assert await page.evaluate("document.activeElement.hasAttribute('data-erase-no')"), "what is safe comes first"
    assert await visitor.find_barriers() == []
    await page.click("[data-erase-no]")
    assert (await app.get("/v1/me")).is_success
    # One card's code proves one thing: the next one is made half a minute later.
    await faces.world.pool.execute("UPDATE card_keys SET proved_step = 0 WHERE program_id = $1", chain.id)
    await page.click("[data-erase]")
    await page.click("[data-erase-now]")
    await page.wait_for_selector('[data-card-app][data-shown="erased"]')
    assert (await app.get("/v1/me")).status_code == 401
    assert await read_membership(visitor, chain) == {}, "nothing is left in the browser"
    assert await visitor.find_barriers() == []
    await page.reload()
    await page.wait_for_selector('[data-card-app][data-shown="erased"]')


async def test_a_check_in_needs_a_place_that_the_shop_believes(faces: ServedFaces, visitor: Visitor) -> None:
    chain, page, context = await faces.world.add_chain(), visitor.page, visitor.context
    store = await chain.add_store(name=SCRIPT)
    await chain.add_geofence(store)
    ok(await chain.owner.put("/v1/program/visits", {"by_store_qr": True, "by_dwell": False}))
    code = ok(await chain.owner.get(f"/v1/stores/{store}/check-in-code"))["code"]
    app = await open_card(faces, visitor, chain)
    await show_view(visitor, "check-in", f"/{code}")
    await page.click("[data-check-in]")
    assert "許可されていません" in await complaint(visitor, "check-in")
    await context.grant_permissions(["geolocation"], origin=faces.origin("card"))
    visitor.expect_complaint("status of 422")
    await context.set_geolocation({"latitude": AWAY["lat"], "longitude": AWAY["lon"], "accuracy": 10})
    await page.click("[data-check-in]")
    assert "離れている" in await complaint(visitor, "check-in")
    await context.set_geolocation({"latitude": DOOR["lat"], "longitude": DOOR["lon"], "accuracy": 3000})
    await page.click("[data-check-in]")
    await page.locator("[data-view=check-in] [data-complaint]", has_text="精度").wait_for()
    await context.set_geolocation({"latitude": DOOR["lat"], "longitude": DOOR["lon"], "accuracy": 10})
    await page.click("[data-check-in]")
    await page.locator("[data-view=check-in] [data-step=done]:not([hidden])").wait_for()
    assert await page.locator('[data-view=check-in] [data-fill="store"]').inner_text() == SCRIPT
    assert await visitor.find_barriers() == []
    assert len(ok(await app.get("/v1/me/visits"))["items"]) == 1
