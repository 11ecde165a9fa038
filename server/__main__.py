"""`./run serve`: the API and the worker, or one of them."""

import argparse
import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import get_args

import uvicorn
import uvloop

from kit.clock import utc_now
from kit.collector import long_lived
from kit.database import DatabaseUnavailable
from server.app import create_app
from server.runtime.logs import configure_logs
from server.runtime.processes import Part, die_with, open_socket, serve_in_processes
from server.runtime.root_secret import WrongSecretKey, check_secret_key
from server.runtime.schema_guard import OutdatedSchema, check_schema
from server.runtime.snapshot import SnapshotKeeper, keep_snapshot
from server.runtime.wire import JoiningProtocol
from server.setting_values import BadSetting, BadSettings
from server.settings import Settings, read_settings
from server.worker import run_worker


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./run serve", description="Serve the API and send pushes. See docs/settings.md."
    )
    parser.add_argument("--only", choices=get_args(Part), default="all", help="run only this part in this process")
    parser.add_argument("--child-of", type=int, metavar="PID", help=argparse.SUPPRESS)  # server.runtime.processes
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
    # Requests make few cycles; the default walks the young objects after every 700 new ones (docs/benchmarks.md).
    gc.set_threshold(20_000, 50, 100)
    try:
        if arguments.child_of is not None:
            return uvloop.run(_serve(settings, part, [open_socket(settings.host, settings.port)]))
        if settings.processes > 1 and part != "worker":
            uvloop.run(_check(settings))  # told once, not by every child
            return serve_in_processes(settings, part)
        return uvloop.run(_serve(settings, part))
    except (BadSetting, OutdatedSchema, WrongSecretKey, DatabaseUnavailable, OSError) as error:
        print(f"noren: cannot start: {error}", file=sys.stderr)
        return 1


async def _serve(settings: Settings, part: Part, sockets: list[socket.socket] | None = None) -> int:
    # Before uvicorn: its lifespan would bury the reason in a traceback.
    await _check(settings)
    # One for both parts: it is most of what either holds in memory.
    async with keep_snapshot(settings.database_url) as keeper:
        return await _run(settings, part, keeper, sockets)


async def _check(settings: Settings) -> None:
    await check_schema(settings.database_url)
    await check_secret_key(settings.database_url, settings.secret_key, utc_now())


async def _run(settings: Settings, part: Part, keeper: SnapshotKeeper, sockets: list[socket.socket] | None) -> int:
    stop = asyncio.Event()
    if part == "worker":
        _on_signals(stop.set)
        await run_worker(settings, keeper, stop)
        return 0
    with long_lived():  # a pass over the application alone takes 60 ms
        server = _Server(configure_uvicorn(settings, keeper))
    _on_signals(partial(server.handle_exit, signal.SIGTERM, None))
    serving = asyncio.create_task(server.serve(sockets))
    working = asyncio.create_task(run_worker(settings, keeper, stop)) if part == "all" else None
    # Whichever ends first takes the other along: half a service would go unnoticed.
    await asyncio.wait([serving, working] if working else [serving], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stop.set()
    await serving
    if working is not None:
        await working
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    """Leaves the signals to us: uvicorn would end the process by them before the worker has recorded what it sent."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _on_signals(end: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)


def configure_uvicorn(settings: Settings, keeper: SnapshotKeeper) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, keeper),
        host=settings.host,
        port=settings.port,
        http=JoiningProtocol,
        log_config=None,
        access_log=False,
        forwarded_allow_ips=settings.trusted_proxies,  # whose X-Forwarded-For is believed
        server_header=False,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    sys.exit(main())
