"""The way in with a second factor, in a real Chromium: an authenticator, a passkey of a virtual device."""

import re

import pyotp

from kit.clock import utc_now
from kit.database import in_transaction
from kit.locales import LOCALES
from server.backoffice.staff_links import issue_sign_in_link
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import Chain, Person


async def type_password(faces: ServedFaces, visitor: Visitor, chain: Chain, person: Person) -> None:
    page = visitor.page
    await page.goto(faces.url("/console/sign-in"))
    await page.fill("#program", chain.code)
    await page.fill("#email", person.email)
    await page.fill("#password", PASSWORD)
    await page.click("main form button")


async def sign_out(visitor: Visitor) -> None:
    await visitor.page.click("header form button")
    await visitor.page.wait_for_url("**/console/sign-in?signed_out=1")


async def test_an_authenticator_is_set_up_and_asked_for(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    person, page = await faces.add_owner(chain), visitor.page
    await type_password(faces, visitor, chain, person)
    await page.wait_for_url("**/console/overview")
    await page.goto(faces.url("/console/account"))
    for locale in LOCALES:
        await visitor.speak(locale)
        assert await visitor.find_barriers() == [], locale
    assert await visitor.find_faint_in_the_dark() == []
    await page.click("a[href='/console/account/authenticator']")
    await page.wait_for_url("**/console/account/authenticator")
    secret = await page.locator(".secret").inner_text()
    visitor.expect_complaint("status of 422")
    await page.fill("#code", "000000")
    await page.click("main form button")
    await page.get_by_role("alert").wait_for()
    assert await page.locator(".secret").inner_text() == secret, "a wrong code does not make another QR"
    assert await visitor.find_barriers() == []
    await page.fill("#code", pyotp.TOTP(secret).now())
    await page.click("main form button")
    await page.locator(".codes").wait_for()
    codes = await page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    assert await visitor.find_barriers() == []
    await sign_out(visitor)
    await type_password(faces, visitor, chain, person)
    await page.wait_for_url("**/console/sign-in/second-factor")
    assert await visitor.find_barriers() == []
    await page.goto(faces.url("/console/overview"))
    await page.wait_for_url("**/console/sign-in**")
    await page.goto(faces.url("/console/sign-in/second-factor"))
    await page.wait_for_function("() => document.activeElement.id === 'code'")
    await visitor.type(codes[0], "Enter")
    await page.wait_for_url("**/console/overview")


async def test_a_passkey_signs_in_alone_and_after_a_password(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    person, page = await faces.add_owner(chain), visitor.page
    session = await visitor.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    added = await session.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    await type_password(faces, visitor, chain, person)
    await page.wait_for_url("**/console/overview")
    await page.goto(faces.url("/console/account/passkeys/new"))
    assert await visitor.find_barriers() == []
    await page.fill("#name", "<b>iPad</b>")
    await page.click("main form button")
    await page.wait_for_url("**/console/account")
    assert "<b>iPad</b>" in await page.locator("details summary").first.inner_text()
    await sign_out(visitor)
    await page.goto(faces.url("/console/sign-in/passkey"))
    assert await visitor.find_barriers() == []
    await page.click("main form button")
    await page.wait_for_url("**/console/overview")
    await sign_out(visitor)
    await type_password(faces, visitor, chain, person)
    await page.wait_for_url("**/console/sign-in/second-factor")
    await page.click("form[data-passkey] button")
    await page.wait_for_url("**/console/overview")
    await sign_out(visitor)
    # A device that did not ask who holds it does not stand for a password.
    visitor.expect_complaint("status of 422")
    await session.send(
        "WebAuthn.setUserVerified", {"authenticatorId": added["authenticatorId"], "isUserVerified": False}
    )
    await page.goto(faces.url("/console/sign-in/passkey"))
    await page.click("main form button")
    await page.get_by_role("alert").wait_for()
    assert re.search("/console/sign-in/passkey", page.url)


async def test_a_link_of_the_operator_signs_in_once(faces: ServedFaces, visitor: Visitor) -> None:

    chain = await faces.world.add_chain()
    person, page = await faces.add_owner(chain), visitor.page
    origin = faces.origin("console")
    link = await in_transaction(faces.world.pool, lambda conn: issue_sign_in_link(conn, origin, person.id, utc_now()))
    await page.goto(link)
    await page.wait_for_function("() => location.hash === ''")
    assert await visitor.find_barriers() == []
    await page.click("main form button")
    await page.wait_for_url("**/console/overview")
    await sign_out(visitor)
    await page.goto(link)
    await page.wait_for_function("() => location.hash === ''")
    await page.click("main form button")
    await page.wait_for_url("**/console/sign-in?link_ended=1")
    await page.get_by_role("status").wait_for()
