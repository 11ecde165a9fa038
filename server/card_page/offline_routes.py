"""What makes the page an app: its worker, its manifest, its icons. Each program has its own."""

import json

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from kit.database import connect
from programs.programs_repository import Program
from server.card_page.shell import Shell, read_shell
from server.card_page.words import CARD
from server.faces.assets import FRONTEND
from server.faces.card_colour import find_card_colour
from server.faces.colours import write_colours
from server.faces.headers import COMMON
from server.faces.icons import BRAND, SIZES, draw_icon
from server.faces.languages import language_of
from server.faces.pages import PageRequest
from server.faces.programs import find_program_of
from server.faces.words import in_language
from server.web.dependencies import ServicesDependency

_GROUND = "#fbf8f1"
# A worker fetches from its own origin and runs nothing else.
_WORKER_HEADERS = {**COMMON, "Content-Security-Policy": "default-src 'self'", "Cache-Control": "no-cache"}
_FOR_A_WHILE = {**COMMON, "Cache-Control": "max-age=300"}


class OfflineController(Controller):
    path = "/card/{code:str}"

    @get("/worker.js")
    async def hand_out_worker(self, code: FromPath[str], services: ServicesDependency) -> Response[str]:
        async with connect(services.pool) as conn:
            shell = await read_shell(conn, code)
        return Response(write_worker(shell), media_type="text/javascript; charset=utf-8", headers=dict(_WORKER_HEADERS))

    @get("/manifest.webmanifest")
    async def hand_out_manifest(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[bytes]:
        async with connect(services.pool) as conn:
            program = await find_program_of(conn, code)
            colour = await find_card_colour(conn, program.id)
        locale = language_of(request, program.default_locale)
        told = _manifest(program, locale, in_language(locale, CARD)["card_of"].format(program=program.name), colour)
        headers = _FOR_A_WHILE | {"Vary": "Accept-Language, Cookie"}
        return Response(msgspec.json.encode(told), media_type="application/manifest+json", headers=headers)

    @get([f"/icon-{size}.png" for size in SIZES])
    async def hand_out_icon(
        self, code: FromPath[str], request: PageRequest, services: ServicesDependency
    ) -> Response[bytes]:
        size = next(size for size in SIZES if request.scope["path"].endswith(f"-{size}.png"))
        async with connect(services.pool) as conn:
            colour = await find_card_colour(conn, (await find_program_of(conn, code)).id)
        return Response(draw_icon(size, colour or BRAND), media_type="image/png", headers=dict(_FOR_A_WHILE))

    @get("/colours.css")
    async def hand_out_colours(self, code: FromPath[str], services: ServicesDependency) -> Response[str]:
        async with connect(services.pool) as conn:
            colour = await find_card_colour(conn, (await find_program_of(conn, code)).id)
        return Response(write_colours(colour), media_type="text/css; charset=utf-8", headers=dict(_FOR_A_WHILE))


def write_worker(shell: Shell) -> str:
    """What it keeps stands in front of it, so that a browser sees a new worker whenever any of it has changed."""
    kept = {
        "program": shell.program.code,
        "version": shell.version,
        "shell": shell.base,
        "files": shell.files,
    }
    parts = [path.read_text(encoding="utf-8") for path in sorted((FRONTEND / "workers" / "card").glob("*.js"))]
    return "\n".join([f"const CARD = {json.dumps(kept)};", *parts])


def _manifest(program: Program, locale: str, name: str, colour: str | None) -> dict[str, object]:
    base = f"/card/{program.code}/"
    icons = [
        {"src": f"{base}icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in SIZES[1:]
        for purpose in ("any", "maskable")
    ]
    return {
        "id": base,
        "scope": base,
        "start_url": base,
        "name": name,
        "short_name": program.name,
        "lang": locale,
        "display": "standalone",
        "orientation": "portrait",
        "background_color": _GROUND,
        "theme_color": colour or BRAND,
        "icons": icons,
    }
