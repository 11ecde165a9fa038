"""Every page of the console's menu by keyboard alone: Tab reaches all that can be used, in the order in which it
stands, and each shows that it has the focus and has a name.
"""

import asyncio
from typing import Any

from server.console.navigation import MENU
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as
from tests.support.stage import set_stage
from tests.support.visitors import Visitor

# MapLibre makes its own controls, when it has its tiles: tests/server/console/map/test_map_in_browser.py.
PAGES = [entry.path for group in MENU for entry in group.entries if entry.path != "/console/map"]
OF_ONE = ("/console/account", "/console/campaigns/new", "/console/audiences/new", "/console/providers/phone")
# Of radio buttons that belong together Tab reaches the one that is chosen; in fields of time it stops several times.
# The frame is walked through on one page only: `isWhole`.
LISTEN = """isWhole => {
  const may = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const isChosen = each => {
    const group = each.type === 'radio' ? [...document.getElementsByName(each.name)] : [each];
    return each === (group.find(other => other.checked) ?? group[0]);
  };
  const all = [...document.querySelectorAll(may)].filter(each => !each.matches(':disabled') && each.tabIndex >= 0 &&
    each.checkVisibility({visibilityProperty: true}) && isChosen(each));
  const before = isWhole ? [] : all.slice(0, all.findLastIndex(each => each.closest('header')) + 1);
  const wanted = all.slice(before.length);
  const textOf = id => document.getElementById(id)?.textContent ?? '';
  const nameOf = each => [each.getAttribute('aria-label'), each.textContent,
    ...(each.getAttribute('aria-labelledby') ?? '').split(' ').map(textOf),
    ...[...(each.labels ?? [])].map(label => label.textContent)].join('').trim();
  window.reached = [];
  addEventListener('focusin', event => {
    const each = event.target, {outlineStyle, outlineWidth} = getComputedStyle(each);
    const isShown = each.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
    window.reached.push([wanted.indexOf(each), isShown && nameOf(each) !== '', each.outerHTML.slice(0, 120)]);
  });
  document.activeElement?.blur();
  (before.at(-1) ?? all[0]).focus({focusVisible: true});
  const timed = wanted.filter(each => ['time', 'date', 'datetime-local', 'month'].includes(each.type));
  return [wanted.length, wanted.length + 8 * timed.length + 5];
}"""


async def test_every_page_is_used_by_keyboard_alone(faces: ServedFaces, visitor: Visitor) -> None:
    chain = (await set_stage(await faces.world.add_chain())).chain
    owner = await sign_in_as(faces, chain, "owner")
    name, _, value = owner.cookie["Cookie"].partition("=")
    await visitor.context.add_cookies([{"name": name, "value": value, "url": faces.origin("console")}])
    page, faults = visitor.page, []
    for path in [*PAGES, *OF_ONE]:
        await page.goto(faces.url(path))
        wanted, presses = await page.evaluate(LISTEN, path == PAGES[0])
        await asyncio.gather(*(page.keyboard.press("Tab") for _ in range(presses)))
        reached: list[Any] = await page.evaluate("window.reached")
        order = [index for index, *_ in reached if index >= 0][:wanted]
        gone_astray = next((each for each, index in enumerate(order) if each != index), len(order))
        if gone_astray < wanted:
            faults.append(f"{path}: after {gone_astray} of {wanted} comes {reached[gone_astray : gone_astray + 2]}")
        faults += [f"{path}: {html}" for index, is_plain, html in reached if index >= 0 and not is_plain]
    assert faults == []
