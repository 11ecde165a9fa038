"""The shopper's page: one for each program, with all views of the card."""

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from kit.database import connect
from server.card_page.channel_routes import CardChannelsController
from server.card_page.channels import find_needs
from server.card_page.liff_routes import LiffController
from server.card_page.offline_routes import OfflineController
from server.card_page.recovery_routes import RecoveryController, has_cookie
from server.card_page.shell import SHELL, read_shell
from server.card_page.words import CARD
from server.faces.pages import PageRequest, lead_to, show_page
from server.faces.programs import find_program_of
from server.web.dependencies import ServicesDependency


class CardPageController(Controller):
    path = "/card"

    @get()
    async def lead_to_card(self, request: PageRequest, services: ServicesDependency) -> Response[None]:
        """Where links of posters lead that name the program beside the store, as those of apps do. Raises Problem."""
        async with connect(services.pool) as conn:
            program = await find_program_of(conn, request.query_params.get("program", ""))
        return lead_to(f"/card/{program.code}/?{request.url.query}")

    @get("/{code:str}")
    async def show_card_page(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[str] | Response[None]:
        """Below its own path alone does the worker find it."""
        async with connect(services.pool) as conn:
            shell = await read_shell(conn, code)
        if not request.scope["raw_path"].endswith(b"/"):  # Litestar takes the slash off `path`
            query = request.url.query
            return lead_to(f"{shell.base}{'?' if query else ''}{query}")
        return show_page(
            request,
            SHELL,
            CARD,
            locale=shell.program.default_locale,
            needs=find_needs(services),
            is_recoverable=has_cookie(request),
            **shell.values,
        )


CARD_HANDLERS: tuple[ControllerRouterHandler, ...] = (
    CardPageController,
    OfflineController,
    RecoveryController,
    CardChannelsController,
    LiffController,
)
