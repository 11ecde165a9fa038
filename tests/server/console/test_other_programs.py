"""Every page of the console that names something by its id, opened and sent by the staff of another program."""

import re
from typing import get_args

import pytest

from programs.staff_repository import Role
from server.console.page_access import PAGES
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as
from tests.support.stage import Stage, set_stage

# Their paths name a place in the world (tests/server/console/map/test_tiles.py), or what every program has one of.
NO_IDS = (
    "/console/map/tiles/{z}/{x}/{y}",
    "/console/providers/{provider}",
    "/console/providers/{provider}/removal",
    "/console/account/sessions/{name}/end",
)
FIELDS = {"name": "Stolen", "sure": "yes", "version": "1", "points": "5", "reason": "theft", "key": "k" * 43}


def name_all(stage: Stage, template: str) -> str:
    return stage.path(template.replace("{kind}", "join").replace("{action}", "block"))


def with_ids(stage: Stage) -> dict[str, str]:
    """What a form may name by an id."""
    ids = {name: str(each) for name, each in stage.path_ids.items()}
    others = {"like": ids["campaign_id"], "audience": str(stage.audience_id), "other": ids["member_id"]}
    return FIELDS | ids | others


@pytest.mark.parametrize("role", get_args(Role))
async def test_what_is_another_programs_is_nobodys(faces: ServedFaces, role: Role) -> None:
    chain = await faces.world.add_chain()
    theirs = await set_stage(await faces.world.add_chain())
    own = [await chain.add_store()] if role == "store_manager" else []
    stranger = await sign_in_as(faces, chain, role, *own)
    (csrf,) = set(re.findall(r'name="csrf" value="([^"]+)"', (await stranger.open("/console/account")).text))
    before = await faces.world.fingerprint()
    for method, template in PAGES:
        if "{" not in template or template in NO_IDS:
            continue
        path = name_all(theirs, template)
        answer = (
            await stranger.open(path)
            if method == "GET"
            else await stranger.send(path, with_ids(theirs) | {"csrf": csrf})
        )
        assert answer.status_code in (400, 403, 404, 422), (method, path, answer.text)
        assert str(theirs.coupon_id) not in answer.text
    assert await faces.world.fingerprint() == before
