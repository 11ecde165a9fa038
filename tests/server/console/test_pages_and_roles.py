"""Every page of the console, opened by everybody of the staff."""

import re
from typing import get_args

import pytest

from programs.staff_repository import Role
from server.console.navigation import MENU, show_menu
from server.console.page_access import PAGES
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.managers import as_person
from tests.support.stage import set_stage
from tests.support.world import Chain

ROLES: tuple[Role, ...] = get_args(Role)
# Pages of one thing: a role that may open them hears that there is no such thing.
SHOWN = {200, 303, 404}
# Whoever is let in hears of what happens as long as they listen: tests/server/console/map/test_live.py.
ENDLESS = "/console/map/live"


def test_the_menu_shows_what_one_may_open_and_where_one_is() -> None:
    for role in ROLES:
        shown = [entry for group in show_menu(role, "/console/stores/1") for entry in group.entries]
        assert [each.path for each in shown if each.is_current] == ["/console/stores"]
        assert all(role in PAGES["GET", each.path] for each in shown)
    assert {each.path for group in MENU for each in group.entries} <= {path for _, path in PAGES}


async def sign_in_as(faces: ServedFaces, chain: Chain, role: Role) -> dict[str, str]:
    stores = [await chain.add_store()] if role == "store_manager" else []
    person = await chain.add_person(role, *stores, password=PASSWORD)
    answer = await faces.sign_in(chain, person)
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_opens_its_own_pages_only(faces: ServedFaces, role: Role) -> None:
    cookie = await sign_in_as(faces, await faces.world.add_chain(), role)
    for (method, template), roles in PAGES.items():
        path = re.sub(r"\{\w+\}", "01923456-789a-7bcd-8ef0-123456789abc", template)
        if method != "GET" or (path == ENDLESS and role in roles):
            # Without the token of a form nobody changes anything: what is judged first is tested elsewhere.
            continue
        answer = await faces.get(path, headers=cookie)
        if role in roles or "anyone" in roles:
            assert answer.status_code in SHOWN, (path, answer.text)
        else:
            assert answer.status_code == 403, path
            assert 'class="menu"' in answer.text, "it stands in the frame"


async def test_what_a_form_tells_is_told_once_and_to_no_script(faces: ServedFaces) -> None:
    cookie = await sign_in_as(faces, await faces.world.add_chain(), "owner")
    told = {"Cookie": f"{cookie['Cookie']}; noren-told=sign_out"}
    page = await faces.get("/console/stores", headers=told)
    assert page.text.count('class="note told"') == 1
    (cleared,) = [each for each in page.headers.get_list("set-cookie") if each.startswith("noren-told=")]
    assert {"Max-Age=0", "HttpOnly"} <= set(cleared.split("; "))
    unknown = await faces.get("/console/stores", headers={"Cookie": f"{cookie['Cookie']}; noren-told=<b>"})
    assert 'class="note told"' not in unknown.text
    assert "<b>" not in unknown.text


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_sends_its_own_forms_only(faces: ServedFaces, role: Role) -> None:
    stage = await set_stage(await faces.world.add_chain())
    stores = [stage.store_id] if role == "store_manager" else []
    person = await as_person(faces, await stage.chain.add_person(role, *stores))
    before = await faces.world.fingerprint()
    for (method, template), roles in PAGES.items():
        if method == "POST" and role not in roles and "anyone" not in roles:
            answer = await person.post(stage.path(template.replace("{action}", "block")), {"sure": "yes"})
            assert answer.status_code == 403, template
    assert await faces.world.fingerprint() == before
