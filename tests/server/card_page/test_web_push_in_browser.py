"""Notifications of a browser: asked for on the page, registered with FCM, shown by the worker."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from devtools import chromium
from devtools.browsing import open_browser
from devtools.fcm_web_double import FcmWebDouble
from tests.support.card_page import open_card, show_view, told
from tests.support.faces import ServedFaces
from tests.support.lives import ok
from tests.support.visitors import Visitor, open_visitor
from tests.support.web_push import CONFIG, deliver_push, lead_to_double

COUPON = "019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26"
PUSH: dict[str, Any] = {
    "notification": {"title": "珈琲一杯", "body": "<b>今日まで</b>", "tag": "one"},
    "data": {"type": "coupon", "push_id": COUPON, "coupon_id": COUPON},
}


@pytest_asyncio.fixture(loop_scope="session")
async def visitor() -> AsyncIterator[Visitor]:
    """With a whole browser: the headless shell shows no notifications."""
    if chromium.find() is None:
        pytest.skip(f"no Chromium here: install chromium, or set {chromium.SETTING}")
    async with open_browser() as browser, open_visitor(browser) as somebody:
        yield somebody


async def notifications(visitor: Visitor, count: int) -> list[dict[str, Any]]:
    """Once there are so many."""
    read = """async (count) => {
      const registration = await navigator.serviceWorker.ready;
      let held = await registration.getNotifications();
      while (held.length < count) {
        await new Promise((settle) => setTimeout(settle, 50));
        held = await registration.getNotifications();
      }
      return held.map(({ title, body, data }) => ({ title, body, data }));
    }"""
    found: list[dict[str, Any]] = await visitor.page.evaluate(read, count)
    return found


async def test_a_browser_is_registered_and_shows_what_comes(faces: ServedFaces, visitor: Visitor) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    origin, path = faces.origin("card"), f"/card/{chain.code}/"
    with FcmWebDouble(CONFIG["apiKey"], CONFIG["projectId"]) as double:
        await lead_to_double(visitor, double)
        await visitor.context.grant_permissions(["notifications"], origin=origin)
        app = await open_card(faces, visitor, chain)
        await show_view(visitor, "choices")
        await page.click("[data-push-on]:not([hidden])")
        await page.locator("[data-push-off]:not([hidden])").wait_for()
        assert "お送りします" in await told(visitor, "choices")
        ((token, subscription),) = double.subscriptions.items()
        assert subscription["endpoint"] == "https://push.example/one"
        kept = "SELECT push_token FROM devices WHERE program_id = $1 AND platform = 'web'"
        assert await faces.world.pool.fetchval(kept, chain.id) == token
    await deliver_push(visitor, origin, PUSH)
    (shown,) = await notifications(visitor, 1)
    assert (shown["title"], shown["body"]) == ("珈琲一杯", "<b>今日まで</b>")
    assert shown["data"]["target"] == f"{path}#/coupon/{COUPON}"
    # A link that is no address of the web leads nowhere but to the card.
    evil = PUSH | {"notification": {"title": "x", "tag": "two"}, "data": {"link": "javascript:alert(1)"}}
    await deliver_push(visitor, origin, evil)
    assert {each["data"]["target"] for each in await notifications(visitor, 2)} == {path, f"{path}#/coupon/{COUPON}"}
    await page.click("[data-push-off]:not([hidden])")
    await page.locator("[data-push-on]:not([hidden])").wait_for()
    assert await faces.world.pool.fetchval("SELECT push_token FROM devices WHERE program_id = $1", chain.id) is None
    ok(await app.get("/v1/me"))
