"""One run of a scenario: servers up, set-up, play, take stock, servers down, whatever ends it."""

import asyncio
import signal
import time
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
from rich.console import Console

from devtools.apt import SetupError
from devtools.database_server import DatabaseServer
from devtools.demo.board import Board
from devtools.demo.client import Client, UnexpectedAnswer, open_client
from devtools.demo.scenario import Scenario
from devtools.demo.servers import Servers, run_servers
from devtools.demo.tally import Summary, take_stock
from devtools.demo.view import View, print_step

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Showing:
    """Where it is shown: a console, and an SVG at the end; `keep_open` until somebody ends it."""

    console: Console
    picture: Path | None
    keep_open: bool


@dataclass
class Interrupt:
    """The first signal that came, if any."""

    number: int = 0


@dataclass(frozen=True)
class Result:
    """`summary` is None where it was ended before the set-up was."""

    summary: Summary | None
    doors: list[tuple[str, int, int]]
    faults: list[str]
    interrupted_by: int


class Fallen(Exception):
    """A server ended by itself; the text says which and why."""


# What ends a demo with one line; all else is a mistake of our own and shows its traceback.
_BREAKS = (Fallen, UnexpectedAnswer, httpx.TransportError, msgspec.ValidationError)


class Session:
    """`started` is time.monotonic() of the command's start."""

    def __init__(self, scenario: Scenario, showing: Showing, started: float) -> None:
        console = showing.console
        plain = not console.is_terminal
        self._scenario = scenario
        self._showing = showing
        self._started = started
        self._interrupt = Interrupt()
        self._board = Board(
            on_step=(lambda step: print_step(console, step)) if plain else None,
            on_event=(lambda event: self._view.print_event(console, event)) if plain else None,
        )
        self._view = View(self._board, scenario)

    async def run(self, server: DatabaseServer) -> Result:
        """Raises SetupError. A signal ends it early and in good order."""
        summary = None
        with _cancelling_on_signals(self._interrupt):
            try:
                async with self._view.shown(self._showing.console):
                    summary = await self._perform(server)
            except asyncio.CancelledError:
                if not self._interrupt.number:
                    raise
        return Result(summary, self._board.doors, self._board.faults, self._interrupt.number)

    async def _perform(self, server: DatabaseServer) -> Summary:
        async with AsyncExitStack() as stack:
            with self._board.step("database, API and push worker"):
                servers = await stack.enter_async_context(run_servers(server, self._scenario.program))
            client = await stack.enter_async_context(open_client(servers.base_url))
            self._view.count_pushes = lambda: len(servers.double.accepted())
            await self._set_up(client, servers)
            seconds_setup = time.monotonic() - self._started
            self._board.open_at(servers.base_url)
            await self._play(client, servers)
            seconds = (seconds_setup, time.monotonic() - self._started - seconds_setup)
            summary = await self._take_stock(servers, seconds)
            if self._showing.picture is not None:
                self._view.save_picture(self._showing.picture)
            return summary

    async def _set_up(self, client: Client, servers: Servers) -> None:
        try:
            await _while_standing(servers, self._scenario.set_up(client, self._board))
        except _BREAKS as error:
            raise SetupError(f"the demo could not be set up: {_spell(error)}") from error

    async def _play(self, client: Client, servers: Servers) -> None:
        """Until all has been seen, or something breaks, or a signal says that it is enough."""
        try:
            await _while_standing(servers, self._scenario.play(client, servers, self._board))
            if self._showing.keep_open and not self._board.faults:
                await _while_standing(servers, asyncio.Event().wait())
        except _BREAKS as error:
            self._board.fault(_spell(error))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._interrupt.number or task is None:
                raise
            task.uncancel()

    async def _take_stock(self, servers: Servers, seconds: tuple[float, float]) -> Summary:
        connection = await asyncpg.connect(servers.dsn)
        try:
            return await take_stock(connection, self._board, servers.double, seconds)
        finally:
            await connection.close()


async def _while_standing(servers: Servers, work: Coroutine[Any, Any, object]) -> None:
    """Raises Fallen where a server ends before the work is done."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait((task, servers.fell), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Fallen(servers.fell.result())
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _spell(error: Exception) -> str:
    return str(error) or type(error).__name__


@contextmanager
def _cancelling_on_signals(interrupt: Interrupt) -> Iterator[None]:
    """The first signal cancels the current task. Further ones are let pass: what is being stopped must be let stop."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def cancel(number: int) -> None:
        if not interrupt.number:
            interrupt.number = number
            task.cancel()

    former = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        loop.add_signal_handler(number, cancel, number)
    try:
        yield
    finally:
        for number, handler in former.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
