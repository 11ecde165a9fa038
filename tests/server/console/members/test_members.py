"""Pages of members over HTTP: who sees them, other tenants, the search, and the correction of points."""

import asyncio
import re

import pytest

from tests.support.faces import ServedFaces
from tests.support.signed_in import SignedIn, sign_in_as
from tests.support.world import POINT_RULES, Chain, Member

SCRIPT = "<script>alert(1)</script>"


async def add_member(chain: Chain, name: str, **changes: str) -> Member:
    member = await chain.enrol()
    changed = await chain.owner.patch(f"/v1/members/{member.id}/profile", {"name": name, **changes})
    assert changed.status_code == 200, changed.text
    return member


async def postings_of(chain: Chain, member: Member) -> list[int]:
    answer = (await chain.owner.get(f"/v1/members/{member.id}/points")).json()
    return [posting["points"] for posting in answer["history"]["items"]]


async def add_pointed(faces: ServedFaces) -> tuple[Chain, SignedIn, Member]:
    """A member of a program with points, and its owner."""
    chain = await faces.world.add_chain()
    assert (await chain.owner.put("/v1/program/points", POINT_RULES)).status_code == 200
    return chain, await sign_in_as(faces, chain, "owner"), await add_member(chain, "佐藤 花子")


async def test_a_store_manager_sees_no_member(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store = await chain.add_store()
    member = await add_member(chain, "佐藤 花子")
    manager = await sign_in_as(faces, chain, "store_manager", store)
    for path in ("", f"/{member.id}", f"/{member.id}/visits", f"/{member.id}/points"):
        answer = await manager.open(f"/console/members{path}")
        assert answer.status_code == 403, path
        assert "佐藤" not in answer.text


async def test_members_of_another_program_are_nobodys(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    theirs = await add_member(rival, "鈴木 一郎")
    owner = await sign_in_as(faces, chain, "owner")
    for path in ("", "/visits", "/points"):
        assert (await owner.open(f"/console/members/{theirs.id}{path}")).status_code == 404
    assert "鈴木" not in (await owner.open("/console/members")).text
    found = await owner.fill("/console/members/search", at="/console/members", text="鈴木")
    assert "鈴木 一郎" not in (await owner.open(found.headers["location"])).text
    form = await owner.read_form("/console/members") | {"points": "100", "reason": "x", "key": "k" * 40}
    assert (await owner.send(f"/console/members/{theirs.id}/points", form)).status_code in (404, 422)
    assert await postings_of(rival, theirs) == []


async def test_a_search_finds_and_its_address_tells_nothing(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    await add_member(chain, f"佐藤 花子{SCRIPT}", kana="サトウ ハナコ")
    await add_member(chain, "鈴木 一郎")
    owner, other = await sign_in_as(faces, chain, "owner"), await sign_in_as(faces, chain, "owner")
    led = await owner.fill("/console/members/search", at="/console/members", text=" サトウ ")
    address = led.headers["location"]
    assert re.fullmatch(r"/console/members\?s=[\w-]+", address)
    found = await owner.open(address)
    assert "佐藤 花子&lt;script&gt;" in found.text
    assert SCRIPT not in found.text
    assert "鈴木" not in found.text
    assert 'value="サトウ"' in found.text, "what was searched for is kept"
    everybody = await other.open(address)
    assert 'value="サトウ"' not in everybody.text, "nobody else reads it"
    assert "鈴木" in everybody.text
    empty = await owner.fill("/console/members/search", at="/console/members", text=" ")
    assert empty.headers["location"] == "/console/members"
    assert (await owner.open("/console/members?s=nonsense")).status_code == 200
    assert (await owner.open("/console/members?cursor=nonsense")).status_code == 400


async def test_a_correction_is_booked_once_however_often_it_is_sent(faces: ServedFaces) -> None:
    chain, owner, member = await add_pointed(faces)
    path = f"/console/members/{member.id}/points"
    form = await owner.read_form(path) | {"points": "\uff11\uff10\uff10", "reason": SCRIPT}
    answers = await asyncio.gather(*(owner.send(path, form) for _ in range(3)))
    assert {answer.status_code for answer in answers} <= {303, 422}
    assert (await owner.send(path, form)).status_code == 303
    assert await postings_of(chain, member) == [100]
    changed = await owner.send(path, form | {"points": "200"})
    assert changed.status_code == 422
    assert "booked before" in changed.text
    assert await postings_of(chain, member) == [100]
    shown = await owner.open(path)
    assert "&lt;script&gt;" in shown.text
    assert SCRIPT not in shown.text
    audit = (await chain.owner.get("/v1/audit")).json()["items"]
    assert [each["action"] for each in audit].count("POST /v1/points/adjustments") == 1


@pytest.mark.parametrize(
    ("points", "reason", "said"),
    [
        ("", "why", "whole number"),
        ("0", "why", "whole number"),
        ("1.5", "why", "whole number"),
        ("99999999", "why", "whole number"),
        ("abc<b>", "why", "whole number"),
        ("10", "  ", "reason"),
        ("10", "x" * 501, "reason"),
        ("-10", "why", "fewer points"),
    ],
)
async def test_what_cannot_be_booked_is_said_and_what_was_typed_stays(
    faces: ServedFaces, points: str, reason: str, said: str
) -> None:
    chain, owner, member = await add_pointed(faces)
    path = f"/console/members/{member.id}/points"
    form = await owner.read_form(path)
    refused = await owner.send(path, form | {"points": points, "reason": reason})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert said in refused.text
    assert "<b>" not in refused.text
    assert f'value="{reason.strip()}"' in refused.text or f'value="{reason}"' in refused.text
    assert f'name="key" value="{form["key"]}"' in refused.text, "the same form is sent again"
    assert await postings_of(chain, member) == []


async def test_a_forged_correction_books_nothing(faces: ServedFaces) -> None:
    chain, owner, member = await add_pointed(faces)
    form = await owner.read_form(f"/console/members/{member.id}/points") | {"points": "5", "reason": "x"}
    assert (await owner.send(f"/console/members/{member.id}/points", form | {"csrf": "x"})).status_code == 403
    assert await postings_of(chain, member) == []
