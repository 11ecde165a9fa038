"""Whether a device can be a till: the browser itself is tried."""

import pytest

from kit.locales import LOCALES
from tests.support.faces import ServedFaces
from tests.support.visitors import Visitor

NEEDED = ("cards", "certificates", "keeping", "offline", "clock")


async def verdicts(visitor: Visitor) -> dict[str, str]:
    await visitor.page.wait_for_selector("[data-summary][data-verdict]")
    script = "items => Object.fromEntries(items.map(item => [item.dataset.trial, item.dataset.verdict]))"
    found: dict[str, str] = await visitor.page.locator("[data-trial]").evaluate_all(script)
    return found


async def test_this_browser_can_be_a_till(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    await visitor.page.goto(faces.url(f"/till/{chain.code}/check"))
    for locale in LOCALES:
        await visitor.speak(locale)
        found = await verdicts(visitor)
        assert [found[name] for name in NEEDED] == ["yes"] * len(NEEDED)
        assert found["camera"] == "no", "there is none on a machine that tests"
        assert await visitor.find_barriers() == []
    assert await visitor.find_faint_in_the_dark() == []
    assert await visitor.page.get_by_role("status").inner_text() == "This device can be a till."


LACKS = {
    "certificates": """crypto.subtle.generateKey = ((old) => function (algorithm, ...rest) {
        if (algorithm.name === "Ed25519") throw new DOMException("", "NotSupportedError");
        return old.call(this, algorithm, ...rest);
    })(crypto.subtle.generateKey)""",
    "keeping": "IDBFactory.prototype.open = () => { throw new DOMException('', 'InvalidStateError') }",
    "clock": "const now = Date.now; Date.now = () => now() + 3_600_000",
}


@pytest.mark.parametrize(("lack", "script"), LACKS.items(), ids=LACKS)
async def test_what_a_browser_lacks_is_named(faces: ServedFaces, visitor: Visitor, lack: str, script: str) -> None:
    chain = await faces.world.add_chain()
    await visitor.context.add_init_script(script)
    await visitor.page.goto(faces.url(f"/till/{chain.code}/check?lang=en"))
    found = await verdicts(visitor)
    assert [name for name in NEEDED if found[name] == "no"] == [lack]
    assert "lacks what a till needs" in await visitor.page.get_by_role("status").inner_text()


async def test_of_no_program_there_is_no_till(faces: ServedFaces) -> None:
    assert (await faces.get("/till/nobody/check")).status_code == 404
