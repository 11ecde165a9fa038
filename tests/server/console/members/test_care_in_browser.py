"""A member's other pages in a real Chromium: nothing bars the way; a void and a merge by keyboard."""

from kit.locales import LOCALES
from tests.server.console.members.test_members import add_member
from tests.server.console.test_console_in_browser import sign_in
from tests.support.faces import ServedFaces
from tests.support.stage import set_stage
from tests.support.visitors import Visitor


async def test_the_pages_of_a_member_bar_nobodys_way(faces: ServedFaces, visitor: Visitor) -> None:
    stage = await set_stage(await faces.world.add_chain())
    other = await add_member(stage.chain, "佐藤 花子")
    page, base = visitor.page, f"/console/members/{stage.member.id}"
    await sign_in(faces, visitor, stage.chain, await faces.add_owner(stage.chain))
    paths = [
        f"{base}/coupons",
        f"{base}/coupons/{stage.coupon_id}",
        f"{base}/messages",
        f"{base}/why?campaign={stage.campaign_id}",
        f"{base}/account",
        f"{base}/profile",
        f"{base}/export",
        f"{base}/merge?other={other.id}",
        "/console/coupons",
        "/console/members/erasures",
    ]
    for path in paths:
        await page.goto(faces.url(path))
        for locale in LOCALES:
            await visitor.speak(locale)
            assert await visitor.find_barriers() == [], path
    await page.goto(faces.url(f"{base}/coupons/{stage.coupon_id}"))
    await page.focus("#reason")
    await visitor.type("転売", "Tab", "Space", "Tab", "Enter")
    await page.wait_for_url("**/coupons/*?done=void")
    assert await page.get_by_role("status").inner_text() == "The coupon is voided."
    assert await visitor.find_barriers() == []
    await page.goto(faces.url(f"{base}/merge"))
    await page.focus("#number")
    await visitor.type(other.card_number, "Enter")
    await page.wait_for_url("**/merge?other=*")
    await page.focus("input[name=sure]")
    await visitor.type("", "Space", "Tab", "Enter")
    await page.wait_for_url(f"**{base}?done=merge")
    assert await page.get_by_role("status").inner_text() == "They are one member now."
