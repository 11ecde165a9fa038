"""One story through the three faces, on real processes: from a fence on the map to a coupon used at a till.

A manager draws, writes, rehearses and starts; a shopper takes a card and goes offline; their phone walks in; a till
without a network reads the card off the shopper's screen, reports it, and redeems; the manager sees it in the results.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from devtools.demo.servers import Program, found_program
from devtools.fake_camera import open_browser_with, show, show_picture
from devtools.fcm_double import FcmDouble
from devtools.ports import free_port
from kit.database import Pool, open_pool
from server.faces.hosts import FACES
from tests.support import live
from tests.support.databases import SECRET_KEY
from tests.support.samples import fix
from tests.support.visitors import Visitor, open_visitor
from tests.support.waiting import until

if TYPE_CHECKING:
    from playwright.async_api import Browser

PROGRAM, EMAIL, PASSWORD = "kissa-sakura", "owner@example.com", "a long enough one"
OWN = Program(PROGRAM, "喫茶さくら", EMAIL, PASSWORD)
EBISU = {"lat": 35.6467, "lon": 139.7101}
SALE = 1_200
FUNNEL = ("issued", "sent", "used")


class Town(NamedTuple):
    """`owner`: signed in to the API."""

    port: int
    owner: httpx.AsyncClient
    double: FcmDouble
    pool: Pool

    def url(self, path: str) -> str:
        return f"http://{path.split('/')[1]}.localhost:{self.port}{path}"

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> Any:
        answer = await self.owner.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@asynccontextmanager
async def open_town(database: str, folder: Path) -> AsyncIterator[Town]:
    """An API and a worker on a database that has a program and its owner."""
    pool = await open_pool(database)
    await found_program(OWN, database)
    port = free_port()
    settings = {f"NOREN_{face.upper()}_URL": f"http://{face}.localhost:{port}" for face in FACES}
    with FcmDouble() as double:
        account = folder / "account.json"
        account.write_text(json.dumps(double.service_account))
        settings |= {"NOREN_FCM_SERVICE_ACCOUNT": str(account), "NOREN_FCM_ENDPOINT": double.endpoint}
        api = live.start(database, SECRET_KEY, folder / "api.log", only="api", port=port, **settings)
        worker = live.start(database, SECRET_KEY, folder / "worker.log", only="worker", port=None, **settings)
        try:
            with live.ended(api, worker):
                await live.wait_until_ready(api)
                async with api.client() as owner:
                    login = {"program": PROGRAM, "email": EMAIL, "password": PASSWORD}
                    session = await owner.post("/v1/sessions", json=login)
                    owner.headers["Authorization"] = f"Bearer {session.json()['token']}"
                    yield Town(port, owner, double, pool)
        finally:
            pool.terminate()


async def draw_fence(town: Town, manager: Visitor) -> None:
    page = manager.page
    manager.expect_complaint("GL Driver Message")  # of a machine without a graphics card
    await page.goto(town.url("/console/map"))
    await page.wait_for_selector("[data-map-idle]")
    box = await page.locator("canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.click("[data-draw=circle]")
    await page.wait_for_selector('[data-draw=circle][aria-pressed="true"]')
    await page.mouse.click(x, y)
    await page.mouse.move(x + 40, y, steps=4)
    await page.mouse.click(x + 80, y)
    await page.wait_for_selector("#panel [data-fence-form]")
    await page.fill("#name", "入口")
    await page.click("#panel form button:has-text('保存')")
    await page.get_by_role("status").filter(has_text="保存しました").wait_for()


async def write_campaign(town: Town, manager: Visitor) -> str:
    """Who walks in gets ten per cent, at any hour, also who has told nobody their name. The campaign's address."""
    page = manager.page
    await page.goto(town.url("/console/campaigns/new"))
    await page.fill("#name", "ご来店 10%")
    await page.select_option("#trigger", "enter")
    await page.select_option("#benefit", "percent_off")
    await page.fill("#benefit_percent", "10")
    await page.fill("#offer_ja_title", "10%引き")
    await page.fill("#offer_ja_body", "レジでお見せください。")
    await page.locator("details.more summary").click()
    await page.check("input[name=allow_anonymous]")
    await page.check("input[name=on_first_fix]")
    await page.select_option("#quiet", "none")
    await page.click(".ending button")
    await page.wait_for_url("**/console/campaigns/*-*")
    return page.url


async def rehearse_and_start(manager: Visitor) -> None:
    await manager.page.click("#rehearsal form button")
    await manager.page.locator("#rehearsal h3").first.wait_for()
    await manager.page.click("button[name=move][value=start]")
    await manager.page.locator(".state.running").wait_for()


