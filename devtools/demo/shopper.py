"""Simulated shoppers: each goes on one errand and knows what must come of it.

Most buy: they walk to a shop, step in, get a coupon and its push, show the card at the till, redeem the coupon and
go on. Some only look round, some stroll in a park, some keep their location to themselves. Now and then a phone
sends a batch twice, and somebody tries a coupon a second time. What should not happen raises Surprise.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from devtools.demo.answers import Coupon
from devtools.demo.app import App
from devtools.demo.board import Board
from devtools.demo.campaigns import KEPT_TITLES
from devtools.demo.mailbox import Mailbox
from devtools.demo.stations import Park
from devtools.demo.streets import Fix, Point, stroll, trip_to
from devtools.demo.till import Till
from devtools.demo.tray import Tray
from ids import CouponId
from kit.clock import utc_now

_BATCH = 8
_PUSH_WITHIN_S = 30.0


class Surprise(Exception):
    """The API did something else than it must."""


@dataclass(frozen=True)
class Street:
    """What shoppers share: the board, the pushes, how long they pause between two things, and the text messages."""

    board: Board
    mailbox: Mailbox
    pause_s: float
    tray: Tray | None = None


class Shopper:
    def __init__(self, name: str, app: App, street: Street, rng: Random) -> None:
        self.name = name
        self._app = app
        self._street = street
        self._rng = rng
        self._where = ""

    async def buy(
        self,
        till: Till,
        door: Point,
        station: Point,
        where: str,
        *,
        sends_twice: bool = False,
        tries_twice: bool = False,
        without_line: bool = False,
    ) -> None:
        """The whole way, from the station to the till and on. `without_line`: the till's is cut for a while."""
        self._where = where
        trip = trip_to(door, station, utc_now(), self._rng)
        coupon = await self._step_in(trip.arriving, sends_twice=sends_twice)
        await (self._show_card_without_line(till) if without_line else self._show_card(till))
        await self._redeem(till, coupon, tries_twice=tries_twice)
        await self._leave(trip.leaving)

    async def claim(self, tray: Tray, phone: str) -> None:
        """Make the card their own, so that a new phone could take it over."""
        verification_id = await self._app.ask_for_code(phone)
        code = await tray.wait_for_code(phone, _PUSH_WITHIN_S)
        self._require(code is not None, f"got no code within {_PUSH_WITHIN_S:.0f} s")
        await self._app.confirm(verification_id, str(code))
        await self._tell(f"claims the card for {phone} with the code {code}")

    async def look_round(self, door: Point, station: Point, where: str) -> None:
        """In and out again without a purchase."""
        self._where = where
        trip = trip_to(door, station, utc_now(), self._rng)
        await self._step_in(trip.arriving, sends_twice=False)
        await self._leave(trip.leaving)

    async def stroll(self, park: Park) -> None:
        self._where = park.name
        await self._walk(stroll(Point(park.lat, park.lon), utc_now(), self._rng))
        self._require(not self._app.earned, "earned a coupon in a park")
        await self._tell("strolls; no shop near, no coupon")

    async def stay_private(self, till: Till, door: Point, station: Point, where: str) -> None:
        """Without consent to location: the fixes count for nothing, the card works all the same."""
        self._where = where
        fixes = trip_to(door, station, utc_now(), self._rng).arriving[-_BATCH:]
        receipt = await self._app.upload(fixes)
        self._require(receipt.no_consent == len(fixes) and not receipt.coupons, "was watched without consent")
        await self._tell("steps in unseen: no location consent")
        await self._show_card(till)

    async def _step_in(self, fixes: Sequence[Fix], *, sends_twice: bool) -> Coupon:
        await self._walk(fixes, sends_twice=sends_twice)
        self._require(bool(self._app.earned), "stepped in and earned nothing")
        coupons = {coupon.id: coupon for coupon in await self._app.coupons()}
        self._require(set(self._app.earned) <= set(coupons), "was told of a coupon that the app cannot find")
        coupon = next(coupon for id_ in self._app.earned if (coupon := coupons[id_]).title not in KEPT_TITLES)
        await self._tell(f"steps in: {coupon.title}")
        await self._await_push(coupon.id)
        await self._tell("gets the push")
        return coupon

    async def _walk(self, fixes: Sequence[Fix], *, sends_twice: bool = False) -> None:
        """Upload the way in batches, as a phone does."""
        batches = [fixes[start : start + _BATCH] for start in range(0, len(fixes), _BATCH)]
        for batch in batches:
            receipt = await self._app.upload(batch)
            self._require(receipt.accepted == len(batch), f"had {len(batch) - receipt.accepted} fixes not accepted")
            self._street.board.count("fixes", len(batch))
            await self._pause()
        if sends_twice:
            again = await self._app.upload(batches[-1])
            self._require(
                again.late == len(batches[-1]) and not again.coupons, "sent a batch twice and it counted twice"
            )
            await self._tell("sends a batch twice; it counts once")

    async def _await_push(self, coupon_id: CouponId) -> None:
        token = await self._street.mailbox.wait_for(coupon_id, _PUSH_WITHIN_S)
        self._require(token == self._app.push_token, f"got no push of a coupon within {_PUSH_WITHIN_S:.0f} s")

    async def _show_card(self, till: Till) -> None:
        await self._app.take_card()
        scanned = await till.scan(self._app.show_card())
        self._require(scanned.is_first_today, "came for the first time and was counted before")
        await self._tell(f"shows the card: a visit{self._count_visit(scanned.coupons_issued)}")

    async def _show_card_without_line(self, till: Till) -> None:
        """The till judges the card by itself, refuses it a second time, and reports when it has a line again."""
        await self._app.take_card()
        await till.sync()
        code = self._app.show_card()
        shown = till.scan_without_line(code)
        self._require(shown.refusal is None, f"showed a fresh card and was refused without a line: {shown.message}")
        await self._tell("shows the card; no line, the till checks it")
        again = till.scan_without_line(code)
        self._require(again.refusal == "replayed", "showed one code twice and a till without a line took both")
        await self._tell("shows a photo of the code; the till refuses")
        (reported,) = await till.report()
        self._require(
            (reported.outcome, reported.is_first_today) == ("counted", True), "was reported later and did not count"
        )
        await self._tell(f"counts, line is back: a visit{self._count_visit(reported.coupons_issued)}")

    def _count_visit(self, coupons: int) -> str:
        self._street.board.count("visits")
        self._street.board.count("coupons", coupons)
        return ", and a coupon" if coupons else ""

    async def _redeem(self, till: Till, coupon: Coupon, *, tries_twice: bool) -> None:
        self._require(await till.redeem(coupon.code), "could not redeem a fresh coupon")
        self._street.board.count("redemptions")
        await self._tell(f"redeems: {coupon.title}")
        if tries_twice:
            self._require(not await till.redeem(coupon.code), "redeemed one coupon twice")
            await self._tell("tries it again; the till refuses")

    async def _leave(self, fixes: Sequence[Fix]) -> None:
        before = len(self._app.earned)
        await self._walk(fixes)
        more = len(self._app.earned) - before
        await self._tell("goes on" + ("; a coupon to come again" if more else ""))

    async def _tell(self, what: str) -> None:
        self._street.board.tell(self.name, self._where, what)
        await self._pause()

    async def _pause(self) -> None:
        await asyncio.sleep(self._rng.uniform(0.5, 1.5) * self._street.pause_s)

    def _require(self, holds: bool, surprise: str) -> None:
        if not holds:
            raise Surprise(f"{self.name} at {self._where} {surprise}")
