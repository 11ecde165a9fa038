"""Campaigns in a real Chromium: written, rehearsed and started, mostly by keyboard."""

from kit.locales import LOCALES
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import DOOR, Chain, Person, fix

SCRIPT = "<img src=x onerror=alert(1)>"
DISCARD_WHILE_ROWS_COME = """() => {
  document.querySelector("[data-discard]").click();
  document.dispatchEvent(new Event("htmx:after:swap"));
}"""


async def sign_in(faces: ServedFaces, visitor: Visitor, chain: Chain, person: Person) -> None:
    page = visitor.page
    await page.goto(faces.url("/console/sign-in?lang=en"))
    await page.fill("#program", chain.code)
    await page.fill("#email", person.email)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "sign-in" not in url)


async def open_a_store_that_somebody_visits(chain: Chain) -> None:
    store = await chain.add_store(name=f"Shibuya {SCRIPT}")
    await chain.add_geofence(store)
    member = await chain.enrol()
    await member.app.post("/v1/locations", {"fixes": [fix(DOOR, ago_s=30)]})


async def find_no_barrier(visitor: Visitor) -> None:
    """In both languages."""
    for locale in LOCALES:
        await visitor.speak(locale)
        assert await visitor.find_barriers() == []
    await visitor.speak("en")


async def rehearse_on_the_map(visitor: Visitor) -> None:
    page = visitor.page
    await page.get_by_role("button", name="Rehearse it").click()
    await page.locator("#by-store [data-count='1']").wait_for()
    visitor.expect_complaint("GPU stall due to ReadPixels")  # of a driver without a GPU, as axe looks at the map
    await page.get_by_text("On the map").click()
    await page.wait_for_function("() => document.querySelector('[data-counts-map]')?.dataset.mapIdle !== undefined")
    assert await visitor.find_barriers() == [], "with the map"


