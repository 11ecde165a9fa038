"""`./run bench door`: what honest callers notice while others send half of their requests, or guess passwords.

Honest callers come at a steady pace, each on a connection of its own, and read the program's stores. Their p99 is
measured at rest, beside thousands of half-sent requests, and beside a hundred log-ins that are always under way.
"""

import argparse
import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import msgspec
import numpy as np
import uvloop

from bench.answers import BrokenLoad
from bench.contenders import LOCATE, Served, serving
from bench.editing import OWNER_EMAIL, open_session
from devtools.apt import SetupError, say
from devtools.database_server import DatabaseServer
from devtools.private_database import private_database
from devtools.template_database import own_database
from kit.clock import utc_now
from programs import programs_repository
from programs.passwords import hash_password
from server.runtime.door import raise_file_limit

FIGURES = ("half_sent", "refused", "honest_p99_ms", "rest_p99_ms", "memory_mb", "owner_log_in_ms")
_CODE, _PASSWORD = "bench", "correct horse battery"
_HALF = b"POST /v1/locations HTTP/1.1\r\nHost: local"
_PATIENCE_S = 30.0
# Loopback is a network of 2^24: whoever guesses comes from elsewhere than the owner.
_GUESSERS, _OWNER = "127.0.0.2", "127.0.0.3"
_REFUSALS = re.compile(r"^noren_door_refusals_total\{[^}]*\} ([0-9.e+]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Size:
    half_sent: int
    log_ins: int
    rate: int
    seconds: float


@dataclass
class Figures:
    rest_ms: list[float] = field(default_factory=list)
    beside_half_sent_ms: list[float] = field(default_factory=list)
    beside_log_ins_ms: list[float] = field(default_factory=list)
    owner_log_in_ms: list[float] = field(default_factory=list)
    half_sent: int = 0
    refused: int = 0
    memory_mb: float = 0.0

    def as_json(self) -> dict[str, float]:
        honest = max(_p99(each) for each in (self.beside_half_sent_ms, self.beside_log_ins_ms))
        figures = (
            self.half_sent,
            self.refused,
            round(honest, 2),
            round(_p99(self.rest_ms), 2),
            round(self.memory_mb, 1),
            round(max(self.owner_log_in_ms), 1),
        )
        return dict(zip(FIGURES, figures, strict=True))


def _p99(values: Sequence[float]) -> float:
    return float(np.percentile(values, 99))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench door", description=__doc__.split("\n\n")[1])
    parser.add_argument("--half-sent", type=int, default=2000, help="connections that send half a request")
    parser.add_argument("--log-ins", type=int, default=100, help="guesses at the owner's password at once")
    parser.add_argument("--rate", type=int, default=50, help="honest requests a second")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each measurement")
    parser.add_argument("--json", action="store_true", help="end with one object that holds the figures")
    asked = vars(parser.parse_args(arguments))
    with_json = asked.pop("json")
    size, figures = Size(**asked), Figures()
    raise_file_limit(size.half_sent)
    with private_database("bench") as server:
        try:
            uvloop.run(_measure(server, size, figures))
        except (BrokenLoad, OSError) as error:
            raise SetupError(f"the run broke off: {error}") from error
    told = figures.as_json()
    print(f"honest requests beside {figures.half_sent} half-sent and {size.log_ins} log-ins at once")
    beside = (_p99(figures.beside_half_sent_ms), _p99(figures.beside_log_ins_ms))
    print(f"p99 ms beside half-sent requests {beside[0]:.1f}, beside log-ins {beside[1]:.1f}")
    for name, value in told.items():
        print(f"{name:<18}{value:>12,}")
    if with_json:
        print(json.dumps(told))
    return 0


async def _measure(server: DatabaseServer, size: Size, figures: Figures) -> None:
    async with _found_program(server) as (dsn, token):
        with serving((LOCATE,), dsn, 1) as servers:
            served = servers[LOCATE]
            honest = _get("/v1/stores", f"Authorization: Bearer {token}")
            say("at rest")
            await _call(served, honest, size, [])
            await _call(served, honest, size, figures.rest_ms)
            say("beside half-sent requests")
            async with _half_sent(served, size, figures):
                await _call(served, honest, size, figures.beside_half_sent_ms)
            say("beside log-ins")
            async with _guessing(served, size, figures):
                await _call(served, honest, size, figures.beside_log_ins_ms)
            metrics = await _ask(served, _get("/metrics", "Accept: text/plain"))
            figures.refused += sum(int(float(each)) for each in _REFUSALS.findall(metrics.decode()))


async def _call(served: Served, request: bytes, size: Size, taken_ms: list[float]) -> None:
    """At a steady pace, whatever the answers take. Raises BrokenLoad for one that is not 200."""

    async def once() -> None:
        began = time.perf_counter()
        answer = await _ask(served, request)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise BrokenLoad(f"an honest request was answered {answer[:60]!r}")
        taken_ms.append((time.perf_counter() - began) * 1000)

    async with asyncio.TaskGroup() as group:
        for _ in range(max(1, int(size.seconds * size.rate))):
            group.create_task(once())
            await asyncio.sleep(1 / size.rate)


async def _ask(served: Served, request: bytes, address: str = "127.0.0.1") -> bytes:
    reader, writer = await asyncio.open_connection(*served.address, local_addr=(address, 0))
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), _PATIENCE_S)
    except TimeoutError:
        raise BrokenLoad(f"no answer in {_PATIENCE_S:.0f} s to {request.split(b' HTTP', 1)[0]!r}") from None
    finally:
        writer.transport.abort()


