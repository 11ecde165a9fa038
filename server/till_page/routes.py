"""What staff open before a device is a till: whether it can be one."""

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from kit.clock import utc_now
from kit.database import connect
from server.faces.pages import PageRequest, show_page
from server.faces.programs import find_program_of
from server.till_page.words import TILL
from server.web.dependencies import ServicesDependency

_NEEDED = ("cards", "certificates", "keeping", "offline", "clock")
_HANDY = ("camera", "reader")


class TillPageController(Controller):
    path = "/till/{code:str}"

    @get()
    async def show_till_page(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            program = await find_program_of(conn, code)
        return show_page(
            request,
            "till/first.html",
            TILL,
            locale=program.default_locale,
            program=program,
            needed=_NEEDED,
            handy=_HANDY,
            now_ms=int(utc_now().timestamp() * 1000),
        )


TILL_HANDLERS: tuple[ControllerRouterHandler, ...] = (TillPageController,)
