"""`./run serve`: the API and the worker, or one of them."""

import argparse
import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import get_args

import structlog
import uvicorn
import uvloop
from litestar import Litestar
from litestar.types import ASGIApp

from kit.clock import utc_now
from kit.collector import collect_seldom, long_lived
from kit.database import DatabaseUnavailable, check_pooler
from kit.tracing import current_tracer
from server.app import create_app
from server.check_ins.short_ways import make_scan_ways
from server.faces.assets import MissingPackages
from server.faces.served import find_warnings
from server.locations.short_ways import make_short_ways
from server.runtime.arrival import ArrivingProtocol
from server.runtime.door import Door, Limits, raise_file_limit
from server.runtime.leaving import CLOSING_S, Leaving, exit_within
from server.runtime.listening import listen
from server.runtime.logs import configure_logs
from server.runtime.processes import Part, die_with, serve_in_processes
from server.runtime.root_secret import WrongSecretKey, check_secret_key
from server.runtime.schema_guard import OutdatedSchema, check_schema
from server.runtime.snapshot_keeper import SnapshotKeeper, keep_snapshot
from server.setting_values import BadSetting, BadSettings
from server.settings import Settings, read_settings
from server.web.request_spans import trace_requests
from server.worker import run_worker

_CANNOT_START = (BadSetting, MissingPackages, OutdatedSchema, WrongSecretKey, DatabaseUnavailable, OSError)

log = structlog.get_logger()


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./run serve", description="Serve the API and send pushes. See docs/settings.md."
    )
    parser.add_argument("--only", choices=get_args(Part), default="all", help="run only this part in this process")
    parser.add_argument("--child-of", type=int, metavar="PID", help=argparse.SUPPRESS)  # server.runtime.processes
    parser.add_argument("--listening", type=int, metavar="FD", help=argparse.SUPPRESS)  # the same
    arguments = parser.parse_args()
    part: Part = arguments.only
    if arguments.child_of is not None:
        die_with(arguments.child_of)
    try:
        settings = read_settings()
    except BadSettings as error:
        for fault in error.faults:
            print(f"noren: {fault}", file=sys.stderr)
        return 2
    configure_logs(settings)
    collect_seldom()  # docs/benchmarks.md
    is_child = arguments.child_of is not None
    for warning in [] if is_child or part == "worker" else find_warnings(settings):
        log.warning("shared origin", told=warning)
    try:
        if part == "worker":
            return uvloop.run(_serve(settings, part, None, is_child=is_child))
        if is_child:
            return uvloop.run(_serve(settings, part, socket.socket(fileno=arguments.listening), is_child=True))
        sockets = listen(settings.host, settings.port, settings.processes)
        if settings.processes == 1:
            return uvloop.run(_serve(settings, part, sockets[0], is_child=False))
        uvloop.run(_check(settings))  # told once, not by every child
        return serve_in_processes(settings, part, sockets)
    except _CANNOT_START as error:
        return _say(error)


