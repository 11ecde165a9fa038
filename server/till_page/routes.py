"""The pages of the till: the till itself, one for each program, and whether a device can be one."""

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from kit.clock import utc_now
from kit.database import connect
from points.rules_repository import read_point_rules
from server.faces.card_colour import find_card_colour
from server.faces.headers import COMMON, Needs
from server.faces.icons import BRAND, SIZES, draw_icon
from server.faces.languages import language_of
from server.faces.pages import PageRequest, lead_to, show_page
from server.faces.programs import find_program_of
from server.faces.words import in_language
from server.till_page.script_words import SAID
from server.till_page.shell import SHELL, WORDS, Shell
from server.till_page.words import CHECK, TILL
from server.web.dependencies import ServicesDependency
from server.web.services import Services

_NEEDED = ("cards", "certificates", "keeping", "offline", "clock")
_HANDY = ("camera", "reader")
# The worker fetches from its own origin, and runs nothing else.
_WORKER = {**COMMON, "Content-Security-Policy": "default-src 'self'", "Cache-Control": "no-cache"}
# The one thread that runs WebAssembly: the page itself need not, so it may not.
_DECODER = {
    **COMMON,
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
    "Cache-Control": "no-cache",
}
# Of a program without point rules, which has told no currency.
_YEN = "JPY"
_SCRIPT = "text/javascript; charset=utf-8"


class TillPageController(Controller):
    path = "/till/{code:str}"

    @get()
    async def show_till_page(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[str] | Response[None]:
        """Below its own path alone does the worker find it."""
        shell = await _read_shell(services, code)
        if not request.scope["raw_path"].endswith(b"/"):  # Litestar takes the slash off `path`
            query = request.url.query
            return lead_to(f"{shell.base}{'?' if query else ''}{query}")
        program = shell.program
        return show_page(
            request,
            SHELL,
            WORDS,
            locale=program.default_locale,
            needs=Needs(camera=True),
            program=program,
            base=shell.base,
            currency=shell.currency,
            said=tuple(SAID),
        )

    @get("/check")
    async def show_device_check(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[str]:
        program = (await _read_shell(services, code)).program
        return show_page(
            request,
            "till/check.html",
            {**TILL, **CHECK},
            locale=program.default_locale,
            program=program,
            needed=_NEEDED,
            handy=_HANDY,
            now_ms=int(utc_now().timestamp() * 1000),
        )

    @get("/worker.js")
    async def hand_out_worker(self, code: FromPath[str], services: ServicesDependency) -> Response[str]:
        shell = await _read_shell(services, code)
        return Response(shell.write_worker(), media_type=_SCRIPT, headers=dict(_WORKER))

    @get("/decoder.js")
    async def hand_out_decoder(self, code: FromPath[str], services: ServicesDependency) -> Response[str]:
        shell = await _read_shell(services, code)
        return Response(shell.write_decoder(), media_type=_SCRIPT, headers=dict(_DECODER))

    @get("/manifest.webmanifest")
    async def hand_out_manifest(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[bytes]:
        shell = await _read_shell(services, code)
        locale = language_of(request, shell.program.default_locale)
        name = in_language(locale, TILL)["till_of"].format(program=shell.program.name)
        headers = {**COMMON, "Cache-Control": "max-age=300", "Vary": "Accept-Language, Cookie"}
        body = msgspec.json.encode(shell.write_manifest(name, locale))
        return Response(body, media_type="application/manifest+json", headers=headers)

    @get([f"/icon-{size}.png" for size in SIZES])
    async def hand_out_icon(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[bytes]:
        size = next(size for size in SIZES if request.scope["path"].endswith(f"-{size}.png"))
        drawn = draw_icon(size, (await _read_shell(services, code)).colour)
        return Response(drawn, media_type="image/png", headers={**COMMON, "Cache-Control": "max-age=300"})


async def _read_shell(services: Services, code: str) -> Shell:
    """Raises Problem."""
    async with connect(services.pool) as conn:
        program = await find_program_of(conn, code)
        rules = (await read_point_rules(conn, [program.id])).get(program.id)
        colour = await find_card_colour(conn, program.id)
    return Shell(program, _YEN if rules is None else rules.currency, colour or BRAND)


TILL_HANDLERS: tuple[ControllerRouterHandler, ...] = (TillPageController,)
