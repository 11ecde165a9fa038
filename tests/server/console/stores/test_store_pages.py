"""A store's page: opened, changed, closed; who may, and what becomes of two who do it at once."""

import re
from typing import Any

import pytest

from tests.support.faces import ServedFaces
from tests.support.managers import as_person, sign_in
from tests.support.visitors import Visitor
from tests.support.world import Chain

SCRIPT = "<script>alert(1)</script>"
GOOD = {
    "code": "ebisu",
    "name": "恵比寿店",
    "time_zone": "Asia/Tokyo",
    "address": "東京都渋谷区",
    "phone": "03－1234－5678",  # noqa: RUF001 - as a Japanese keyboard types it
    "opening_hours": "月-金 9:00-21:00; 土日 10:00-26:00",
    "day_start_hour": "5",
    "store_groups": "関東、駅前",
    "lat": "35.6467",
    "lon": "139.7101",
}


async def find_store(chain: Chain) -> Any:
    return await chain.world.pool.fetchrow("SELECT * FROM stores WHERE program_id = $1", chain.id)


async def test_a_store_is_opened_shown_changed_and_closed(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await as_person(faces, await chain.add_person("owner"))
    made = await owner.post("/console/stores/new", GOOD)
    assert made.status_code == 303, made.text
    row = await find_store(chain)
    assert (row["code"], row["phone"], row["store_groups"]) == ("ebisu", "03-1234-5678", ["関東", "駅前"])
    page = (await owner.get(f"/console/stores/{row['id']}")).text
    hours = "月-金 09:00-21:00; 土-日 10:00-02:00"
    assert hours in page
    changed = GOOD | {"name": SCRIPT, "opening_hours": hours, "version": str(row["version"])}
    assert (await owner.post(f"/console/stores/{row['id']}", changed)).status_code == 303
    now = await find_store(chain)
    assert (now["name"], now["opening_hours"], now["code"]) == (SCRIPT, row["opening_hours"], "ebisu")
    assert SCRIPT not in (await owner.get(f"/console/stores/{row['id']}")).text
    closed = await owner.post(f"/console/stores/{row['id']}/close", {"version": str(now["version"])})
    assert (closed.status_code, closed.headers["location"]) == (303, "/console/stores")
    assert (await find_store(chain))["closed_at"] is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", "恵比寿店\u202e"),
        ("code", "E"),
        ("time_zone", "Tokyo"),
        ("phone", "call us"),
        ("lat", ""),
        ("lat", "91"),
        ("lon", "east"),
        ("opening_hours", "whenever"),
        ("day_start_hour", "24"),
        ("store_groups", "x" * 41),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(
    faces: ServedFaces, field: str, value: str
) -> None:
    chain = await faces.world.add_chain()
    owner = await as_person(faces, await chain.add_person("owner"))
    refused = await owner.post("/console/stores/new", GOOD | {field: value})
    assert refused.status_code == 422
    assert f'id="{field}-fault"' in refused.text
    assert field == "name" or 'value="恵比寿店"' in refused.text
    assert await find_store(chain) is None


async def test_a_code_that_is_taken_is_said(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await chain.add_store(code="ebisu")
    owner = await as_person(faces, await chain.add_person("owner"))
    refused = await owner.post("/console/stores/new", GOOD)
    assert refused.status_code == 422
    assert 'id="code-fault"' in refused.text


async def test_two_who_change_one_store_see_both(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store_id = await chain.add_store(code="ebisu", name="First")
    owner = await as_person(faces, await chain.add_person("owner"))
    path = f"/console/stores/{store_id}"
    version = read_version((await owner.get(path)).text)
    assert (await owner.post(path, GOOD | {"name": "Theirs", "version": version})).status_code == 303
    both = await owner.post(path, GOOD | {"name": "Ours", "version": version})
    assert both.status_code == 409
    assert "Theirs" in both.text
    assert "Ours" in both.text
    assert (await find_store(chain))["name"] == "Theirs", "nothing is overwritten in silence"
    assert (await owner.post(path + "/close", {"version": version})).status_code == 409
    assert (await owner.post(path, GOOD | {"name": "Ours", "version": read_version(both.text)})).status_code == 303
    assert (await find_store(chain))["name"] == "Ours"


def read_version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


async def test_a_store_of_others_is_not_there(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    own, other, foreign = await chain.add_store(), await chain.add_store(), await rival.add_store()
    manager = await as_person(faces, await chain.add_person("store_manager", own))
    assert (await manager.get(f"/console/stores/{own}")).status_code == 200
    assert (await manager.get(f"/console/stores/{other}")).status_code == 403
    assert (await manager.get(f"/console/stores/{foreign}")).status_code == 404
    for method in ("", "/close"):
        for store_id in (other, foreign):
            answer = await manager.post(f"/console/stores/{store_id}{method}", GOOD | {"version": "1"})
            assert answer.status_code in (403, 404)
    assert (await find_store(rival))["closed_at"] is None


async def test_a_store_is_opened_by_keyboard(faces: ServedFaces, visitor: Visitor) -> None:
    chain = await faces.world.add_chain()
    page = visitor.page
    await sign_in(faces, visitor, chain)
    await page.goto(faces.url("/console/stores/new"))
    assert await visitor.find_barriers() == []
    await page.locator("#code").focus()
    for text in ("ebisu", "恵比寿店", "東京都渋谷区", "03-1234-5678", "毎日 9:00-21:00"):
        await visitor.type(text, "Tab")
    await visitor.type("", "Enter")
    await page.get_by_role("status").filter(has_text="保存しました").wait_for()
    assert (await find_store(chain))["name"] == "恵比寿店"
    await visitor.speak("en")
    assert await visitor.find_barriers() == []
    assert await page.input_value("#opening_hours") == "Mo-Su 09:00-21:00"
    assert await visitor.find_faint_in_the_dark() == []
