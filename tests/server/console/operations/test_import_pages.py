"""Imports of members as pages: sent, rehearsed, followed, stopped."""

import re
from uuid import UUID

import httpx

from ids import ImportRunId
from server.moving_in.work_sent import carry_out
from tests.support.faces import ServedFaces
from tests.support.lives import KEYRING
from tests.support.signed_in import SignedIn, sign_in_as
from tests.support.world import Chain

PAGE = "/console/imports"
SCRIPT = "<script>alert(1)</script>"
FILE = f"number,name,birthday,{SCRIPT}\nA-1,Sato,1990-04-01,x\n,,,y\nA-2,Suzuki,{SCRIPT},\n".encode()


async def send(somebody: SignedIn, body: bytes = FILE, name: str = "members.csv", **form: str) -> httpx.Response:
    fields = await somebody.read_form(PAGE) | form
    headers = somebody.cookie | {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
    files = {"file": (name, body, "text/csv")}
    return await somebody.faces.call("POST", PAGE, data=fields, files=files, headers=headers)


async def work(chain: Chain, path: str) -> None:
    await carry_out(chain.world.pool, KEYRING, chain.id, ImportRunId(UUID(path.rpartition("/")[2])))


async def test_a_file_is_rehearsed_then_brought_in(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    rehearsed = (await send(owner, name=f"C:\\old\\{SCRIPT}.csv".replace("/", ""))).headers["location"]
    waiting = await owner.open(rehearsed)
    assert "every 2s" in waiting.text
    await work(chain, rehearsed)
    page = (await owner.open(rehearsed)).text
    assert "every 2s" not in page
    assert "<script>alert" not in page
    assert re.findall(r"<dt>New members</dt><dd>(\d+)</dd>", page) == ["2"]
    assert page.count("Left out</span>") == 1
    assert await chain.world.pool.fetchval("SELECT count(*) FROM members WHERE program_id = $1", chain.id) == 0
    brought = (await send(owner, mode="import")).headers["location"]
    await work(chain, brought)
    assert await chain.world.pool.fetchval("SELECT count(*) FROM members WHERE program_id = $1", chain.id) == 2
    listed = (await owner.open(PAGE)).text
    assert listed.index(brought) < listed.index(rehearsed)
    assert "<script>alert" not in listed


async def test_whoever_follows_it_gets_the_whole_once_it_is_over(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    path = (await send(owner)).headers["location"]
    polled = owner.cookie | {"HX-Request": "true"}
    assert "hx-retarget" not in (await faces.get(path, headers=polled)).headers
    await work(chain, path)
    assert (await faces.get(path, headers=polled)).headers["hx-retarget"] == "#run"


async def test_one_at_a_time_and_one_can_be_stopped(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    path = (await send(owner, mode="import")).headers["location"]
    assert (await send(owner, mode="import")).headers["location"] == path, "the same file"
    other = await send(owner, b"number\nB-1\n")
    assert other.status_code == 422
    assert f'href="{path}"' in other.text
    assert (await owner.fill(f"{path}/stop", at=path)).status_code == 303
    assert "Stopped" in (await owner.open(path)).text
    assert (await send(owner, b"number\nB-1\n")).status_code == 303


async def test_no_file_an_empty_one_and_a_forged_form_do_nothing(faces: ServedFaces) -> None:
    chain = await faces.world.add_chain()
    owner = await sign_in_as(faces, chain, "owner")
    assert (await send(owner, b"")).status_code == 422
    assert (await owner.fill(PAGE, mode="import")).status_code == 422
    assert (await send(owner, name="x" * 201)).status_code == 422
    assert (await send(owner, csrf="forged")).status_code == 403
    assert await chain.world.pool.fetchval("SELECT count(*) FROM import_runs WHERE program_id = $1", chain.id) == 0


async def test_another_programs_import_is_out_of_reach(faces: ServedFaces) -> None:
    chain, rival = await faces.world.add_chain(), await faces.world.add_chain()
    owner, theirs = await sign_in_as(faces, chain, "owner"), await sign_in_as(faces, rival, "owner")
    path = (await send(owner)).headers["location"]
    assert path not in (await theirs.open(PAGE)).text
    assert (await theirs.open(path)).status_code == 404
    assert (await theirs.fill(f"{path}/stop", at=PAGE)).status_code == 404
    assert "every 2s" in (await owner.open(path)).text, "it is still under way"
    manager = await sign_in_as(faces, chain, "marketer")
    assert (await manager.open(path)).status_code == 403
