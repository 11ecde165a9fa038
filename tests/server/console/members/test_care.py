"""Pages of a member's coupons, messages and account over HTTP: whose they are, what is done once, and what is asked."""

import pytest

from coupons.coupon_codes import make_coupon_code
from kit.ids import new_id
from kit.sealing import Keyring
from tests.server.console.members.test_members import add_member, add_pointed
from tests.support.databases import SECRET_KEY
from tests.support.faces import ServedFaces
from tests.support.signed_in import sign_in_as
from tests.support.stage import set_stage

TABS = ("coupons", "messages", "why", "account", "merge")


async def test_a_coupon_is_found_by_its_code_and_tells_its_history(faces: ServedFaces) -> None:
    stage, rival = await set_stage(await faces.world.add_chain()), await faces.world.add_chain()
    owner, stranger = await sign_in_as(faces, stage.chain, "owner"), await sign_in_as(faces, rival, "owner")
    code = make_coupon_code(Keyring(SECRET_KEY), stage.member.id, stage.coupon_id)
    found = await owner.fill("/console/coupons", code=f" {code.lower()} ")
    address = f"/console/members/{stage.member.id}/coupons/{stage.coupon_id}"
    assert (found.status_code, found.headers["location"]) == (303, address)
    shown = await owner.open(address)
    assert shown.status_code == 200
    assert "Issued" in shown.text
    listed = await owner.open(f"/console/members/{stage.member.id}/coupons")
    assert address in listed.text
    for typed in (code, code[:-1], "N1K<script>", "", "x" * 300):
        refused = await stranger.fill("/console/coupons", code=typed)
        assert refused.status_code == 422, typed
        assert "<script>" not in refused.text
    assert (await stranger.open(address)).status_code == 404
    assert (await owner.open(f"/console/members/{stage.member.id}/coupons/{new_id()}")).status_code == 404


