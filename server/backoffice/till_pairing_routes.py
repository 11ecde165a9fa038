"""How a device becomes a till: staff issue a code, the device takes it."""

import time
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, post
from litestar.datastructures import State
from litestar.params import FromPath, JSONBody

from ids import ProgramId, StoreId, TillId
from kit.clock import utc_now
from kit.database import Connection, in_transaction
from server.backoffice.pair_till import PAIRING_LIFE, issue_pairing_code, pair_till, write_pairing_link
from server.problems import Problem
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.fields import Body
from server.web.networks import network_of
from server.web.writes import write


class PairingCode(msgspec.Struct, frozen=True):
    """What makes a device this till."""

    code: str
    """Good once. The till's former code, if one was still good, has ended."""
    link: str | None
    """The till's page with the code behind `#`: show it as a QR. Null: no till pages are served here
    (`NOREN_TILL_URL`).
    """
    expires_at: datetime
    """Five minutes from now."""


class TillPairingRequest(Body, frozen=True):
    """The code that the device has read."""

    program: Annotated[str, msgspec.Meta(min_length=1, max_length=40, examples=["kissa-sakura"])]
    """The code of the program in whose till page it was read: a code of another one is refused, and stays good."""
    code: Annotated[str, msgspec.Meta(max_length=200, examples=["nrnc_AaIARG9yfRmLBkx-mh0_UlF4eXh6U3RhZmZTZXNzaW8"])]
    """As `POST /v1/tills/{till_id}/pairing-codes` answered it."""


class PairedTill(msgspec.Struct, frozen=True, kw_only=True):
    """The till that the device is from now on."""

    id: TillId
    """The till."""
    program_id: ProgramId
    """The program whose cards it takes."""
    store_id: StoreId
    """The store where it stands."""
    name: str
    """What the staff call it."""
    store_name: str
    """The store's name."""
    time_zone: str
    """IANA name of the store's time zone."""
    key: str
    """The till's bearer token, shown this once. The key that it had before has stopped working."""


class TillPairingController(Controller):
    path = "/v1"
    tags = ("Tills",)

    @post(
        "/tills/{till_id:uuid}/pairing-codes",
        operation_id="createPairingCode",
        summary="Issue a code that makes a device this till, once and within five minutes",
        description="Show `link` as a QR to the device. The till's key is made when the code is taken; until then the"
        " key that it has goes on working.",
    )
    async def create_pairing_code(
        self, till_id: FromPath[TillId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[PairingCode]:
        async def work(conn: Connection, now: datetime) -> PairingCode:
            code, program_code = await issue_pairing_code(conn, staff, till_id, now)
            origin = services.settings.till_url
            link = None if origin is None else write_pairing_link(origin, program_code, code)
            return PairingCode(code, link, now + PAIRING_LIFE)

        return await write(request, services, work, status=201)

    @post(
        "/till-pairings",
        operation_id="pairTill",
        summary="Take a pairing code: the device is the till from now on, and gets its key",
    )
    async def pair_till(
        self, data: JSONBody[TillPairingRequest], request: Request[Any, Any, State], services: ServicesDependency
    ) -> PairedTill:
        """Of several devices that send one code at once, one gets a key. Who lost the answer needs a new code."""
        wait_s = services.pairing_throttle.wait_s(network_of(request), time.monotonic())
        if wait_s:
            raise Problem("too-many-attempts", "Wait before you try again.", retry_after_s=int(wait_s) + 1)

        async def work(conn: Connection) -> PairedTill:
            till, key = await pair_till(conn, data.program, data.code, utc_now())
            return PairedTill(
                id=till.id,
                program_id=till.program_id,
                store_id=till.store_id,
                name=till.name,
                store_name=till.store_name,
                time_zone=till.time_zone,
                key=key,
            )

        return await in_transaction(services.pool, work)
