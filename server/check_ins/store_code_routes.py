"""A store's check-in codes: the QR that hangs in it, and the key of its display."""

from datetime import datetime

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from cards.pictures import draw_qr, draw_qr_png
from ids import StoreId
from kit.database import Connection, connect
from kit.ids import to_text
from programs import stores_repository
from programs.staff_repository import Session
from programs.store import StoreGenerations
from server.problems import not_found
from server.web.auth import Call
from server.web.dependencies import ServicesDependency, SessionDependency
from server.web.scoping import require_stores
from server.web.services import Services
from server.web.writes import write
from visits.store_codes import STEP_S, derive_display_key, make_printed_code


class CheckInCode(msgspec.Struct, frozen=True):
    """The store's printed code. Hang it where only visitors see it."""

    code: str
    """The text of the QR. It is good until it is renewed."""


class DisplayKey(msgspec.Struct, frozen=True, kw_only=True):
    """What the store's display makes its codes from (docs/visits.md)."""

    store_id: StoreId
    """The display's store."""
    generation: int
    """The number of this key; the codes carry it."""
    key: str
    """The key, 32 bytes in Base64url. It is sent only in this answer: give it to the display."""
    step_s: int
    """For how many seconds a code is shown."""


class StoreCodeController(Controller):
    path = "/v1/stores/{store_id:uuid}"
    tags = ("Visits",)

    @get("/check-in-code", operation_id="getCheckInCode", summary="The store's check-in code")
    async def get_check_in_code(
        self, store_id: FromPath[StoreId], staff: SessionDependency, services: ServicesDependency
    ) -> CheckInCode:
        return CheckInCode(await find_printed_code(services, staff, store_id))

    @get(
        "/check-in-code.svg",
        operation_id="getCheckInCodeSvg",
        summary="The same as a QR picture, for printing",
        media_type="image/svg+xml",
    )
    async def get_check_in_code_svg(
        self, store_id: FromPath[StoreId], staff: SessionDependency, services: ServicesDependency
    ) -> str:
        return draw_qr(await find_printed_code(services, staff, store_id))

    @get(
        "/check-in-code.png",
        operation_id="getCheckInCodePng",
        summary="The same as a QR picture in pixels",
        media_type="image/png",
    )
    async def get_check_in_code_png(
        self, store_id: FromPath[StoreId], staff: SessionDependency, services: ServicesDependency
    ) -> bytes:
        return draw_qr_png(await find_printed_code(services, staff, store_id))

    @post(
        "/check-in-code/renew",
        operation_id="renewCheckInCode",
        summary="Make a new check-in code; the old one ends at once",
        status_code=200,
    )
    async def renew_check_in_code(
        self, store_id: FromPath[StoreId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[CheckInCode]:
        async def work(conn: Connection, _: datetime) -> CheckInCode:
            await _require(conn, staff, store_id)
            generation = await stores_repository.renew_qr(conn, staff.program_id, store_id)
            if generation is None:
                raise not_found("store")
            return CheckInCode(make_printed_code(services.keyring, store_id, generation))

        return await write(request, services, work)

    @post(
        "/display-key",
        operation_id="replaceDisplayKey",
        summary="Get a key for the store's display; the former one ends at once",
        status_code=200,
    )
    async def replace_display_key(
        self, store_id: FromPath[StoreId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[DisplayKey]:
        async def work(conn: Connection, _: datetime) -> DisplayKey:
            await _require(conn, staff, store_id)
            generation = await stores_repository.renew_display(conn, staff.program_id, store_id)
            if generation is None:
                raise not_found("store")
            key = derive_display_key(services.keyring, store_id, generation)
            return DisplayKey(
                store_id=store_id,
                generation=generation,
                key=to_text(key),
                step_s=STEP_S,
            )

        return await write(request, services, work)


async def _require(conn: Connection, staff: Session, store_id: StoreId) -> StoreGenerations:
    """Of an open store of the program that is one of the caller's. Raises Problem."""
    held = await stores_repository.find_generations(conn, store_id)
    if held is None or held.program_id != staff.program_id:
        raise not_found("store")
    require_stores(staff, [store_id])
    return held


async def find_printed_code(services: Services, staff: Session, store_id: StoreId) -> str:
    """Raises Problem."""
    async with connect(services.pool) as conn:
        held = await _require(conn, staff, store_id)
    return make_printed_code(services.keyring, store_id, held.printed)
