"""The door from LINE: a page of its own, which runs LINE's script, learns who has come, and leads on to the card.

It is the only page that runs a script of somebody else's, so it is served only where the program has told a LIFF id.
"""

from urllib.parse import urlsplit

from litestar import Controller, Response, get
from litestar.params import FromPath

from channels.line.line_channels_repository import find_channel
from kit.database import connect
from server.card_page.shell import read_shell
from server.card_page.words import CARD
from server.faces.headers import Needs
from server.faces.pages import PageRequest, show_page
from server.problems import not_found
from server.web.dependencies import ServicesDependency

LIFF_SDK = "https://static.line-scdn.net/liff/edge/2/sdk.js"
# What the SDK 2.31 asks, besides loading more of itself from where it came. Its usage statistics
# (uts-front.line-apps.com) are not let out.
_LINE_HOSTS = ("https://api.line.me", "https://access.line.me", "https://liffsdk.line-scdn.net")


class LiffController(Controller):
    path = "/card/{code:str}/liff"

    @get()
    async def show_liff(self, code: FromPath[str], request: PageRequest, services: ServicesDependency) -> Response[str]:
        async with connect(services.pool) as conn:
            shell = await read_shell(conn, code)
            channel = await find_channel(conn, shell.program.id)
        if channel is None or channel.liff_id is None:
            raise not_found("page")
        sdk = services.settings.liff_sdk_url or LIFF_SDK
        parts = urlsplit(sdk)
        needs = Needs(scripts=(f"{parts.scheme}://{parts.netloc}",), connect=_LINE_HOSTS)
        return show_page(
            request,
            "card/liff.html",
            CARD,
            locale=shell.program.default_locale,
            needs=needs,
            liff_id=channel.liff_id,
            liff_sdk=sdk,
            **shell.values,
        )