@asynccontextmanager
async def _half_sent(served: Served, size: Size, figures: Figures) -> AsyncIterator[None]:
    """So many at any time: whoever is turned away comes again."""
    all_sent = asyncio.Event()

    async def one() -> None:
        while True:
            reader, writer = await asyncio.open_connection(*served.address)
            figures.half_sent += 1
            if figures.half_sent >= size.half_sent:
                all_sent.set()
            try:
                writer.write(_HALF)
                await reader.read()
            except ConnectionError:
                pass
            finally:
                writer.transport.abort()

    async with _together([one() for _ in range(size.half_sent)], served, figures):
        await all_sent.wait()
        yield


@asynccontextmanager
async def _guessing(served: Served, size: Size, figures: Figures) -> AsyncIterator[None]:
    """So many at once again and again, as soon as they are told to; every second the owner logs in, from elsewhere."""
    has_logged_in = asyncio.Event()

    async def guess() -> None:
        while True:
            answer = await _ask(served, _log_in("a guess at the password"), _GUESSERS)
            if answer.startswith(b"HTTP/1.1 429"):
                figures.refused += 1
                await asyncio.sleep(1)

    async def own() -> None:
        began = time.perf_counter()  # until it succeeds, however often it is tried
        while True:
            answer = await _ask(served, _log_in(_PASSWORD), _OWNER)
            if answer.startswith(b"HTTP/1.1 201"):
                figures.owner_log_in_ms.append((time.perf_counter() - began) * 1000)
                has_logged_in.set()
                began = time.perf_counter() + 1
            await asyncio.sleep(1)

    async with _together([*(guess() for _ in range(size.log_ins)), own()], served, figures):
        await has_logged_in.wait()
        yield


@asynccontextmanager
async def _together(works: list, served: Served, figures: Figures) -> AsyncIterator[None]:  # type: ignore[type-arg]
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
        figures.memory_mb = max(figures.memory_mb, served.resident_mb())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _get(path: str, header: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n\r\n".encode()


def _log_in(password: str) -> bytes:
    body = msgspec.json.encode({"program": _CODE, "email": OWNER_EMAIL, "password": password})
    head = f"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


@asynccontextmanager
async def _found_program(server: DatabaseServer) -> AsyncIterator[tuple[str, str]]:
    """The database, and the token of an owner's session."""
    async with own_database(server) as dsn:
        conn = await asyncpg.connect(dsn)
        program = await programs_repository.create_program(conn, _CODE, "Bench", "ja", utc_now())
        token = await open_session(conn, program.id, await hash_password(_PASSWORD))
        await conn.close()
        yield dsn, token
