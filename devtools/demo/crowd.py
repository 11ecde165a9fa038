"""Many shoppers at once, one after the other on each of a few pavements, until the demo has seen enough."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from random import Random

import httpx
import msgspec

from devtools.demo.answers import Enrolled
from devtools.demo.app import App
from devtools.demo.client import Client, UnexpectedAnswer
from devtools.demo.seed import MEMBERS, Outlet, Town, enrol
from devtools.demo.shopper import Shopper, Street, Surprise
from devtools.demo.stations import PARKS
from devtools.demo.till import Till

PAVEMENTS = 8
_QUIET_S = 60.0
_FINISH_WITHIN_S = 60.0

_FAMILY_NAMES = (
    *("Sato", "Suzuki", "Takahashi", "Tanaka", "Ito", "Watanabe", "Yamamoto", "Nakamura", "Kobayashi", "Kato"),
    *("Yoshida", "Yamada", "Sasaki", "Yamaguchi", "Matsumoto", "Inoue", "Kimura", "Hayashi", "Shimizu", "Mori"),
)
_GIVEN_NAMES = ("Yui", "Haruto", "Aoi", "Ren", "Sakura", "Sota", "Hina", "Yuto", "Mei", "Kaito", "Rin", "Minato", "Emi")


class Crowd:
    def __init__(self, client: Client, town: Town, street: Street) -> None:
        self._client = client
        self._town = town
        self._street = street
        self._numbers = itertools.count()
        self._known: Iterator[Enrolled] = iter(town.members)
        self._closing = asyncio.Event()

    async def walk(self, redeemed_goal: int | None) -> None:
        """Until so many have redeemed; for ever without a goal. A fault, or a minute without news, ends it."""
        board = self._street.board
        board.last_change = time.monotonic()
        pavements = [asyncio.create_task(self._keep_busy(first)) for first in range(PAVEMENTS)]
        try:
            while not board.faults and (redeemed_goal is None or board.counts["redemptions"] < redeemed_goal):
                if time.monotonic() - board.last_change > _QUIET_S:
                    board.fault(f"nothing happened for {_QUIET_S:.0f} s")
                await asyncio.sleep(0.1)
                for pavement in pavements:
                    if pavement.done():  # only by an error of our own: let it be seen
                        pavement.result()
            self._closing.set()
            # Who is under way comes home, so that the counts fit together.
            await asyncio.wait(pavements, timeout=_FINISH_WITHIN_S)
        finally:
            for pavement in pavements:
                pavement.cancel()
            await asyncio.gather(*pavements, return_exceptions=True)

    async def _keep_busy(self, place: int) -> None:
        # One after the other, or all would do the same thing at the same time for ever.
        await asyncio.sleep(place * 2 * self._street.pause_s)
        while not self._closing.is_set():
            try:
                await self._send_one(next(self._numbers))
            except (Surprise, UnexpectedAnswer, httpx.TransportError, msgspec.ValidationError) as error:
                self._street.board.fault(str(error) or type(error).__name__)

    async def _send_one(self, number: int) -> None:
        rng = Random(number)
        outlet = rng.choice(self._town.outlets)
        errand = number % 10
        shopper, app = await self._prepare(number, rng, is_private=errand == 9)
        await app.allow_pushes()
        if errand == 6 and self._street.tray is not None:
            await shopper.claim(self._street.tray, f"+8190{10_000_000 + number}")
        await self._go(shopper, errand, outlet, rng)

    async def _prepare(self, number: int, rng: Random, *, is_private: bool) -> tuple[Shopper, App]:
        """Every other shopper joins now; the others are members already, as long as there are any left."""
        name = f"{rng.choice(_FAMILY_NAMES)} {rng.choice(_GIVEN_NAMES)}"
        enrolled = None if is_private or number % 2 else next(self._known, None)
        if enrolled is None:
            enrolled = await enrol(self._client, self._town.program_code, MEMBERS + number, location=not is_private)
            self._street.board.count("joined")
            self._street.board.tell(name, "", f"joins; card {enrolled.card.number}")
        app = App(self._client, enrolled, self._street.board)
        return Shopper(name, app, self._street, rng), app

    async def _go(self, shopper: Shopper, errand: int, outlet: Outlet, rng: Random) -> None:
        shop, till = outlet.shop, Till(self._client, outlet)
        place = (shop.door, shop.station, shop.label)
        if errand == 9:
            await shopper.stay_private(till, *place)
        elif errand == 8:
            await shopper.stroll(rng.choice(PARKS))
        elif errand == 7:
            await shopper.look_round(*place)
        else:
            await shopper.buy(
                till, *place, sends_twice=errand in (2, 5), tries_twice=errand in (1, 4), without_line=errand in (3, 6)
            )
