"""Staff, tills and the audit trail as pages, over HTTP."""

import asyncio
import re

import msgspec
import pytest

from channels.messages import EmailMessage
from server.console.let_in import HOME
from tests.support.faces import PASSWORD, ServedFaces
from tests.support.lives import KEYRING
from tests.support.signed_in import SignedIn, sign_in, sign_in_as
from tests.support.staff_factors import add_authenticator
from tests.support.world import Person

SCRIPT = "<script>alert(1)</script>"


async def find_invitation(faces: ServedFaces, email: str) -> str:
    """The token behind # in the newest e-mail."""
    query = "SELECT d.id, d.sealed_message FROM staff_deliveries d JOIN staff s ON s.id = d.staff_id WHERE s.email = $1"
    row = await faces.world.pool.fetchrow(query + " ORDER BY d.id DESC LIMIT 1", email)
    assert row is not None
    message = msgspec.json.decode(KEYRING.unseal("message", row["id"].bytes, row["sealed_message"]), type=EmailMessage)
    (link,) = re.findall(r"http\S+", message.body)
    assert link.startswith(f"{faces.origin('console')}/console/invitation#nrni_")
    return str(link.partition("#")[2])


async def invite(owner: SignedIn, email: str, **changes: str) -> int:
    typed = {"email": email, "name": "Ito Ren", "role": "marketer", "stores": ""} | changes
    return (await owner.fill("/console/staff", **typed)).status_code


async def accept(faces: ServedFaces, token: str, password: str = "a password of mine") -> str:
    answer = await faces.post("/console/invitation", {"token": token, "new": password})
    return str(answer.headers.get("location", answer.status_code))