def _reason_of(error: Exception) -> Exception:
    """What is inside, where a group of tasks has wrapped a single failure."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _say(error: Exception) -> int:
    print(f"noren: cannot start: {error}", file=sys.stderr)
    return 1


async def _serve(settings: Settings, part: Part, listening: socket.socket | None, *, is_child: bool) -> int:
    with _traced(settings):
        return await _serve_to_the_end(settings, part, listening, is_child=is_child)


def _traced(settings: Settings) -> AbstractContextManager[None]:
    if settings.otel_exporter_otlp_endpoint is None:
        return contextlib.nullcontext()
    from server.runtime.open_telemetry import tracing_to  # noqa: PLC0415 - 0.3 s and 20 MB, for those who trace

    return tracing_to()


async def _serve_to_the_end(settings: Settings, part: Part, listening: socket.socket | None, *, is_child: bool) -> int:
    try:
        await _check(settings)
        # One for both parts: it is most of what either holds in memory.
        async with keep_snapshot(settings.database_url) as keeper:
            leaving = Leaving(unready_s=settings.unready_s, drain_s=settings.drain_s)
            if listening is None:
                return await _run_worker(settings, keeper, leaving, is_child=is_child)
            return await _run(settings, part, keeper, leaving, listening, is_child=is_child)
    except Exception as error:
        reason = _reason_of(error)
        if not isinstance(reason, _CANNOT_START):
            raise
        return _say(reason)  # before whatever may hang behind us
    finally:
        exit_within(CLOSING_S)


async def _check(settings: Settings) -> None:
    await check_pooler(settings.database_url)
    await check_schema(settings.database_url)
    await check_secret_key(settings.database_url, settings.secret_key, utc_now())


async def _run_worker(settings: Settings, keeper: SnapshotKeeper, leaving: Leaving, *, is_child: bool) -> int:
    leaving.obey_signals(is_child=is_child)
    stop = asyncio.Event()
    return await _end_together(leaving, [run_worker(settings, keeper, stop)], stop.set)


async def _run(
    settings: Settings,
    part: Part,
    keeper: SnapshotKeeper,
    leaving: Leaving,
    listening: socket.socket,
    *,
    is_child: bool,
) -> int:
    stop = asyncio.Event()
    with long_lived():  # a pass over the application alone takes 60 ms
        app = create_app(settings, keeper, leaving)
        server = DoorServer(app, settings)
    # Until here a signal ends the process at once, as it does by itself.
    async with app.lifespan():
        leaving.obey_signals(is_child=is_child)
        host, port = listening.getsockname()[:2]
        log.info("serving", part=part, host=host, port=port)

        def end() -> None:
            server.should_exit = True
            stop.set()

        works: list[Coroutine[None, None, None]] = [server.serve([listening])]
        if part == "all":
            works.append(run_worker(settings, keeper, stop))
        return await _end_together(leaving, works, end)


async def _end_together(leaving: Leaving, works: Sequence[Coroutine[None, None, None]], end: Callable[[], None]) -> int:
    """0 where they were asked to end and did. Whichever ends first takes the others along: half a service would go
    unnoticed.
    """
    tasks = {asyncio.create_task(work) for work in works}
    asked = asyncio.create_task(leaving.drains.wait())
    await asyncio.wait({*tasks, asked}, return_when=asyncio.FIRST_COMPLETED)
    was_asked = asked.done()
    asked.cancel()
    end()
    _, hanging = await asyncio.wait(tasks, timeout=leaving.drain_s + 1)
    for task in hanging:
        task.cancel()
    if hanging:  # the end of the loop cancels them once more, and what they then hold would never be closed
        await asyncio.wait(hanging, timeout=CLOSING_S / 2)
    for task in tasks - hanging:
        task.result()
    return 0 if was_asked and not hanging else 1


class DoorServer(uvicorn.Server):
    """Leaves the signals to us: uvicorn would end the process by them before the worker has recorded what it sent."""

    def __init__(self, app: Litestar, settings: Settings) -> None:
        connections = raise_file_limit(settings.connections)
        trusted = tuple(settings.trusted_proxies.replace(",", " ").split())
        self._door = Door(Limits(connections, settings.connections_per_address, trusted))
        tracer = current_tracer()
        traced = app if tracer is None else trace_requests(app, tracer)
        short_ways = {**make_short_ways(app.state), **make_scan_ways(app.state)} if tracer is None else {}
        super().__init__(_configure_uvicorn(traced, settings, partial(ArrivingProtocol, self._door, short_ways)))

    async def on_tick(self, counter: int) -> bool:
        """uvicorn's, ten times a second."""
        if counter % 2 == 0:
            self._door.sweep(self.server_state.connections, asyncio.get_running_loop().time())  # type: ignore[arg-type]
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _configure_uvicorn(app: ASGIApp, settings: Settings, protocol: Callable[..., ArrivingProtocol]) -> uvicorn.Config:
    """For an application whose lifespan somebody else keeps: uvicorn would bury a failed start in a traceback."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="off",
        http=protocol,  # type: ignore[arg-type]
        ws="none",
        log_config=None,
        access_log=False,
        forwarded_allow_ips=settings.trusted_proxies,  # whose X-Forwarded-For is believed
        server_header=False,
        timeout_graceful_shutdown=settings.drain_s,
    )


if __name__ == "__main__":
    sys.exit(main())
