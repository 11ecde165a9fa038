"""The door from LINE, with a script in the place of LINE's and LINE's own check by its double."""

from typing import TYPE_CHECKING, Any

import pytest

from devtools.line_double import LineDouble
from server.card_page.liff_routes import LIFF_SDK
from tests.support.card_page import read_membership
from tests.support.faces import ServedFaces
from tests.support.line import LOGIN_CHANNEL
from tests.support.lives import ok
from tests.support.visitors import Visitor
from tests.support.waiting import until
from tests.support.world import Chain

if TYPE_CHECKING:
    from playwright.async_api import Route

LIFF_ID = f"{LOGIN_CHANNEL}-8abcdefg"


@pytest.fixture
def line_login(faces: ServedFaces, line: LineDouble, monkeypatch: pytest.MonkeyPatch) -> LineDouble:
    """LINE's check of a token is the double's."""
    login = faces.app.state.services.line_login
    monkeypatch.setattr(login, "_url", f"{line.endpoint}/oauth2/v2.1/verify")
    return line


async def connect(chain: Chain) -> None:
    body = {
        "channel_id": "1650000001",
        "channel_secret": "s" * 32,
        "access_token": "t",
        "login_channel_id": LOGIN_CHANNEL,
    }
    ok(await chain.owner.put("/v1/program/line", body | {"liff_id": LIFF_ID}))


async def come_from_line(faces: ServedFaces, visitor: Visitor, chain: Chain, user: str, token: str) -> None:
    async def answer(route: "Route") -> None:
        tells = f"getIDToken: () => '{token}', getDecodedIDToken: () => ({{ sub: '{user}' }})"
        double = f"window.liff = {{ init: async () => {{}}, isLoggedIn: () => true, {tells} }};"
        await route.fulfill(body=double, content_type="text/javascript")

    await visitor.context.unroute(LIFF_SDK)
    await visitor.context.route(LIFF_SDK, answer)
    await visitor.page.goto(faces.url(f"/card/{chain.code}/liff"))


async def linked_to(chain: Chain, user: str, line: LineDouble, member: Any) -> None:
    ok(await member.app.put("/v1/me/line", {"id_token": line.add_id_token(LOGIN_CHANNEL, user)}))


async def test_who_comes_from_line_has_the_card_of_their_account(
    faces: ServedFaces, visitor: Visitor, line_login: LineDouble
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    await connect(chain)
    visitor.expect_complaint("status of 409")  # the account is nobody's
    # Nobody's yet: a card is made, and linked.
    await come_from_line(faces, visitor, chain, "Unew", line_login.add_id_token(LOGIN_CHANNEL, "Unew"))
    await page.locator("[data-new]:not([hidden])").wait_for()
    assert await visitor.find_barriers() == []
    await page.click("[data-new]")
    await page.click("[data-join]:enabled")
    await page.wait_for_selector("[data-card-code]")
    kept = await read_membership(visitor, chain)
    app = faces.world.caller(str(kept["token"]))
    linked = "SELECT count(*) FROM line_links WHERE program_id = $1"
    await until(lambda: faces.world.pool.fetchval(linked, chain.id))
    # The same person once more: no further device.
    await come_from_line(faces, visitor, chain, "Unew", line_login.add_id_token(LOGIN_CHANNEL, "Unew"))
    await page.wait_for_selector("[data-card-code]")
    assert len(ok(await app.get("/v1/me/devices"))["items"]) == 1


async def test_another_account_asks_before_it_takes_the_place(
    faces: ServedFaces, visitor: Visitor, line_login: LineDouble
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    await connect(chain)
    visitor.expect_complaint("status of 409")
    owner = await chain.enrol()
    await linked_to(chain, "Uowner", line_login, owner)
    await come_from_line(faces, visitor, chain, "Unew", line_login.add_id_token(LOGIN_CHANNEL, "Unew"))
    await page.click("[data-new]:not([hidden])")
    await page.click("[data-join]:enabled")
    await page.wait_for_selector("[data-card-code]")
    former = (await read_membership(visitor, chain))["memberId"]
    await come_from_line(faces, visitor, chain, "Uowner", line_login.add_id_token(LOGIN_CHANNEL, "Uowner"))
    await page.locator("[data-step=other]:not([hidden])").wait_for()
    assert (await read_membership(visitor, chain))["memberId"] == former
    await page.click("[data-switch]")
    await page.wait_for_selector('[data-card-app][data-shown="home"]')
    assert (await read_membership(visitor, chain))["memberId"] == str(owner.id)


async def test_a_token_that_line_does_not_know_opens_nothing(
    faces: ServedFaces, visitor: Visitor, line_login: LineDouble
) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    assert (await faces.get(f"/card/{chain.code}/liff")).status_code == 404, "without a LIFF id there is no such page"
    await connect(chain)
    visitor.expect_complaint("status of 422")
    await come_from_line(faces, visitor, chain, "Uanybody", "made-up")
    await page.locator("[data-complaint]:not([hidden])").wait_for()
    assert await read_membership(visitor, chain) == {}
    policy = (await faces.get(f"/card/{chain.code}/liff")).headers["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "https://static.line-scdn.net;" in policy
    assert "line-scdn" not in (await faces.get(f"/card/{chain.code}/")).headers["Content-Security-Policy"]
