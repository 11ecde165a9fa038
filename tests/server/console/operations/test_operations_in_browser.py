"""An import that is followed to its end in a real Chromium; nothing bars the way, in either language or theme."""

from typing import Any
from uuid import UUID

from ids import ImportRunId
from kit.locales import LOCALES
from server.moving_in.work_sent import carry_out
from tests.server.console.test_console_in_browser import sign_in
from tests.support.faces import ServedFaces
from tests.support.lives import KEYRING
from tests.support.visitors import Visitor

SCRIPT = "<img src=x onerror=alert(1)>"
FILE = f"number,name,birthday,{SCRIPT}\nA-1,Sato,1990-04-01,x\n,,,y\nA-2,{SCRIPT},{SCRIPT},\n".encode()


async def test_an_import_is_followed_to_its_end(faces: ServedFaces, visitor: Visitor) -> None:
    chain, page = await faces.world.add_chain(), visitor.page
    await sign_in(faces, visitor, chain, await faces.add_owner(chain))
    await page.goto(faces.url("/console/imports"))
    file: Any = {"name": f"{SCRIPT}.csv", "mimeType": "text/csv", "buffer": FILE}
    await page.set_input_files("#file", file)
    await page.click("button[value=rehearsal]")
    await page.wait_for_selector("#progress")
    run_id = ImportRunId(UUID(page.url.rpartition("/")[2]))
    assert await visitor.find_barriers() == []
    await carry_out(faces.world.pool, KEYRING, chain.id, run_id)
    await page.wait_for_selector("#run .tiles")
    await page.wait_for_function("() => document.activeElement.matches('#run h2')")
    assert await page.locator("[hx-trigger^=every]").count() == 0, "it is asked for no more"
    paths = ("/console/imports", "/console/usage", "/console/health", "/console/program")
    for path in (page.url, *map(faces.url, paths)):
        await page.goto(path)
        for locale in LOCALES:
            await visitor.speak(locale)
            assert await visitor.find_barriers() == [], path
        assert await visitor.find_faint_in_the_dark() == [], path