async def test_others_see_none_of_it(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    store, member = await chain.add_store(), await add_member(chain, "佐藤 花子")
    stranger = await sign_in_as(faces, rival, "owner")
    for tab in TABS:
        path = f"/console/members/{member.id}/{tab}"
        assert (await stranger.open(path)).status_code == 404, path
        for role, stores in (("store_manager", [store]), ("marketer", []), ("analyst", [])):
            answer = await (await sign_in_as(faces, chain, role, *stores)).open(path)  # type: ignore[arg-type]
            assert answer.status_code == 403, (role, path)
    form = await stranger.read_form("/console/coupons") | {"key": "k" * 43, "verified_by": "card_shown", "sure": "yes"}
    for action in ("block", "stop-card", "erase", "stay"):
        answer = await stranger.send(f"/console/members/{member.id}/account/{action}", form)
        assert answer.status_code == 404, action
    assert (await chain.owner.get(f"/v1/members/{member.id}/summary")).status_code == 200


async def test_an_analyst_reads_a_member_without_who_it_is(faces: ServedFaces) -> None:
    chain, _, member = await add_pointed(faces)
    analyst = await sign_in_as(faces, chain, "analyst")
    assert (await analyst.open(f"/console/members/{member.id}/points")).status_code == 403, "reasons name people"
    for path in ("", f"/{member.id}"):
        page = await analyst.open(f"/console/members{path}")
        assert page.status_code == 200, path
        assert "佐藤" not in page.text
        assert member.card_number not in page.text


async def test_why_not_is_told_in_words_as_the_api_tells_it(faces: ServedFaces) -> None:
    stage = await set_stage(await faces.world.add_chain())
    owner = await sign_in_as(faces, stage.chain, "owner")
    asked = {"member_id": str(stage.member.id), "hours": 24}
    told = (await stage.chain.owner.post(f"/v1/campaigns/{stage.campaign_id}/explain", asked)).json()
    assert told["decisions"]
    page = await owner.open(f"/console/members/{stage.member.id}/why?campaign={stage.campaign_id}")
    assert told["decisions"][0]["why"]["en"] in page.text
    in_japanese = await owner.open(f"/console/members/{stage.member.id}/why?campaign={stage.campaign_id}", "ja")
    assert told["decisions"][0]["why"]["ja"] in in_japanese.text
    for query in ("campaign=x&day=y", "day=9999-99-99", f"campaign={stage.campaign_id}&day=0001-01-01"):
        assert (await owner.open(f"/console/members/{stage.member.id}/why?{query}")).status_code == 200, query
    assert (await owner.open(f"/console/members/{stage.member.id}/why?campaign={new_id()}")).status_code == 404


async def test_a_member_is_blocked_once_and_let_in_again(faces: ServedFaces) -> None:
    chain, owner, member = await add_pointed(faces)
    path = f"/console/members/{member.id}/account"
    form = await owner.read_form(path)
    for _ in range(2):
        assert (await owner.send(f"{path}/block", form)).status_code == 303
    assert (await member.app.get("/v1/me")).status_code == 403
    stale = await owner.fill(f"{path}/block", at=path)
    assert stale.status_code == 422
    assert "changed meanwhile" in stale.text
    assert (await owner.fill(f"{path}/unblock", at=path)).status_code == 303
    assert (await owner.fill(f"{path}/stop-card", at=path)).status_code == 303
    assert (await owner.fill(f"{path}/nonsense", at=path)).status_code == 404
    actions = [each["action"] for each in (await chain.owner.get("/v1/audit")).json()["items"]]
    assert actions.count("POST /v1/members/{member_id}/block") == 1
    assert "DELETE /v1/members/{member_id}/card-key" in actions, "as the API names it"


async def test_erasure_asks_how_it_was_proved_and_is_listed_while_it_waits(faces: ServedFaces) -> None:
    chain, owner, member = await add_pointed(faces)
    assert "Nobody has asked" in (await owner.open("/console/members/erasures")).text
    await faces.world.pool.execute(
        "INSERT INTO erasure_requests (member_id, program_id, requested_at, due_at)"
        " VALUES ($1, $2, now(), now() + interval '1 day')",
        member.id,
        chain.id,
    )
    assert "佐藤 花子" in (await owner.open("/console/members/erasures")).text
    path = f"/console/members/{member.id}/account"
    assert (await owner.fill(f"{path}/stay", at=path)).status_code == 303
    assert "佐藤 花子" not in (await owner.open("/console/members/erasures")).text
    for typed in ({}, {"sure": "yes"}, {"sure": "yes", "verified_by": "x"}, {"verified_by": "card_shown"}):
        assert (await owner.fill(f"{path}/erase", at=path, **typed)).status_code == 422
    done = await owner.fill(f"{path}/erase", at=path, sure="yes", verified_by="card_shown")
    assert done.status_code == 303
    assert (await owner.open(path)).status_code == 404
    audit = (await chain.owner.get("/v1/audit")).json()["items"]
    assert any(each["target"] == "erased, verified by card_shown" for each in audit)
    assert not any(str(member.id) in each["target"] for each in audit)


async def test_two_cards_of_one_person_become_one(faces: ServedFaces) -> None:
    chain, owner, stays = await add_pointed(faces)
    gone = await add_member(chain, "サトウ花子")
    given = {"member_id": str(gone.id), "points": 70, "reason": "x"}
    assert (await chain.owner.post("/v1/points/adjustments", given)).status_code == 201
    path = f"/console/members/{stays.id}/merge"
    found = await owner.fill(f"{path}/search", at=path, number=gone.card_number)
    assert found.headers["location"] == f"{path}?other={gone.id}"
    sides = await owner.open(found.headers["location"])
    assert gone.card_number in sides.text
    assert stays.card_number in sides.text
    form = await owner.read_form(found.headers["location"])
    assert (await owner.send(path, form)).status_code == 422, "it asks first"
    for _ in range(2):
        assert (await owner.send(path, form | {"sure": "yes"})).status_code == 303
    summary = (await chain.owner.get(f"/v1/members/{stays.id}/summary")).json()
    assert summary["points"]["balance"] == 70
    assert (await stays.app.get("/v1/me")).status_code == 200, "the phone of who stays goes on"
    assert (await gone.app.get("/v1/me")).status_code == 401
    assert f'href="/console/members/{stays.id}"' in (await owner.open(f"/console/members/{gone.id}")).text
    search = {"card_number": gone.card_number}
    assert (await chain.owner.post("/v1/members/search", search)).json()["items"][0]["member_id"] == str(stays.id)


@pytest.mark.parametrize("number", ["", "1", "2900000000001", "<script>"])
async def test_nobody_is_merged_with_nobody(faces: ServedFaces, number: str) -> None:
    _, owner, member = await add_pointed(faces)
    rival = await faces.world.add_chain()
    theirs = await rival.enrol()
    path = f"/console/members/{member.id}/merge"
    for typed in (number, member.card_number, theirs.card_number):
        refused = await owner.fill(f"{path}/search", at=path, number=typed)
        assert refused.status_code == 422
        assert "<script>" not in refused.text
    form = await owner.read_form(path) | {"key": "k" * 43, "sure": "yes"}
    assert (await owner.send(path, form | {"other": str(member.id)})).status_code == 422
    assert (await owner.send(path, form | {"other": str(theirs.id)})).status_code in (404, 422)
    assert (await rival.owner.get(f"/v1/members/{theirs.id}/summary")).status_code == 200
