"""The links with which a visitor plays all three faces by hand."""

import asyncio
from dataclasses import dataclass

import asyncpg

from devtools.demo.answers import PairingCode
from devtools.demo.board import Board
from devtools.demo.client import Client
from devtools.demo.seed import log_in
from devtools.demo.servers import Program, Servers
from kit.clock import utc_now
from programs import staff_repository
from server.backoffice.staff_links import issue_sign_in_link

# The manager's and the till's are good for five minutes, once; new ones come before the old ones end.
_RENEWED_AFTER_S = 240.0


@dataclass(frozen=True)
class Links:
    """Of one program; `till_id`: of a till that nobody else uses."""

    client: Client
    servers: Servers
    program: Program
    till_id: str

    async def keep_showing(self, board: Board) -> None:
        while True:
            board.show_links(await self.make())
            await asyncio.sleep(_RENEWED_AFTER_S)

    async def make(self) -> dict[str, str]:
        token = await log_in(self.client, self.program)
        path = f"/v1/tills/{self.till_id}/pairing-codes"
        pairing = await self.client.ask(PairingCode, "POST", path, token)
        return {
            "manager": await self._make_sign_in_link(),
            "shopper": f"{self.servers.faces['card']}/card/{self.program.code}/",
            "till": pairing.link,
        }

    async def _make_sign_in_link(self) -> str:
        """As `./run admin sign-in-link` does it."""
        conn = await asyncpg.connect(self.servers.dsn)
        try:
            login = await staff_repository.find_login(conn, self.program.code, self.program.owner_email)
            assert login is not None  # the program's owner
            return await issue_sign_in_link(conn, self.servers.faces["console"], login.staff_id, utc_now())
        finally:
            await conn.close()
