"""How long a till takes from a camera's frame to its verdict. The frame is decoded in a worker, which is not slowed;
grabbing it, judging its two signatures and showing the answer are the page's own thread, which is.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from bench.answers import BrokenLoad
from bench.faces.browser import open_phone, slow_down
from bench.faces.ground import Ground
from bench.sheet import Sheet
from devtools.card.phone import ReferencePhone
from devtools.fake_camera import open_browser_with, show
from ids import DeviceId, MemberId
from kit.clock import utc_now
from kit.ids import from_text

if TYPE_CHECKING:
    from playwright.async_api import Page

_SCANS = 3
_VERIFIED = "performance.getEntriesByName('till:verify').map(each => each.duration)"


class TillBench:
    """A paired till with a fake camera."""

    def __init__(self, ground: Ground, page: "Page", camera: Path) -> None:
        self._ground = ground
        self._page = page
        self._camera = camera

    async def measure(self, sheet: Sheet) -> None:
        """The first verdict of a page also starts the reader."""
        page = self._page
        await page.reload()
        await slow_down(page, network=False)
        await page.wait_for_selector("[data-till-app][data-camera=on]")
        async with self._ground.open_api() as http:
            for number in range(_SCANS):
                phone = await _enrol(http, self._ground.code)
                show(self._camera, phone.make_code(utc_now()))
                await page.wait_for_function(f"count => {_VERIFIED}.length > count", arg=number)
        show(self._camera, None)
        first, *others = await page.evaluate(_VERIFIED)
        sheet.add("till_verify_first_ms", first)
        sheet.add("till_verify_ms", sorted(others)[len(others) // 2])


@asynccontextmanager
async def open_till(ground: Ground) -> AsyncIterator[TillBench]:
    with tempfile.TemporaryDirectory(prefix="noren-bench-") as folder:
        camera = Path(folder, "camera.y4m")
        async with open_browser_with(camera) as browser, open_phone(browser) as context:
            page = await context.new_page()
            await page.goto(await _make_pairing_link(ground))
            await page.wait_for_selector("[data-till-app][data-offline-ready]")
            await page.click("[data-camera-switch]")
            await page.wait_for_selector("[data-till-app][data-camera=on]")
            yield TillBench(ground, page, camera)


async def _make_pairing_link(ground: Ground) -> str:
    async with ground.open_api() as http:
        store = (await _ask(http, "GET", "/v1/stores?limit=1"))["items"][0]
        till = await _ask(http, "POST", "/v1/tills", {"store_id": store["id"], "name": "Measured"})
        link: str = (await _ask(http, "POST", f"/v1/tills/{till['id']}/pairing-codes"))["link"]
    return link


async def _enrol(http: httpx.AsyncClient, code: str) -> ReferencePhone:
    body = {"program": code, "platform": "ios", "locale": "ja", "consents": []}
    member = await _ask(http, "POST", "/v1/members", body, token=None)
    phone = ReferencePhone(MemberId(UUID(member["member_id"])), DeviceId(UUID(member["device_id"])))
    answer = await _ask(http, "POST", "/v1/me/card/key", phone.registration(), token=member["device_token"])
    phone.certificate = from_text(answer["certificate"])
    return phone


async def _ask(http: httpx.AsyncClient, method: str, path: str, body: object = None, *, token: str | None = "") -> Any:
    """`token`: empty for the owner's, None for nobody's. Raises BrokenLoad."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = http.build_request(method, path, json=body, headers=headers)
    if token is None:
        del request.headers["Authorization"]
    answer = await http.send(request)
    if not answer.is_success:
        raise BrokenLoad(f"{method} {path} was answered with {answer.status_code}: {answer.text[:200]}")
    return answer.json()