async def take_card(town: Town, shopper: Visitor, store_id: str) -> None:
    page = shopper.page
    await page.goto(town.url(f"/card/{PROGRAM}/?store={store_id}"))
    await page.wait_for_selector("[data-join]:enabled")
    for purpose in ("location", "push"):
        await page.check(f"[data-purpose={purpose}]")
    await page.click("[data-join]")
    await page.wait_for_selector("[data-card-code]")
    await page.evaluate("navigator.serviceWorker.ready.then(() => 0)")


async def walk_in(town: Town, shopper: Visitor) -> None:
    """The shopper's phone tells where it is, in this card's name, and is told by a push of its coupon."""
    token = await shopper.page.evaluate(
        "import('noren/card/store').then(kept => kept.recall('membership')).then(m => m.token)"
    )
    async with httpx.AsyncClient(
        base_url=str(town.owner.base_url), headers={"Authorization": f"Bearer {token}"}
    ) as phone:
        kept = await phone.put("/v1/me/device/push-token", json={"token": "a-phone", "kind": "fid"})
        assert kept.status_code == 204, kept.text
        sent = await phone.post("/v1/locations", json={"fixes": [fix(EBISU, ago_s=0, accuracy_m=8)]})
        assert sent.is_success, sent.text
        assert len(sent.json()["coupons"]) == 1
    await until(town.double.accepted)


async def scan_the_screen(shopper: Visitor, camera: Path, staff: Visitor, verdict: str) -> None:
    """What the card shows is held before the till's camera until it is judged; a code ends with its half minute."""
    await staff.page.wait_for_selector("[data-till-app][data-camera=on]")

    async def is_judged() -> bool:
        show_picture(camera, await shopper.page.locator("[data-card-code]").screenshot())
        return await staff.page.locator(f"[data-verdict][data-reason={verdict}][data-final=true]").count() == 1

    await until(is_judged)
    show(camera, None)
    await staff.page.wait_for_selector("[data-till-app]:not([data-in-view])")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_campaign_goes_from_the_map_to_the_till(database: str, browser: "Browser", tmp_path: Path) -> None:
    camera = tmp_path / "camera.y4m"
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(open_town(database, tmp_path))
        store = await town.ask(
            "POST", "/v1/stores", {"code": "ebisu", "name": "恵比寿店", "location": EBISU, "time_zone": "Asia/Tokyo"}
        )
        till = await town.ask("POST", "/v1/tills", {"store_id": store["id"], "name": "レジ 1"})
        manager, shopper = [await stack.enter_async_context(open_visitor(browser)) for _ in range(2)]
        # Its camera is chosen as a browser starts.
        with_camera = await stack.enter_async_context(open_browser_with(camera, is_shell_enough=True))
        staff = await stack.enter_async_context(open_visitor(with_camera))

        await manager.page.goto(town.url("/console/sign-in"))
        for field, text in {"program": PROGRAM, "email": EMAIL, "password": PASSWORD}.items():
            await manager.page.fill(f"#{field}", text)
        await manager.page.click("main button")
        await manager.page.wait_for_url("**/console/**")
        await draw_fence(town, manager)
        campaign_url = await write_campaign(town, manager)
        await rehearse_and_start(manager)

        await take_card(town, shopper, store["id"])
        await walk_in(town, shopper)
        shopper.expect_complaint("ERR_INTERNET_DISCONNECTED")
        await shopper.context.set_offline(True)
        await shopper.page.reload()
        await shopper.page.wait_for_selector("[data-card-code]")

        pairing = await town.ask("POST", f"/v1/tills/{till['id']}/pairing-codes")
        await staff.page.goto(pairing["link"])
        await staff.page.wait_for_selector("[data-till-app][data-offline-ready]")
        staff.expect_complaint("ERR_INTERNET_DISCONNECTED")
        await staff.context.set_offline(True)
        await staff.page.click("[data-camera-switch]")
        await scan_the_screen(shopper, camera, staff, "kept")
        await staff.page.wait_for_selector("[data-till-app][data-waiting='1']")
        await staff.context.set_offline(False)
        await staff.page.wait_for_selector("[data-till-app][data-waiting='0']")
        visits = "SELECT count(*) FROM visits"
        assert await town.pool.fetchval(visits) == 1

        await scan_the_screen(shopper, camera, staff, "welcome_back")
        await staff.page.fill("#amount", str(SALE))
        await staff.page.click("[data-quote]")
        await staff.page.wait_for_selector("[data-coupons] input:checked")
        await staff.page.click("[data-sale] button[type=submit]")
        await staff.page.wait_for_selector("[data-verdict][data-reason=purchase_done]")
        assert await town.pool.fetchval(visits) == 1, "the same day's"
        assert await town.pool.fetchval("SELECT count(*) FROM redemptions") == 1
        assert await town.pool.fetchval("SELECT count(*) FROM coupons") == 1

        await manager.page.goto(campaign_url.replace("/campaigns/", "/results/campaigns/"))
        funnel = {step: await manager.page.locator(f"tr.step-{step} .number").inner_text() for step in FUNNEL}
        assert funnel == dict.fromkeys(FUNNEL, "1")
