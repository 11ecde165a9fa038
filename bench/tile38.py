"""Tile38 beside us: the same fences and the same moves, told to a server of its own that is running already.

Each fence is a channel that tells enters and exits, each move a SET. A post of 100 fixes is here a pipeline of 100
SETs on one connection, answered whole before the next one goes out. There are few connections: Tile38 takes one
command at a time, and the rate was the same with 4 to 256 of them. One more connection listens to all channels and is
read as fast as it comes, so that events are really delivered.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import cycle, islice
from typing import cast

import shapely

from bench.answers import expect_oks
from bench.city import Fences
from bench.client import Run
from bench.load import run_load
from bench.posts import Posts
from bench.resp import RespClient, RespError, encode
from devtools.apt import SetupError

CONNECTIONS = 4

_FLEET = "noren-bench-fleet"
_CHANNELS = "noren-bench:*"
_DRAWN_AT_ONCE = 1_000
_LISTEN = encode("PSUBSCRIBE", _CHANNELS)
_EVENT_START = b"$8\r\npmessage\r\n"
_QUIET_S = 0.5


class Listener(asyncio.Protocol):
    """Reads the events and counts them."""

    def __init__(self) -> None:
        self.event_count = 0
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(_LISTEN)

    def data_received(self, chunk: bytes) -> None:
        seen = self._tail + chunk
        self.event_count += seen.count(_EVENT_START)
        # A start that is cut in two is counted when its end comes; a whole one is never in so short a tail.
        self._tail = seen[1 - len(_EVENT_START) :]


class Tile38:
    def __init__(self, address: tuple[str, int], client: RespClient, listener: Listener) -> None:
        self._address, self._client, self._listener = address, client, listener

    async def draw(self, fences: Fences) -> None:
        commands = _write_fences(fences)
        while some := list(islice(commands, _DRAWN_AT_ONCE)):
            await self._client.ask_all(some)

    async def saturate(self, posts: Posts, seconds: float) -> tuple[Run, int]:
        """The moves of the posts in a closed loop, again and again, and the number of events that they caused."""
        requests, judge = write_pipelines(posts), expect_oks(posts.fixes)
        before = self._listener.event_count
        run = await run_load(self._address, cycle(requests), judge, seconds, connections=CONNECTIONS)
        await self._await_quiet()
        return run, self._listener.event_count - before

    async def describe(self) -> Mapping[str, str]:
        """Its version and how much it has written to its append-only file."""
        reply = await self._client.ask("SERVER")
        words = [word.decode() for word in reply if isinstance(word, bytes)] if isinstance(reply, list) else []
        facts = dict(zip(words[::2], words[1::2], strict=True))
        return {name: facts[name] for name in ("version", "aof_size", "threads") if name in facts}

    async def forget(self) -> None:
        """Drop the fences and the fleet."""
        await self._client.ask("PDELCHAN", _CHANNELS)
        await self._client.ask("DROP", _FLEET)

    async def _await_quiet(self) -> None:
        count = -1
        while count != self._listener.event_count:
            count = self._listener.event_count
            await asyncio.sleep(_QUIET_S)


@asynccontextmanager
async def connected(address: tuple[str, int]) -> AsyncIterator[Tile38]:
    """What was told to it is dropped at the end. Raises SetupError where no Tile38 answers."""
    try:
        client = await RespClient.connect(*address)
        listening, listener = await asyncio.get_running_loop().create_connection(Listener, *address)
        tile38 = Tile38(address, client, listener)
        await tile38.forget()
    except (OSError, RespError) as error:
        raise SetupError(f"no Tile38 at {address[0]}:{address[1]} ({error})") from error
    try:
        yield tile38
        await tile38.forget()
    finally:
        listening.close()
        await client.close()


def write_pipelines(posts: Posts) -> list[bytes]:
    """Each post as SETs of its walker, one a fix, to the digits that the post itself has."""
    return [
        b"".join(
            encode("SET", _FLEET, f"phone-{who}", "POINT", f"{lat:.6f}", f"{lon:.6f}")
            for lat, lon in zip(lats, lons, strict=True)
        )
        for who, lats, lons in zip(posts.who.tolist(), posts.lats.tolist(), posts.lons.tolist(), strict=True)
    ]


def _write_fences(fences: Fences) -> Iterator[bytes]:
    watch = ("FENCE", "DETECT", "enter,exit")
    circles = zip(fences.lats.tolist(), fences.lons.tolist(), fences.radii_m.tolist(), strict=True)
    for number, circle in enumerate(islice(circles, fences.circle_count)):
        yield encode("SETCHAN", _CHANNELS[:-1] + str(number), "NEARBY", _FLEET, *watch, "POINT", *circle)
    # Each area is one polygon, and a plain one is less work than a MultiPolygon of one.
    polygons = shapely.get_geometry(fences.areas, 0)
    for number, text in enumerate(shapely.to_geojson(polygons).tolist(), fences.circle_count):
        yield encode("SETCHAN", _CHANNELS[:-1] + str(number), "WITHIN", _FLEET, *watch, "OBJECT", text)
