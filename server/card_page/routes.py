"""What a shopper reads before there is a card: whose card it is, how to begin, what they will be asked to agree to."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from cards.google_classes_repository import find_google_classes
from kit.database import connect
from programs import mail_settings_repository, programs_repository
from server.card_page.words import CARD
from server.faces.colours import write_colours
from server.faces.headers import COMMON
from server.faces.pages import PageRequest, show_page
from server.faces.programs import find_program_of
from server.web.dependencies import ServicesDependency

# In the order in which they are asked for.
_ASKED = ("location", "push", "email", "profiling")


class CardPageController(Controller):
    path = "/card/{code:str}"

    @get()
    async def show_card_page(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[str]:
        async with connect(services.pool) as conn:
            program = await find_program_of(conn, code)
            enrolment = await programs_repository.find_enrolment_settings(conn, program.id)
            mail = await mail_settings_repository.find_mail_settings(conn, program.id)
        shown: dict[str, Any] = {"program": program, "asked": _ASKED, "runs_it": mail}
        return show_page(
            request,
            "card/first.html",
            CARD,
            locale=program.default_locale,
            join_url=_join_url(enrolment.join_url, program.code),
            **shown,
        )

    @get("/colours.css")
    async def hand_out_colours(self, code: FromPath[str], services: ServicesDependency) -> Response[str]:
        """The colour of the card in Google Wallet is that of its pages."""
        async with connect(services.pool) as conn:
            program = await find_program_of(conn, code)
            held = (await find_google_classes(conn, [program.id])).get(program.id)
        text = write_colours(None if held is None else held.design.background_color)
        headers = {**COMMON, "Cache-Control": "max-age=300"}
        return Response(text, media_type="text/css; charset=utf-8", headers=headers)


def _join_url(base: str | None, code: str) -> str | None:
    """The app's, as `PUT /v1/program/enrolment` has it; nobody has installed the scheme that is for development."""
    return None if base is None else f"{base}{'&' if '?' in base else '?'}{urlencode({'program': code})}"


CARD_HANDLERS: tuple[ControllerRouterHandler, ...] = (CardPageController,)
