"""Results in a real Chromium: charts with words for who does not see them."""

from kit.locales import LOCALES
from tests.server.console.test_console_in_browser import sign_in
from tests.support.faces import ServedFaces
from tests.support.stage import set_stage
from tests.support.visitors import Visitor


async def test_charts_can_be_read_and_looked_at_in_both_languages(faces: ServedFaces, visitor: Visitor) -> None:
    stage = await set_stage(await faces.world.add_chain())
    page = visitor.page
    await sign_in(faces, visitor, stage.chain, await faces.add_owner(stage.chain))
    for path in (
        "/console/overview",
        f"/console/results/campaigns/{stage.campaign_id}",
        "/console/results/first-timers",
    ):
        await page.goto(faces.url(path))
        assert await page.locator("svg[role=img]").first.get_attribute("aria-label")
        for locale in LOCALES:
            await visitor.speak(locale)
            assert await visitor.find_barriers() == [], path
        assert await visitor.find_faint_in_the_dark() == [], path
    for path in ("/console/results", "/console/results/speed"):
        await page.goto(faces.url(path))
        assert await visitor.find_barriers() == [], path
