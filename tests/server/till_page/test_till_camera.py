"""Cards in front of a camera, offline too: drawn by the reference phone, read by the page's own reader."""

from pathlib import Path

import pytest

from devtools import chromium
from devtools.fake_camera import open_browser_with, show
from kit.clock import utc_now
from tests.support.faces import ServedFaces
from tests.support.till_pages import at_step, go_offline, open_till, verdict, wait_for_reports
from tests.support.visitors import open_visitor


async def test_the_camera_reads_cards_with_and_without_a_network(faces: ServedFaces, tmp_path: Path) -> None:
    if chromium.find() is None:
        pytest.skip(f"no Chromium here: install one, or set {chromium.SETTING}")
    chain = await faces.world.add_chain()
    till = await chain.add_till(await chain.add_store())
    first, second = [await (await chain.enrol()).take_card() for _ in range(2)]
    camera = tmp_path / "camera.y4m"
    async with open_browser_with(camera, is_shell_enough=True) as browser, open_visitor(browser) as visitor:
        page = visitor.page
        await open_till(faces, visitor, chain, till)
        await page.click("[data-camera-switch]")
        await page.wait_for_selector("[data-till-app][data-camera=on][data-reader=worker]")
        assert await visitor.find_barriers() == []
        show(camera, first.make_code(utc_now()))
        assert await verdict(visitor) == "welcome"
        await page.wait_for_selector("[data-till-app][data-verify-ms]")
        await page.fill("#amount", "640")
        show(camera, first.make_code_of_step(at_step(utc_now()) + 1))
        await page.wait_for_selector("[data-till-app][data-decoded='2']")
        assert await page.input_value("#amount") == "640", "the same shopper, half a minute later"
        show(camera, None)
        await go_offline(visitor)
        await page.reload()
        await page.wait_for_selector("[data-till-app][data-camera=on]")
        show(camera, second.make_code(utc_now()))
        await page.wait_for_selector("[data-verdict][data-reason=kept]")
        await wait_for_reports(visitor, left=1)
        show(camera, None)
        await go_offline(visitor, is_offline=False)
        await wait_for_reports(visitor)
    counts = "SELECT count(*) AS n FROM visit_evidence e JOIN tills t ON t.id = e.till_id WHERE t.program_id = $1"
    assert await faces.world.pool.fetchval(counts, chain.id) == 2
    assert await faces.world.pool.fetchval("SELECT count(*) FROM visits WHERE program_id = $1", chain.id) == 2