async def test_who_is_invited_chooses_a_password_and_nobody_else_comes_by_the_link(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    assert await invite(owner, "Ren@example.com") == 303
    first = await find_invitation(faces, "ren@example.com")
    assert await invite(owner, "ren@example.com") == 422, "the address is there"
    person_id = await faces.world.pool.fetchval("SELECT id FROM staff WHERE email = 'ren@example.com'")
    again = await owner.fill(f"/console/staff/{person_id}/invitation", at=f"/console/staff/{person_id}")
    assert again.status_code == 303
    token = await find_invitation(faces, "ren@example.com")
    assert await accept(faces, first) == "/console/sign-in?link_ended=1", "the newest is good, and no other"
    assert await accept(faces, token, "short") == "422"
    both = await asyncio.gather(accept(faces, token), accept(faces, token))
    assert sorted(both) == ["/console/account", "/console/sign-in?link_ended=1"]
    assert token not in str(await faces.world.pool.fetch("SELECT t::text FROM staff_links t"))
    marketer = await sign_in(faces, chain, Person(chain.owner, person_id, "ren@example.com"), "a password of mine")
    assert (await marketer.open("/console/staff")).status_code == 403


async def test_the_api_invites_whom_it_gives_no_password(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    body = {"email": "api@example.com", "name": "Api", "role": "analyst"}
    added = await chain.owner.post("/v1/staff", body)
    assert added.status_code == 201
    token = await find_invitation(faces, "api@example.com")
    assert await accept(faces, token, PASSWORD) == "/console/account"
    log_in = {"program": chain.code, "email": "api@example.com", "password": PASSWORD}
    assert (await chain.world.anyone.post("/v1/sessions", log_in)).status_code == 201


async def test_an_invitation_ends_with_the_person(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    assert await invite(owner, "gone@example.com", name=SCRIPT) == 303
    token = await find_invitation(faces, "gone@example.com")
    person_id = await faces.world.pool.fetchval("SELECT id FROM staff WHERE email = 'gone@example.com'")
    assert SCRIPT not in (await owner.open("/console/staff")).text
    assert (await owner.fill(f"/console/staff/{person_id}/end", at=f"/console/staff/{person_id}")).status_code == 303
    assert await accept(faces, token) == "/console/sign-in?link_ended=1"


async def test_an_owner_resets_what_somebody_has_lost_and_the_trail_says_who(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner, other = await sign_in_as(faces, chain, "owner"), await faces.add_owner(chain)
    await add_authenticator(chain, other)
    path = f"/console/staff/{other.id}"
    assert (await owner.fill(f"{path}/second-factor", at=path)).status_code == 303
    assert (await faces.sign_in(chain, other)).headers["location"] == HOME
    trail = (await owner.open("/console/audit")).text
    assert "Reset a person&#39;s second factor" in trail
    assert str(other.id) in trail


async def test_the_last_owner_stays_and_others_program_is_out_of_reach(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    owner, theirs = await sign_in_as(faces, chain, "owner"), await rival.add_person("analyst")
    me = await faces.world.pool.fetchval("SELECT max(id::text) FROM staff WHERE program_id = $1", chain.id)
    end_others = "UPDATE staff SET disabled_at = now() WHERE program_id = $1 AND id::text <> $2"
    await faces.world.pool.execute(end_others, chain.id, me)
    ended = await owner.fill(f"/console/staff/{me}/end", at=f"/console/staff/{me}")
    assert ended.status_code == 422
    assert (await owner.open(f"/console/staff/{theirs.id}")).status_code == 404
    for part in ("", "/end", "/second-factor", "/invitation"):
        form = await owner.read_form("/console/staff") | {"name": "X", "role": "owner", "stores": ""}
        assert (await owner.send(f"/console/staff/{theirs.id}{part}", form)).status_code == 404, part


async def test_a_till_is_made_and_paired_by_a_qr_that_is_shown_once(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    mine, other = await chain.add_store(), await chain.add_store()
    codes = {row["id"]: row["code"] for row in await faces.world.pool.fetch("SELECT id, code FROM stores")}
    manager = await sign_in_as(faces, chain, "store_manager", mine)
    assert (await manager.fill("/console/tills", store=codes[other], name="Theirs")).status_code == 422
    made = await manager.fill("/console/tills", store=codes[mine], name=SCRIPT)
    path = made.headers["location"]
    shown = await manager.fill(f"{path}/pairing", at=path)
    assert SCRIPT not in shown.text
    (code,) = re.findall(r"#pair=(nrnc_[\w-]+)", shown.text)
    assert "data:image/svg+xml" in shown.text
    paired = await faces.world.anyone.post("/v1/till-pairings", {"program": chain.code, "code": code})
    assert paired.is_success, paired.text
    assert (await manager.fill(f"{path}/end", at=path)).status_code == 303
    assert (await manager.open(path)).status_code == 404
    rival = await sign_in_as(faces, await faces.world.add_chain(), "owner")
    assert (await rival.open(path)).status_code == 404


@pytest.mark.parametrize("path", ["/console/staff", "/console/tills", "/console/account/password"])
async def test_a_form_without_the_token_does_nothing(faces: ServedFaces, path: str) -> None:
    owner = await sign_in_as(faces, await faces.world.add_chain(), "owner")
    assert (await owner.send(path, {"csrf": "forged", "new": PASSWORD})).status_code == 403


async def test_without_a_factor_that_is_demanded_only_the_account_opens(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    form = await owner.read_form("/console/staff") | {"demand": "1"}
    assert (await owner.send("/console/staff/second-factor", form)).status_code == 303
    assert (await owner.open("/console/stores")).headers["location"] == "/console/account"
    assert (await owner.open("/console/account")).status_code == 200


async def test_a_manager_of_many_stores_keeps_them_all(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    stores = [await chain.add_store(code=f"a-store-with-a-rather-long-code-{number}") for number in range(70)]
    manager = await chain.add_person("store_manager", *stores)
    owner, path = await sign_in_as(faces, chain, "owner"), f"/console/staff/{manager.id}"
    (codes,) = re.findall(r'name="stores"[^>]* value="([^"]*)"', (await owner.open(path)).text)
    typed = {"name": "Ito Ren", "role": "store_manager"}
    assert (await owner.fill(path, **typed, stores=codes)).status_code == 303
    too_long = await owner.fill(path, **typed, stores=codes + " x" * 4000)
    assert too_long.status_code == 422
    kept = await faces.world.pool.fetchval("SELECT count(*) FROM staff_stores WHERE staff_id = $1", manager.id)
    assert kept == len(stores)
