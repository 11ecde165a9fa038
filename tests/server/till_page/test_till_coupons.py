"""Coupons and points at the till's page: with a basket, by a code, and signed for a till without a network."""

import asyncio
import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import UUID

from ids import CouponId
from kit.clock import utc_now
from tests.support.faces import ServedFaces
from tests.support.spoiling import forged
from tests.support.till_pages import go_offline, open_till, scan, shown_verdict, wait_for_reports
from tests.support.visitors import Visitor
from tests.support.world import POINT_RULES, Chain, Member

if TYPE_CHECKING:
    from playwright.async_api import Page

USES = "SELECT count(*) FROM redemptions WHERE coupon_id = $1"


async def claim_coupon(chain: Chain, member: Member, **changes: object) -> CouponId:
    """By a code from a flyer, in the app."""
    code = await print_code(chain, **changes)
    answer = await member.app.post("/v1/me/coupon-codes", {"code": code})
    assert answer.status_code == 201, answer.text
    return CouponId(UUID(answer.json()["id"]))


async def print_code(chain: Chain, **changes: object) -> str:
    campaign_id = await chain.add_campaign(trigger={"kind": "code"}, **changes)
    path = f"/v1/campaigns/{campaign_id}/paper-codes"
    assert (await chain.owner.post(path, {"name": "Flyer", "size": 1})).status_code in (200, 201)
    (row,) = csv.DictReader((await chain.owner.get(f"{path}.csv")).text.removeprefix("\ufeff").splitlines())
    return row["code"]


async def test_what_coupons_take_off_is_used_with_the_purchase_and_comes_back(
    faces: ServedFaces, visitor: Visitor
) -> None:
    chain = await faces.world.add_chain()
    assert (await chain.owner.put("/v1/program/points", POINT_RULES | {"currency": "USD"})).status_code == 200
    till, member, page = await chain.add_till(await chain.add_store()), await chain.enrol(), visitor.page
    coupon = await claim_coupon(
        chain, member, benefit={"kind": "percent_off", "percent": 10}, conditions={"min_spend": 1000}
    )
    phone = await member.take_card()
    await open_till(faces, visitor, chain, till)
    assert await scan(visitor, phone.make_code(utc_now())) == "welcome"
    assert "10" in await page.locator("[data-verdict] .earned").inner_text(), "points of the visit"
    await page.fill("#amount", "9")
    await page.click("[data-quote]")
    await page.locator("[data-coupons] input").wait_for()
    assert await page.locator("[data-coupons] input").is_disabled()
    assert "100" in await page.locator("[data-coupons] small").inner_text(), "what the basket lacks"
    await page.fill("#amount", "20")
    await page.click("[data-quote]")
    await page.locator("[data-coupons] input:checked").wait_for()
    assert "18.00" in await page.locator("[data-fill=total]").inner_text()
    assert await visitor.find_barriers() == []
    await page.fill("#points", "5")
    await page.click("[data-sale] > button")
    await page.wait_for_selector("[data-verdict][data-reason=purchase_done]")
    pool = faces.world.pool
    assert await pool.fetchval("SELECT amount FROM purchases WHERE program_id = $1", chain.id) == 1800
    assert await pool.fetchval("SELECT sum(points) FROM spends WHERE member_id = $1", member.id) == 5
    assert await pool.fetchval(USES, coupon) == 1
    await page.click("[data-undo-sale]")
    await page.wait_for_selector("[data-verdict][data-reason=purchase_undone]")
    assert await pool.fetchval("SELECT voided FROM spends WHERE member_id = $1", member.id) == 5
    assert await pool.fetchval(USES, coupon) == 0
    await buy_by_lines_and_lose_the_answer(visitor, member)
    await wait_for_reports(visitor)
    await buy_by_lines_and_lose_the_answer(visitor, member)
    await page.click("[data-undo-sale]")
    await page.wait_for_selector("[data-verdict][data-reason=purchase_undone]")
    amounts = await pool.fetch(
        "SELECT amount, refunded FROM purchases WHERE program_id = $1 ORDER BY purchased_at", chain.id
    )
    assert [(*row,) for row in amounts] == [(1800, 1800), (2500, 0), (2500, 2500)], "each once"


async def buy_by_lines_and_lose_the_answer(visitor: Visitor, member: Member) -> None:
    """The server has recorded it, and the till hears nothing until it asks again."""
    page = visitor.page
    assert await scan(visitor, member.card_number) == "low_trust"
    await page.locator("[data-add-line]").evaluate("button => button.closest('details').open = true")
    await page.click("[data-add-line]")
    await page.fill("[data-line] [data-of=price]", "12.5")
    await page.fill("[data-line] [data-of=quantity]", "2")
    assert await page.input_value("#amount") == "25.00"

    visitor.expect_complaint("net::ERR_FAILED")
    async with losing_the_answer(page, "*/v1/purchases"):
        await page.click("[data-sale] > button")
        await page.wait_for_selector("[data-verdict][data-reason=purchase_kept]")
        await wait_for_reports(visitor, left=1)


