"""The links of the demo: one for each face, and the manager's is good."""

from types import SimpleNamespace
from typing import Any, cast

from devtools.demo.answers import PairingCode, Session
from devtools.demo.links import Links
from devtools.demo.servers import Program
from ids import StaffId
from kit.clock import utc_now
from kit.database import Pool
from kit.ids import new_id
from programs import programs_repository, staff_links_repository, staff_repository
from programs.staff_repository import StaffMember
from server.backoffice.staff_links import read_link_token

PROGRAM = Program("kissa-sakura", "Kissa Sakura", "owner@example.com", "a long enough one")
TILL = "http://till.localhost/till/kissa-sakura/#pair=nrnc_x"


async def test_each_face_has_a_link(pool: Pool, database: str) -> None:
    async def ask(kind: type, method: str, path: str, *_: object, **__: object) -> object:
        assert kind is Session or (method, path) == ("POST", "/v1/tills/1/pairing-codes")
        return Session("nrns_x") if kind is Session else PairingCode(TILL)

    now = utc_now()
    async with pool.acquire() as conn:
        program = await programs_repository.create_program(conn, PROGRAM.code, PROGRAM.name, "ja", now)
        owner = StaffMember(StaffId(new_id()), program.id, PROGRAM.owner_email, "Owner", "owner", [], now, None)
        await staff_repository.create_staff(conn, owner, "no hash")
    faces = {face: f"http://{face}.localhost" for face in ("console", "card", "till")}
    servers = cast("Any", SimpleNamespace(dsn=database, faces=faces))
    links = await Links(cast("Any", SimpleNamespace(ask=ask)), servers, PROGRAM, "1").make()
    assert links | {"manager": ""} == {"manager": "", "shopper": f"{faces['card']}/card/kissa-sakura/", "till": TILL}
    address, _, token = links["manager"].partition("#")
    secret = read_link_token("sign_in", token)
    assert address == f"{faces['console']}/console/link"
    assert secret is not None
    async with pool.acquire() as conn:
        found = await staff_links_repository.find_staff_link(conn, secret, "sign_in", utc_now())
    assert found is not None
    assert found.staff_id == owner.id
