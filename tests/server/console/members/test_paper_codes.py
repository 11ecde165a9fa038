"""Codes on paper in the console: made once, taken along as the API's table, withdrawn; of one's own campaigns."""

import re

import numpy as np
import zxingcpp

from kit.locales import LOCALES
from tests.server.console.test_console_in_browser import SCRIPT
from tests.server.console.test_console_in_browser import sign_in as sign_in_browser
from tests.support.faces import ServedFaces
from tests.support.lives import ok
from tests.support.signed_in import SignedIn, sign_in_as
from tests.support.visitors import Visitor


async def test_codes_are_made_once_and_their_table_is_the_apis(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    campaign = await chain.add_campaign(name=SCRIPT, trigger={"kind": "code"})
    other = await chain.add_campaign(name="At the door")
    owner, stranger = await sign_in_as(faces, chain, "owner"), await sign_in_as(faces, rival, "owner")
    path = f"/console/coupons/paper/{campaign}"
    listed = (await owner.open("/console/coupons/paper")).text
    assert path in listed
    assert SCRIPT not in listed
    assert str(other) not in listed
    form = await owner.read_form(path) | {"name": "Window", "size": "3"}
    for _ in range(2):
        assert (await owner.send(path, form)).status_code == 303
    api = f"/v1/campaigns/{campaign}/paper-codes"
    (batch,) = (await chain.owner.get(api)).json()["items"]
    assert (batch["name"], batch["size"]) == ("Window", 3)
    table = await owner.open(f"{path}/codes.csv?batch={batch['id']}")
    assert table.content == (await chain.owner.get(f"{api}.csv?batch_id={batch['id']}")).content
    await look_at_labels(owner, path, batch["id"], table.text)
    for name, size in (("", "3"), ("x", "0"), ("x", "-1"), ("x", "1e3"), ("x" * 101, "1"), ("x", "999999999")):
        refused = await owner.send(path, await owner.read_form(path) | {"name": name, "size": size})
        assert refused.status_code == 422, (name, size)
        assert f'value="{name}"' in refused.text
    for address in (path, f"{path}/codes.csv?batch={batch['id']}", f"{path}/labels?batch={batch['id']}"):
        assert (await stranger.open(address)).status_code == 404
    assert (await owner.open(f"/console/coupons/paper/{other}")).status_code == 404
    assert (await owner.open(f"{path}/codes.csv?batch=x")).status_code == 404
    assert (await (await sign_in_as(faces, chain, "analyst")).open(path)).status_code == 403
    gone = await owner.send(f"{path}/withdrawal", {"csrf": form["csrf"], "batch": batch["id"]})
    assert gone.status_code == 303
    assert not re.search(r"codes\.csv\?batch=", (await owner.open(path)).text)
    assert (await owner.open(f"{path}/labels?batch={batch['id']}")).status_code == 404, "nobody prints dead codes"


async def look_at_labels(owner: SignedIn, path: str, batch_id: str, table: str) -> None:
    """The codes of the table, each with a QR that says so."""
    sheet = await owner.open(f"{path}/labels?batch={batch_id}")
    rows = [line.split(",") for line in table.splitlines()[1:]]
    assert re.findall(r'class="for-eyes">([^<]+)<', sheet.text) == [code for _, _, code, _ in rows]
    drawn = re.findall(r'viewBox="0 0 (\d+) \d+" [^>]+><path d="([^"]+)"', sheet.text)
    assert [read_path(int(width), d) for width, d in drawn] == [qr for *_, qr in rows]
    assert SCRIPT not in sheet.text
    for query in ("", "batch=x", f"batch={batch_id}&page=0", f"batch={batch_id}&page=2", f"batch={batch_id}&page=-1"):
        assert (await owner.open(f"{path}/labels?{query}")).status_code == 404, query


def read_path(width: int, path: str) -> str:
    """As a scanner reads what is drawn."""
    picture = np.full((width, width), 255, np.uint8)
    for left, top, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        picture[int(top), int(left) : int(left) + int(length)] = 0
    (read,) = zxingcpp.read_barcodes(picture.repeat(4, 0).repeat(4, 1))
    return str(read.text)


async def test_the_pages_of_codes_bar_nobodys_way(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    campaign = await chain.add_campaign(trigger={"kind": "code"})
    batch = ok(await chain.owner.post(f"/v1/campaigns/{campaign}/paper-codes", {"name": "A", "size": 30}))
    labels = f"/console/coupons/paper/{campaign}/labels?batch={batch['id']}"
    await sign_in_browser(faces, visitor, chain, await faces.add_owner(chain))
    for path in ("/console/coupons/paper", f"/console/coupons/paper/{campaign}", labels):
        await visitor.page.goto(faces.url(path))
        for locale in LOCALES:
            await visitor.speak(locale)
            assert await visitor.find_barriers() == [], path
