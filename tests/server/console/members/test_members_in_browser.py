"""Members in a real Chromium: found, looked at and corrected by keyboard."""

from kit.locales import LOCALES
from tests.server.console.members.test_members import SCRIPT, add_member, postings_of
from tests.server.console.test_console_in_browser import sign_in
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.visitors import Visitor
from tests.support.world import POINT_RULES, Chain, Member, Person


async def test_a_manager_finds_somebody_and_corrects_their_points_by_keyboard(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    assert (await chain.owner.put("/v1/program/points", POINT_RULES)).status_code == 200
    member = await add_member(chain, f"佐藤 花子{SCRIPT}", kana="サトウ ハナコ")
    await add_member(chain, "鈴木 一郎")
    page = visitor.page
    person = await faces.add_owner(chain)
    await sign_in(faces, visitor, chain, person)
    await page.goto(faces.url("/console/members"))
    await page.focus("#text")
    await visitor.type("さとう", "Enter")
    await page.wait_for_url("**/console/members?s=*")
    await page.reload()
    assert await page.input_value("#text") == "さとう", "a reload finds the same"
    assert await page.locator("tbody tr").count() == 1
    await page.focus("tbody a")
    await visitor.type("", "Enter")
    await page.wait_for_url(f"**/console/members/{member.id}")
    assert SCRIPT in await page.locator("h1").inner_text()
    for locale in LOCALES:
        await visitor.speak(locale)
        assert await visitor.find_barriers() == []
    await page.goto(faces.url(f"/console/members/{member.id}/points"))
    await page.focus("#points")
    await visitor.type("100", "Tab")
    await visitor.type("Sorry", "Enter")
    await page.get_by_role("status").wait_for()
    assert await page.locator("#balance").inner_text() == "100"
    await page.go_back()
    await page.wait_for_selector("#points")
    await page.fill("#points", "-500")
    await page.fill("#reason", "Too many")
    visitor.expect_complaint("status of 422")
    await page.press("#reason", "Enter")
    await page.get_by_role("alert").wait_for()
    assert await page.input_value("#reason") == "Too many"
    assert await page.evaluate("document.activeElement.id") == "points"
    assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
    assert await postings_of(chain, member) == [100]
    await lose_the_session_over_a_profile(faces, visitor, chain, person, member)


async def lose_the_session_over_a_profile(
    faces: ServedFaces, visitor: Visitor, chain: Chain, person: Person, member: Member
) -> None:
    """It expires while somebody types: what was typed stands there again after the sign-in, and is saved then."""
    page, path = visitor.page, f"/console/members/{member.id}/profile"
    await page.goto(faces.url(path))
    await page.fill("#nickname", f"花ちゃん{SCRIPT}"[:50])
    await page.select_option("#job", "student")
    await faces.world.pool.execute("UPDATE staff_sessions SET expires_at = now() WHERE staff_id = $1", person.id)
    await page.click("form.profile button")
    await page.wait_for_url("**/console/sign-in?ended=1&to=*")
    await page.fill("#program", chain.code)
    await page.fill("#email", person.email)
    await page.fill("#password", PASSWORD)
    await page.click("main button")
    await page.wait_for_url(f"**{path}")
    await page.get_by_role("status").wait_for()
    assert await page.input_value("#nickname") == f"花ちゃん{SCRIPT}"[:50]
    assert await page.input_value("#job") == "student"
    assert await visitor.find_barriers() == []
    await page.click("form.profile button")
    await page.wait_for_url(f"**/console/members/{member.id}?done=profile")
    await page.goto(faces.url(path))
    await page.wait_for_selector("#nickname")
    assert await page.locator("[data-typed-before]").count() == 0, "once"
