"""What the card's page asks for about its program: what can be offered. It holds nothing of any member."""

from litestar import Controller, Response, get
from litestar.params import FromPath

from kit.database import connect
from server.card_page.channels import CardChannels, find_channels
from server.faces.headers import COMMON
from server.faces.programs import find_program_of
from server.web.dependencies import ServicesDependency


class CardChannelsController(Controller):
    path = "/card/{code:str}/channels"

    @get()
    async def tell_channels(self, code: FromPath[str], services: ServicesDependency) -> Response[CardChannels]:
        async with connect(services.pool) as conn:
            program = await find_program_of(conn, code)
            channels = await find_channels(conn, services, program.id)
        return Response(channels, headers={**COMMON, "Cache-Control": "no-store"})
