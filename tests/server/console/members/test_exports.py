"""A copy of a member's data at the desk: by the code that the member tells, once, by an owner."""

from urllib.parse import parse_qs, urlparse

from kit.ids import new_id
from tests.server.console.members.test_members import add_member
from tests.support.faces import ServedFaces
from tests.support.inbox import fetch_code
from tests.support.lives import KEYRING, ok
from tests.support.proving import let_a_minute_pass
from tests.support.rights import PHONE, off_by_one, read_export, verify_contact_of
from tests.support.signed_in import sign_in_as


async def test_a_copy_is_handed_out_with_the_code_that_the_member_tells(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    member = await add_member(chain, "佐藤 花子")
    owner = await sign_in_as(faces, chain)
    path = f"/console/members/{member.id}/export"
    assert "no confirmed contact" in (await owner.open(path)).text
    assert (await owner.fill(f"{path}/code", at="/console/coupons", kind="phone")).status_code == 422
    await verify_contact_of(chain, member)
    assert (await owner.fill(path, code="123456")).status_code == 422, "no code was sent"
    sent = await owner.fill(f"{path}/code", at=path, kind="phone")
    assert sent.status_code == 303
    asked = await owner.open(sent.headers["location"])
    assert PHONE not in asked.text
    code_id = parse_qs(urlparse(sent.headers["location"]).query)["code"][0]
    code = await fetch_code(faces.world.pool, KEYRING, PHONE)
    form = await owner.read_form(sent.headers["location"])
    assert form["code_id"] == code_id
    wrong = await owner.send(path, form | {"code": off_by_one(code)})
    assert (wrong.status_code, code_id in wrong.text) == (422, True), "the form goes on with the same code"
    assert (await owner.send(path, form | {"code": "<b>"})).status_code == 422
    file = await owner.send(path, form | {"code": code})
    assert file.headers["cache-control"] == "no-store"
    assert file.headers["content-disposition"].startswith("attachment")
    assert read_export(file)["profiles"][0]["name"] == "佐藤 花子"
    again = await owner.send(path, form | {"code": code})
    assert (again.status_code, "That code is over" in again.text) == (422, True)
    acts = [each["action"] for each in ok(await chain.owner.get("/v1/audit"))["items"]]
    assert acts[:2] == ["POST /v1/members/{member_id}/export", "POST /v1/members/{member_id}/data-codes"]


async def test_nobody_else_hands_one_out(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    store, member = await chain.add_store(), await add_member(chain, "佐藤 花子")
    other = await add_member(chain, "鈴木")
    await verify_contact_of(chain, member)
    path = f"/console/members/{member.id}/export"
    for role, stores in (("store_manager", [store]), ("marketer", []), ("analyst", [])):
        staff = await sign_in_as(faces, chain, role, *stores)  # type: ignore[arg-type]
        assert (await staff.open(path)).status_code == 403
        page = await staff.read_form("/console/account")
        assert (await staff.send(f"{path}/code", page)).status_code == 403
    rival = await sign_in_as(faces, await faces.world.add_chain())
    page = await rival.read_form("/console/coupons")
    assert (await rival.send(f"{path}/code", page)).status_code == 404
    assert (await rival.send(path, page | {"code_id": str(new_id()), "code": "123456"})).status_code in (404, 422)
    # Another member's code opens nothing.
    owner = await sign_in_as(faces, chain)
    sent = await owner.fill(f"{path}/code", at=path, kind="phone")
    form = await owner.read_form(sent.headers["location"])
    code = await fetch_code(faces.world.pool, KEYRING, PHONE)
    await let_a_minute_pass(chain)
    theirs = await owner.send(f"/console/members/{other.id}/export", form | {"code": code})
    assert theirs.status_code == 422
    assert theirs.headers["content-type"].startswith("text/html")
