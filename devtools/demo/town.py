"""The scenario of the plain demo: a chain of coffee shops in Tokyo and its shoppers."""

import asyncio
import secrets

from devtools.demo.answers import KeyedTill
from devtools.demo.app import App
from devtools.demo.board import Board
from devtools.demo.chain import PROGRAM_CODE, PROGRAM_NAME, TIME_ZONE, make_chain
from devtools.demo.client import Client
from devtools.demo.crowd import Crowd
from devtools.demo.links import Links
from devtools.demo.mailbox import Mailbox
from devtools.demo.seed import Town, enrol, log_in, seed_town
from devtools.demo.servers import Program, Servers
from devtools.demo.shopper import Street
from devtools.demo.told import Hana
from devtools.demo.tray import Tray
from devtools.demo.why import tell_why

REDEEMED_GOAL = 20
# Nobody watches `--once`; the live page is to be read.
_HURRIED_PAUSE_S, _WATCHABLE_PAUSE_S = 0.03, 0.8


class TokyoScenario:
    title = "a chain of coffee shops in Tokyo"
    time_zone = TIME_ZONE
    counted = ("joined", "fixes", "coupons", "pushes", "visits", "redemptions")

    def __init__(self, *, once: bool) -> None:
        self.program = Program(PROGRAM_CODE, PROGRAM_NAME, "owner@example.com", secrets.token_urlsafe())
        self._once = once
        self._town: Town | None = None

    async def set_up(self, client: Client, board: Board) -> None:
        self._town = await seed_town(client, self.program, make_chain(), board)
        # Of nobody who walks: a card has one key, and who walks makes their own.
        guest = await enrol(client, self.program.code, 0)
        app = App(client, guest, board)
        await app.take_card()
        board.show_card = app.show_card
        if not self._once:
            owner = await log_in(client, self.program)
            board.credentials = {"owner": owner, "till": self._town.outlets[0].till_key, "device": guest.device_token}

    async def play(self, client: Client, servers: Servers, board: Board) -> None:
        assert self._town is not None  # set up before
        pause_s = _HURRIED_PAUSE_S if self._once else _WATCHABLE_PAUSE_S
        owner = await log_in(client, self.program)
        await client.ask(object, "PUT", "/v1/program/phone", owner, servers.providers.phone_settings)
        street = Street(board, Mailbox(servers.double), pause_s, Tray(servers.providers))
        crowd = Crowd(client, self._town, street)
        hana = Hana(client, owner, servers.double, servers.providers, board)
        links = [self._keep_showing_links(client, servers, board)] if servers.faces and not self._once else []
        await asyncio.gather(
            *links,
            crowd.walk(REDEEMED_GOAL if self._once else None),
            # The first who walks is the first of them.
            tell_why(client, self.program, self._town.members[0].member_id, board),
            hana.live(self._town),
        )

    async def _keep_showing_links(self, client: Client, servers: Servers, board: Board) -> None:
        """With a till that no shopper goes to."""
        assert self._town is not None  # set up before
        owner = await log_in(client, self.program)
        body = {"store_id": self._town.outlets[0].store_id, "name": "Till of the visitor"}
        till = await client.ask(KeyedTill, "POST", "/v1/tills", owner, body)
        await Links(client, servers, self.program, till.id).keep_showing(board)