@asynccontextmanager
async def losing_the_answer(page: "Page", pattern: str) -> AsyncIterator[None]:
    """The browser asks by itself: `route.fetch` would have another program look `till.localhost` up, which only a
    browser knows without a network.
    """
    session = await page.context.new_cdp_session(page)
    lost: asyncio.Task[object] | None = None

    def lose(paused: dict[str, object]) -> None:
        nonlocal lost
        lost = asyncio.create_task(
            session.send("Fetch.failRequest", {"requestId": paused["requestId"], "errorReason": "Failed"})
        )

    session.on("Fetch.requestPaused", lose)
    await session.send("Fetch.enable", {"patterns": [{"urlPattern": pattern, "requestStage": "Response"}]})
    yield
    assert lost is not None
    await lost
    await session.detach()


async def test_a_code_from_paper_is_used_with_a_card_and_taken_back(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    till, page = await chain.add_till(await chain.add_store()), visitor.page
    phone = await (await chain.enrol()).take_card()
    code = await print_code(chain)
    await open_till(faces, visitor, chain, till)
    await page.fill("#coupon", code.lower())
    await page.locator("#coupon").press("Enter")
    await page.wait_for_selector("[data-verdict][data-reason=scan_first]")
    assert await scan(visitor, phone.make_code(utc_now())) == "welcome"
    await page.fill("#coupon", code.lower())
    await page.locator("#coupon").press("Enter")
    await page.wait_for_selector("[data-verdict][data-reason=coupon_used]")
    assert await faces.world.pool.fetchval("SELECT count(*) FROM redemptions WHERE till_id = $1", till.id) == 1
    await page.click("[data-undo]")
    await page.wait_for_selector("[data-verdict][data-reason=undone]")
    assert await faces.world.pool.fetchval("SELECT count(*) FROM redemptions WHERE till_id = $1", till.id) == 0


async def test_a_signed_coupon_is_taken_offline_once(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    till, member = await chain.add_till(await chain.add_store()), await chain.enrol()
    coupon = await claim_coupon(chain, member, conditions={"usable_offline": True})
    await claim_coupon(chain, member, conditions={"usable_offline": True})
    held, other = sorted(
        (await member.app.get("/v1/me/offline-coupons")).json()["items"], key=lambda each: each["id"] != str(coupon)
    )
    await open_till(faces, visitor, chain, till)
    await go_offline(visitor)
    assert await scan(visitor, forged(held["offline_code"])) == "coupon_forged"
    assert await scan(visitor, held["offline_code"]) == "coupon_kept"
    assert await visitor.find_barriers() == []
    assert await scan(visitor, held["offline_code"]) == "coupon_redeemed"
    await visitor.page.reload()
    await wait_for_reports(visitor, left=1)
    assert await take_in_two_tabs(faces, visitor, chain, other["offline_code"]) == ["coupon_kept", "coupon_redeemed"]
    await go_offline(visitor, is_offline=False)
    await wait_for_reports(visitor)
    assert await faces.world.pool.fetchval(USES, coupon) == 1
    assert await scan(visitor, held["offline_code"]) == "coupon_redeemed", "the list knows it, too"


HOLD_BACK = """name => new Promise((settle) => {
  const opening = indexedDB.open(name);
  opening.onsuccess = () => {
    const queue = opening.result.transaction("queue", "readwrite").objectStore("queue");
    const wait = () => {
      if (window.mayGo) opening.result.close();
      else queue.get(0).onsuccess = wait;
    };
    wait();
    settle();
  };
})"""
SUBMIT = """code => {
  document.querySelector("[data-verdict]").dataset.reason = "";
  const form = document.querySelector("[data-scan-form]");
  form.elements.code.value = code;
  form.requestSubmit();
}"""


async def take_in_two_tabs(faces: ServedFaces, visitor: Visitor, chain: Chain, code: str) -> list[str]:
    """Both are held back until both ask what is left: what they answer, sorted."""
    tabs = [visitor.page, await visitor.context.new_page()]
    await tabs[1].goto(faces.url(f"/till/{chain.code}/"))
    await tabs[1].wait_for_selector("[data-till-app][data-offline-ready]")
    await visitor.page.evaluate(HOLD_BACK, f"noren-till-{chain.code}")
    for tab in tabs:
        await tab.evaluate(SUBMIT, code)
    await visitor.page.evaluate("window.mayGo = true")
    shown = [await shown_verdict(tab) for tab in tabs]
    await tabs[1].close()
    return sorted(shown)
