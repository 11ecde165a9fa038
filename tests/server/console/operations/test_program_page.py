"""A program's settings as a page, over HTTP."""

import asyncio
import re

import pytest

from tests.support.expectations import expect_problem
from tests.support.faces import ServedFaces
from tests.support.signed_in import SignedIn, sign_in_as

PAGE = "/console/program"
SCRIPT = "<script>alert(1)</script>"
RULES = {
    "quiet_from": "22:00",
    "quiet_until": "07:30",
    "day_cap": "2",
    "week_cap": "6",
    "day_quota": "500",
    "phones": "all",
}


async def change_rules(owner: SignedIn, **changes: str) -> int:
    return (await owner.fill(f"{PAGE}/messages", at=PAGE, **RULES | changes)).status_code


async def test_a_program_gets_another_name_and_clock(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    changed = await owner.fill(PAGE, name=SCRIPT, default_locale="en", time_zone="Europe/Paris")
    assert changed.status_code == 303, changed.text
    told = (await chain.owner.get("/v1/program")).json()
    assert (told["name"], told["default_locale"], told["time_zone"]) == (SCRIPT, "en", "Europe/Paris")
    assert SCRIPT not in (await owner.open(PAGE)).text
    for bad in ({"name": " "}, {"time_zone": "Europe/Atlantis"}, {"default_locale": "fr"}):
        kept = {"name": "Kissa", "default_locale": "ja", "time_zone": "Asia/Tokyo"} | bad
        refused = await owner.fill(PAGE, **kept)
        assert refused.status_code == 422, bad
    assert (await chain.owner.get("/v1/program")).json()["name"] == SCRIPT


async def test_rules_of_messages_are_those_of_the_api(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    before = (await rival.owner.get("/v1/program/messages")).json()
    owner = await sign_in_as(faces, chain, "owner")
    assert await change_rules(owner) == 303
    told = (await chain.owner.get("/v1/program/messages")).json()
    assert (told["day_cap"], told["week_cap"], told["day_quota"], told["phones"]) == (2, 6, 500, "all")
    assert told["quiet_hours"] == {"start": "22:00:00", "end": "07:30:00"}
    assert await change_rules(owner, quiet_from="22:00:30") == 303
    assert 'value="22:00:30"' in (await owner.open(PAGE)).text
    assert await change_rules(owner, quiet_from="", quiet_until="", day_quota="") == 303
    told = (await chain.owner.get("/v1/program/messages")).json()
    assert (told["quiet_hours"], told["day_quota"]) == (None, None)
    assert (await rival.owner.get("/v1/program/messages")).json() == before


async def test_of_two_owners_the_later_sees_what_the_first_has_set(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    form = await owner.read_form(PAGE)
    assert await change_rules(owner, day_cap="3") == 303
    late = await owner.send(f"{PAGE}/messages", form | RULES | {"day_cap": "9"})
    assert (late.status_code, "Somebody else has changed this" in late.text) == (422, True)
    assert ('value="9"' in late.text, "<dd>3</dd>" in late.text) == (True, True)
    late = await owner.send(PAGE, form | {"name": "Late", "default_locale": "ja", "time_zone": "Asia/Tokyo"})
    assert (late.status_code, 'value="Late"' in late.text) == (422, True)
    again = form | {"version": re.findall(r'name="version" value="(\d+)"', late.text)[0]}
    saved = await owner.send(PAGE, again | {"name": "Late", "default_locale": "ja", "time_zone": "Asia/Tokyo"})
    assert saved.status_code == 303
    program, rules = await chain.owner.get("/v1/program"), await chain.owner.get("/v1/program/messages")
    assert (program.json()["name"], rules.json()["day_cap"]) == ("Late", 3)
    version = program.json()["version"]
    assert version == rules.json()["version"] == 3
    for body in ({"name": "A", "version": version}, {"name": "B"}):
        assert (await chain.owner.patch("/v1/program", body)).status_code == 200
    old = await chain.owner.patch("/v1/program", {"name": "C", "version": version})
    expect_problem(old, 409, "program-changed")
    expect_problem(await chain.owner.put("/v1/program/messages", rules.json()), 409, "program-changed")
    answers = await asyncio.gather(
        *(chain.owner.patch("/v1/program", {"name": "D", "version": version + 2}) for _ in range(4))
    )
    assert sorted(each.status_code for each in answers) == [200, 409, 409, 409]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("day_cap", "51"), ("week_cap", "many"), ("day_quota", "-1"), ("quiet_until", ""), ("phones", "none")],
)
async def test_a_rule_that_cannot_be_changes_nothing_and_keeps_what_was_typed(
    faces: ServedFaces, field: str, typed: str
) -> None:
    owner = await sign_in_as(faces, await faces.world.add_chain(), "owner")
    refused = await owner.fill(f"{PAGE}/messages", at=PAGE, **RULES | {field: typed})
    assert refused.status_code == 422
    assert 'value="500"' in refused.text or field == "day_quota"
    assert 'role="alert"' in refused.text


async def test_whoever_owns_no_program_changes_none(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    marketer = await sign_in_as(faces, chain, "marketer")
    form = await marketer.read_form("/console/campaigns")
    for path, typed in ((PAGE, {"name": "Mine"}), (f"{PAGE}/messages", RULES)):
        assert (await marketer.send(path, form | typed)).status_code == 403
    owner = await sign_in_as(faces, chain, "owner")
    assert (await owner.send(PAGE, {"csrf": "forged", "name": "Mine"})).status_code == 403