async def test_a_campaign_is_written_and_started_by_keyboard(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    await open_a_store_that_somebody_visits(chain)
    page = visitor.page
    await sign_in(faces, visitor, chain, await faces.add_owner(chain))
    await page.goto(faces.url("/console/campaigns"))
    assert await visitor.find_barriers() == [], "without a campaign"
    await page.get_by_role("link", name="Write a campaign").focus()
    await visitor.type("", "Enter")
    await page.wait_for_url("**/console/campaigns/new")
    await page.locator("#name").focus()
    await visitor.type("Welcome")
    await page.get_by_label("Chosen stores").focus()
    await visitor.type("", "Space")
    await page.locator("#store").get_by_label("Shibuya").focus()
    await visitor.type("", "Space")
    await page.locator("#benefit").focus()
    await visitor.type("A per")
    await page.locator("[name=allow_anonymous]").evaluate("box => { box.checked = true }")
    await page.locator("#benefit_percent").focus()
    await visitor.type("10")
    await page.locator("#frequency").select_option("monthly")
    await page.locator("#offer_ja_title").focus()
    await visitor.type("ようこそ")
    await page.locator("#offer_ja_body").focus()
    await page.get_by_role("button", name="Store", exact=True).focus()
    await visitor.type("", "Enter")
    await page.locator("#sentence", has_text="walks in at Shibuya").wait_for()
    await page.locator("#sentence", has_text="give 10 % off, once a month.").wait_for()
    assert await page.input_value("#offer_ja_body") == "{store}"
    assert await page.locator("#trigger_minutes").is_hidden()
    for locale in LOCALES:
        await page.evaluate("lang => { document.documentElement.lang = lang }", locale)
        assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
    await page.get_by_role("button", name="Show how it will look").focus()
    await visitor.type("", "Enter")
    await page.locator("#previews .notification", has_text="Shibuya").wait_for()
    await page.get_by_role("button", name="Save as a draft").focus()
    await visitor.type("", "Enter")
    await page.get_by_role("button", name="Start").wait_for()
    assert await page.evaluate("sessionStorage.length") == 0, "what is saved is kept no more"
    await find_no_barrier(visitor)
    await rehearse_on_the_map(visitor)
    await page.get_by_role("button", name="Start").focus()
    await visitor.type("", "Enter")
    await page.get_by_role("button", name="Pause").wait_for()
    await page.goto(faces.url("/console/campaigns"))
    assert await page.locator(".state.running").count() == 1
    assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []


async def test_what_is_typed_outlasts_faults_a_reload_and_an_ended_session(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    person, page = await faces.add_owner(chain), visitor.page
    await sign_in(faces, visitor, chain, person)
    visitor.expect_complaint("status of 422")
    await page.goto(faces.url("/console/campaigns/new"))
    await page.fill("#name", SCRIPT)
    await page.select_option("#trigger", "stay")
    await page.fill("#trigger_minutes", "soon")
    await page.click(".ending button")
    await page.locator("#trigger_minutes-fault").wait_for()
    assert await page.evaluate("document.activeElement.id") == "faults"
    assert await page.input_value("#name") == SCRIPT
    assert await visitor.find_barriers() == []
    await page.goto(faces.url("/console/campaigns/new"))
    await page.locator("[data-kept-note]").wait_for()
    assert await page.input_value("#name") == SCRIPT
    assert await page.input_value("#trigger_minutes") == "soon"
    await page.get_by_role("button", name="Add a step").click()
    await page.wait_for_function("() => document.activeElement?.textContent === 'Step 1'")
    await page.fill("#step_0_ja_title", "Still there")
    assert await page.locator("#step_0_campaign").is_hidden()
    await page.goto(faces.url("/console/campaigns/new"))
    await page.locator("#step_0_ja_title").wait_for()
    assert await page.input_value("#step_0_ja_title") == "Still there"
    assert await page.input_value("#trigger_minutes") == "soon"
    assert await visitor.find_barriers() == [], "with a step"
    await page.fill("#name", "Later")
    await faces.world.pool.execute("DELETE FROM staff_sessions WHERE staff_id = $1", person.id)
    await page.click(".ending button")
    await page.wait_for_url("**/console/sign-in?*")
    await page.fill("#program", chain.code)
    await page.fill("#email", person.email)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/campaigns/new")
    await page.locator("[data-kept-note]").wait_for()
    assert await page.input_value("#name") == "Later"
    await page.evaluate(DISCARD_WHILE_ROWS_COME)
    await page.wait_for_function("() => document.querySelector('#name')?.value === ''")


async def test_an_audience_is_counted_as_it_is_written_and_a_mail_is_shown_where_nothing_runs(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    await chain.enrol()
    page = visitor.page
    await sign_in(faces, visitor, chain, await faces.add_owner(chain))
    await page.goto(faces.url("/console/audiences/new"))
    await page.fill("#name", "Newcomers")
    await page.select_option("#g0r0_type", "joined")
    await page.fill("#g0r0_most", "7")
    await page.locator("#g0r0_most").blur()
    await page.locator("#size strong", has_text="1").wait_for()
    assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
    await page.click(".ending button")
    await page.get_by_role("link", name="Newcomers").wait_for()
    assert await visitor.find_barriers() == []
    await page.goto(faces.url("/console/campaigns/new"))
    await page.select_option("#trigger", "joined")
    await page.fill("#offer_en_title", "Welcome")
    await page.fill("#offer_en_body", "A coffee is on us.")
    await page.fill("#name", "Welcome")
    await page.click("details[data-open-for=email] summary")
    await page.fill("#email_en_subject", "Welcome")
    await page.fill("#email_en_body", "# Hello\n\nA coffee is **on us**.")
    await page.get_by_role("button", name="Show how it will look").click()
    await page.locator("#previews .letter").wait_for()
    await page.locator("#previews button[name=mail_in][value=en]").click()
    mail = page.frame_locator("iframe[name=mail]")
    await mail.locator("strong", has_text="on us").wait_for()
    assert await page.locator("iframe[name=mail]").get_attribute("sandbox") == ""
    await chain.add_campaign()
    await page.goto(faces.url("/console/calendar"))
    await find_no_barrier(visitor)
    assert await visitor.find_faint_in_the_dark() == []
