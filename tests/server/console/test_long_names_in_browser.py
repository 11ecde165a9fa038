"""Names as long as they may be, without a place to break, on a phone: no page is wider than its screen."""

from server.console.page_access import PAGES
from tests.support.faces import ServedFaces
from tests.support.managers import sign_in
from tests.support.stage import set_stage
from tests.support.visitors import Visitor

LONG = '<b onclick="x">\u200f🎏' + "W" * 170
# Files, what is drawn for a poster of fixed size, and what shows no names.
OTHERS = ("{kind}", "colours.css", "export", "tiles", "/live", "base.pmtiles", "/paper/{", "/posters/{", "/sign-in")
WIDTH = 390
WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.body.querySelectorAll('*')]
    .filter(each => each.getBoundingClientRect().right > innerWidth)
    .slice(0, 5).map(each => each.outerHTML.slice(0, 80))"""


async def test_no_name_makes_a_page_wider_than_a_phone(faces: ServedFaces, visitor: Visitor) -> None:
    stage = await set_stage(await faces.world.add_chain())
    for table in ("stores", "geofences", "campaigns", "audiences", "tills", "staff"):
        await faces.world.pool.execute(f"UPDATE {table} SET name = $2 WHERE program_id = $1", stage.chain.id, LONG)
    await faces.world.pool.execute("UPDATE programs SET name = $2 WHERE id = $1", stage.chain.id, LONG)
    named = await stage.chain.owner.patch(f"/v1/members/{stage.member.id}/profile", {"name": LONG[:100]})
    assert named.status_code == 200, named.text
    await sign_in(faces, visitor, stage.chain)
    await visitor.page.set_viewport_size({"width": WIDTH, "height": 844})
    visitor.expect_complaint("GL Driver Message")
    visitor.expect_complaint("404 (Not Found)")  # of what the stage has none of
    wide = {}
    for method, template in PAGES:
        if method != "GET" or any(part in template for part in OTHERS):
            continue
        await visitor.page.goto(faces.url(stage.path(template)))
        found = await visitor.page.evaluate(WIDER)
        if found:
            wide[template] = found
    assert wide == {}
