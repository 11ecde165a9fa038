"""The scenario of `--trace`: somebody's recorded way, posted as their phone would have, past stores at the places."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg

from devtools.demo.answers import Created, Receipt
from devtools.demo.app import App
from devtools.demo.board import Board
from devtools.demo.client import Client
from devtools.demo.recording import Place, RecordedFix
from devtools.demo.seed import ask_all, enrol, log_in
from devtools.demo.servers import Program, Servers
from devtools.demo.streets import Fix
from devtools.demo.tally import QUERIES, Connection
from kit.clock import utc_now

BATCH = 100
_TELL_PARTS = 10
# An upload whose answer was lost is sent again: every so many batches we behave as if it had been.
_LOST_EVERY = 20
_REPEATED_AT_THE_END = 10
_AGE_S = 180 * 86_400


def guess_time_zone(places: Sequence[Place]) -> str:
    """Asia/Tokyo where the first place lies in Japan, UTC anywhere else: we carry no map of time zones."""
    first = places[0]
    return "Asia/Tokyo" if 24 <= first.lat <= 46 and 129 <= first.lon <= 146 else "UTC"


class TraceScenario:
    """`speed` is how many times faster than life; None: each batch as soon as the one before is acknowledged."""

    title = "a recorded trace"
    counted = ("fixes", "acknowledged", "enters", "exits", "coupons", "pushes")

    def __init__(
        self, fixes: Sequence[RecordedFix], places: Sequence[Place], time_zone: str, speed: float | None
    ) -> None:
        self.program = Program("trace", "Trace", "owner@example.com", secrets.token_urlsafe())
        self.time_zone = time_zone
        self._fixes = fixes
        self._places = places
        self._speed = speed
        self._app: App | None = None

    async def set_up(self, client: Client, board: Board) -> None:
        token = await log_in(client, self.program)
        with board.step("stores", len(self._places)) as step:
            bodies = (_store(number, place, self.time_zone) for number, place in enumerate(self._places, 1))
            stores = await ask_all((client.ask(Created, "POST", "/v1/stores", token, body) for body in bodies), step)
        with board.step("geofences", len(self._places)) as step:
            pairs = zip(self._places, stores, strict=True)
            fences = (_geofence(place, store.id) for place, store in pairs)
            await ask_all((client.ask(Created, "POST", "/v1/geofences", token, body) for body in fences), step)
        with board.step("campaigns and a member"):
            for trigger, title in (("enter", "Welcome to {store}"), ("exit", "See you again at {store}")):
                await client.ask(Created, "POST", "/v1/campaigns", token, _campaign(trigger, title))
            enrolled = await enrol(client, self.program.code, 0)
            self._app = App(client, enrolled, board)
            await self._app.allow_pushes()
            await self._app.take_card()
            board.show_card = self._app.show_card

    async def play(self, client: Client, servers: Servers, board: Board) -> None:
        assert self._app is not None  # set up before
        connection = await asyncpg.connect(servers.dsn)
        try:
            await _Replay(self._app, board, connection, self._speed).run(_shifted_to_now(self._fixes))
        finally:
            await connection.close()


class _Replay:
    """One upload of the whole trace, with repeats that must change nothing."""

    def __init__(self, app: App, board: Board, connection: Connection, speed: float | None) -> None:
        self._app = app
        self._board = board
        self._connection = connection
        self._speed = speed

    async def run(self, fixes: Sequence[Fix]) -> None:
        batches = [fixes[start : start + BATCH] for start in range(0, len(fixes), BATCH)]
        started, first_at = time.monotonic(), fixes[0].recorded_at
        tell_every = max(1, len(batches) // _TELL_PARTS)
        for number, batch in enumerate(batches, 1):
            if self._speed is not None:
                due_s = (batch[-1].recorded_at - first_at).total_seconds() / self._speed
                await asyncio.sleep(max(0.0, started + due_s - time.monotonic()))
            await self._upload(batch)
            if number % _LOST_EVERY == 0:
                await self._upload_again(batch)
            if number % tell_every == 0 or number == len(batches):
                await self._tell_progress(number * BATCH, len(fixes))
        await self._repeat_some(batches)
        if self._board.counts["acknowledged"] != len(fixes):
            self._board.fault(f"{len(fixes)} fixes were sent, {self._board.counts['acknowledged']} acknowledged")

    async def _upload(self, batch: Sequence[Fix]) -> None:
        receipt = await self._app.upload(batch)
        self._board.count("fixes", len(batch))
        self._board.count("acknowledged", _acknowledged(receipt))
        if receipt.coupons:
            earned = set(receipt.coupons)
            for coupon in reversed(await self._app.coupons()):
                if coupon.id in earned:
                    self._board.tell("phone", "", f"coupon: {coupon.title}")

    async def _upload_again(self, batch: Sequence[Fix]) -> None:
        receipt = await self._app.upload(batch)
        if receipt.accepted or receipt.coupons or _acknowledged(receipt) != len(batch):
            self._board.fault(f"a repeated batch was not recognised: {receipt}")

    async def _repeat_some(self, batches: Sequence[Sequence[Fix]]) -> None:
        """Old batches once more, and a look into the database whether anything came of them."""
        before = await self._count()
        for batch in batches[:: max(1, len(batches) // _REPEATED_AT_THE_END)]:
            await self._upload_again(batch)
        if await self._count() != before:
            self._board.fault("repeated batches changed something")

    async def _count(self) -> list[Any]:
        row = await self._connection.fetchrow(QUERIES.fingerprint)
        return [] if row is None else list(row)

    async def _tell_progress(self, done: int, total: int) -> None:
        self._board.doors = [tuple(row) for row in await self._connection.fetch(QUERIES.count_doors)]
        self._board.counts["enters"] = sum(door[1] for door in self._board.doors)
        self._board.counts["exits"] = sum(door[2] for door in self._board.doors)
        self._board.tell("phone", "", f"{min(done, total):,} of {total:,} fixes uploaded")


def _acknowledged(receipt: Receipt) -> int:
    return receipt.accepted + receipt.late + len(receipt.refused)


def _shifted_to_now(fixes: Sequence[RecordedFix]) -> list[Fix]:
    by: timedelta = utc_now() - fixes[-1].recorded_at
    return [Fix(fix.lat, fix.lon, fix.accuracy_m, fix.recorded_at + by) for fix in fixes]


def _store(number: int, place: Place, time_zone: str) -> dict[str, Any]:
    location = {"lat": place.lat, "lon": place.lon}
    return {"code": f"place-{number:04d}", "name": place.name, "time_zone": time_zone, "location": location}


def _geofence(place: Place, store_id: str) -> dict[str, Any]:
    circle = {"lat": place.lat, "lon": place.lon, "radius_m": place.radius_m}
    return {"store_id": store_id, "name": "Door", "circle": circle}


def _campaign(trigger: str, title: str) -> dict[str, Any]:
    """At any hour, and for events as old as a long trace is."""
    return {
        "name": trigger,
        "state": "running",
        "trigger": {"kind": trigger},
        "starts_at": "2020-01-01T00:00:00Z",
        "frequency": "daily",
        "quiet_hours": None,
        "only_when_open": False,
        "allow_anonymous": True,
        "max_event_age_s": _AGE_S,
        "offer": {"en": {"title": title, "body": "Show this coupon at the till."}},
    }
