"""The console in a real Chromium."""

from kit.locales import LOCALES
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import Chain, Person

SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>"


async def sign_in(faces: ServedFaces, visitor: Visitor, chain: Chain, person: Person) -> None:
    """By keyboard alone: the first key leads past what stands before the content."""
    page = visitor.page
    await page.goto(faces.url("/console/stores"))
    await visitor.type("", "Tab", "Enter", "Tab")
    await visitor.type(chain.code, "Tab")
    await visitor.type(person.email, "Tab")
    await visitor.type(PASSWORD, "Enter")
    await page.wait_for_url(faces.url("/console/stores"))


async def test_a_manager_signs_in_reads_and_signs_out_by_keyboard(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    person = await faces.add_owner(chain)
    page = visitor.page
    await sign_in(faces, visitor, chain, person)
    assert await visitor.find_barriers() == [], "without a store"
    await chain.add_store(name=SCRIPT, address="東京都新宿区", phone="03-1234-5678", store_groups=["関東"])
    await page.reload()
    assert SCRIPT in await page.locator("tbody th").inner_text()
    for locale in LOCALES:
        await visitor.speak(locale)
        assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
    await page.locator("header form button").focus()
    await visitor.type("", "Enter")
    await page.wait_for_url(faces.url("/console/sign-in?signed_out=1"))
    assert await page.get_by_role("status").inner_text() == "You have signed out."
    await page.go_back()
    assert await page.locator("#password").count() == 1, "what was shown is not shown again from memory"


async def test_the_sign_in_keeps_what_was_typed_and_says_what_is_wrong(faces: ServedFaces, visitor: Visitor) -> None:
    page = visitor.page
    visitor.expect_complaint("status of 422")
    await page.goto(faces.url("/console/sign-in"))
    for locale in LOCALES:
        await visitor.speak(locale)
        assert await visitor.find_barriers() == []
        await page.fill("#program", SCRIPT)
        await page.fill("#email", "sato@example.com")
        await page.fill("#password", "wrong")
        await page.click("main button")
        await page.get_by_role("alert").wait_for()
        assert await page.input_value("#program") == SCRIPT[:40]
        assert await page.input_value("#email") == "sato@example.com"
        assert await page.input_value("#password") == ""
        assert await page.evaluate("document.activeElement.id") == "password"
    assert await visitor.find_barriers() == [], "with an error"
    assert await visitor.find_faint_in_the_dark() == []


async def test_a_page_of_the_list_is_swapped_in_and_the_keyboard_goes_on_there(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    for number in range(51):
        await chain.add_store(name=f"Store {number}")
    page = visitor.page
    await sign_in(faces, visitor, chain, await faces.add_owner(chain))
    await page.evaluate("window.isTheSamePage = true")
    await page.locator(".pages .go").focus()
    await visitor.type("", "Enter")
    await page.wait_for_url("**/console/stores?cursor=*")
    assert await page.locator("tbody th").all_inner_texts() == [f"Store 0{await code_of(visitor)}"]
    assert await page.evaluate("window.isTheSamePage"), "htmx has swapped it"
    await page.wait_for_function("() => document.activeElement.tagName === 'H1'")
    assert await visitor.find_barriers() == []
    await page.reload()
    assert await page.locator("tbody th").count() == 1, "the address is that of what is shown"
    await page.go_back()
    await page.wait_for_function("() => document.querySelectorAll('tbody th').length === 50")


async def code_of(visitor: Visitor) -> str:
    return "\n" + await visitor.page.locator("tbody .code").inner_text()


async def test_a_session_that_ended_meanwhile_leads_to_the_sign_in_and_back(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    for number in range(51):
        await chain.add_store(name=f"Store {number}")
    person, page = await faces.add_owner(chain), visitor.page
    await sign_in(faces, visitor, chain, person)
    await faces.world.pool.execute("DELETE FROM staff_sessions WHERE staff_id = $1", person.id)
    await page.click(".pages .go")
    await page.wait_for_url("**/console/sign-in?ended=1&to=*")
    await page.get_by_role("status").wait_for()
    await page.fill("#program", chain.code)
    await page.fill("#email", person.email)
    await page.fill("#password", PASSWORD)
    await page.click("main button")
    await page.wait_for_url("**/console/stores?cursor=*")
    assert await page.locator("tbody th").count() == 1


async def test_what_cannot_be_had_is_said_and_what_is_there_stays(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    for number in range(51):
        await chain.add_store(name=f"Store {number}")
    page = visitor.page
    await sign_in(faces, visitor, chain, await faces.add_owner(chain))
    visitor.expect_complaint("net::ERR_INTERNET_DISCONNECTED")
    visitor.expect_complaint("Failed to fetch")
    await visitor.context.set_offline(True)
    await page.click(".pages .go")
    await page.get_by_role("alert").wait_for()
    assert await page.locator("tbody th").count() == 50
    await visitor.context.set_offline(False)
    await page.click(".pages .go")
    await page.wait_for_url("**/console/stores?cursor=*")
    assert not await page.locator("[data-connection-lost]").is_visible()
    visitor.expect_complaint("status of 400")
    await page.evaluate("document.querySelector('.pages a').setAttribute('hx-get', '/console/stores?cursor=nonsense')")
    await page.click(".pages a")
    await page.locator("main .empty h1").wait_for()
    assert await page.locator("main").count() == 1, "the error stands where the content stood"


async def test_a_page_of_another_face_does_nothing_in_a_managers_name(faces: ServedFaces, visitor: Visitor) -> None:
    """The hosts are one site, so the browser sends the cookie along: only its word on the origin tells them apart."""
    chain = await faces.world.add_chain()
    await sign_in(faces, visitor, chain, await faces.add_owner(chain))
    page = visitor.page
    visitor.expect_complaint("Content Security Policy")
    visitor.expect_complaint("status of 403")
    visitor.expect_complaint("Refused to")
    visitor.expect_complaint("net::ERR_")
    await page.goto(faces.url(f"/till/{chain.code}/check"))
    home = faces.url("/console/stores")
    fetched = await page.evaluate("url => fetch(url, {credentials: 'include'}).then(() => true, () => false)", home)
    assert fetched is False
    # What is still on its way would end the next visit: the browser's refusal is waited for.
    refused = await page.evaluate(
        "url => new Promise(settle => { document.addEventListener('securitypolicyviolation',"
        " event => event.effectiveDirective === 'form-action' && settle(event.blockedURI));"
        " const form = document.createElement('form'); form.method = 'post'; form.action = url;"
        " document.body.append(form); form.submit(); })",
        faces.url("/console/sign-out"),
    )
    assert refused.startswith(faces.origin("console"))
    await page.goto(home)
    assert await page.locator("header form").count() == 1, "still signed in"


async def test_no_script_comes_in_by_a_text(faces: ServedFaces, visitor: Visitor) -> None:
    """As a script that somebody has smuggled in would try it."""
    chain = await faces.world.add_chain()
    await sign_in(faces, visitor, chain, await faces.add_owner(chain))
    for part in ("Content Security Policy", "TrustedHTML", "TrustedScript", "TrustedTypePolicy", "requires 'Trusted"):
        visitor.expect_complaint(part)
    script = "const s = document.createElement('script');"
    attempts = {
        "an inline script": f"{script} s.append('window.hit = 1'); document.body.append(s)",
        "markup": "document.body.innerHTML = '<p>hit</p>'",
        "an address elsewhere": "document.createElement('script').src = 'http://evil.localhost/x.js'",
        "a policy of its own": "trustedTypes.createPolicy('mine', {createHTML: text => text}); window.hit = 1",
        "a handler in markup": "document.body.setAttribute('onclick', 'window.hit = 1'); document.body.click()",
        "a timer": "setTimeout('window.hit = 1', 0)",
    }
    for what, attempt in attempts.items():
        refused = await visitor.page.evaluate(f"() => {{ try {{ {attempt} }} catch (error) {{ return error.name }} }}")
        assert refused == "TypeError" or what in ("an inline script", "a handler in markup"), (what, refused)
    assert await visitor.page.evaluate("window.hit === undefined && document.querySelector('h1') !== null")
