"""What the demo runs on: a database of its own, the API and the worker as processes, and doubles of those who carry
messages."""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from devtools import browser_packages, template_database
from devtools.apt import SetupError
from devtools.bootstrap import ROOT
from devtools.database_server import DatabaseServer, drop_database
from devtools.demo.providers import Providers, open_providers
from devtools.fcm_double import FcmDouble
from devtools.plain_http import TRUSTS_NOBODY
from ids import StaffId
from kit.clock import utc_now
from kit.ids import new_id
from programs import programs_repository, staff_repository
from programs.passwords import hash_password
from programs.staff_repository import StaffMember
from server.faces.hosts import FACES, Face

_READY_WITHIN_S = 60.0
# The API lets requests in flight end for 10 s.
_STOP_WITHIN_S = 13.0
_USUAL_PORT = 8080


@dataclass(frozen=True)
class Servers:
    """All of it, running. `faces`: the origin of each, none where the browser packages are missing. `double`: of FCM.

    `fell` ends when a process does, with the line that says which and why.
    """

    dsn: str
    base_url: str
    faces: Mapping[Face, str]
    double: FcmDouble
    providers: Providers
    fell: "asyncio.Task[str]"


@dataclass(frozen=True)
class Program:
    """The program that is there from the start, and who owns it."""

    code: str
    name: str
    owner_email: str
    owner_password: str


class _Child:
    """One `python -m server --only PART`, in a session of its own: Ctrl-C at the terminal is for the demo alone."""

    def __init__(self, part: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self._part = part
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, part: str, environ: Mapping[str, str], folder: Path) -> "_Child":
        log = folder / f"{part}.log"
        leash = ("-m", "devtools.demo.leash", str(os.getpid()))
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", *leash, "server", "--only", part),
                env=environ,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return cls(part, process, log)

    async def ended(self) -> tuple[int, str]:
        """Wait for its end: the exit code, and a line that says how it went."""
        code = await self._process.wait()
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return code, f"the {self._part} process ended with {code}: {lines[-1] if lines else 'it said nothing'}"

    async def stop(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_WITHIN_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def run_servers(server: DatabaseServer, program: Program) -> AsyncIterator[Servers]:
    """Start everything on a fresh database that has `program`; stop and drop it all at the end. Raises SetupError."""
    async with contextlib.AsyncExitStack() as stack:
        dsn = await stack.enter_async_context(_own_database(server))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="noren-demo-")))
        double = stack.enter_context(FcmDouble())
        providers = stack.enter_context(open_providers())
        held = stack.enter_context(hold_port())
        port = held.getsockname()[1]
        faces = _face_origins(port)
        environ = _environ(dsn, port, double, folder) | providers.environ | _face_settings(faces)
        children: list[_Child] = []
        stack.push_async_callback(_stop_all, children)
        children.append(await _Child.start("api", environ, folder))
        children.append(await _Child.start("worker", environ, folder))
        await found_program(program, dsn)
        fell = asyncio.create_task(_first_end(children))
        stack.push_async_callback(_cancel, fell)
        base_url = f"http://127.0.0.1:{port}"
        await _wait_until_ready(base_url, fell)
        yield Servers(dsn, base_url, faces, double, providers, fell)


@asynccontextmanager
async def _own_database(server: DatabaseServer) -> AsyncIterator[str]:
    try:
        name = await template_database.clone(server, await template_database.ensure_template(server))
    except (asyncpg.PostgresError, OSError) as error:
        raise SetupError(f"the demo cannot make a database of its own: {error}") from error
    try:
        yield server.url(name)
    finally:
        await drop_database(server, name)


def _environ(dsn: str, port: int, double: FcmDouble, folder: Path) -> dict[str, str]:
    """Only ours: a NOREN_ setting of the caller's is for their own server."""
    account = folder / "service-account.json"
    account.touch(mode=0o600)
    account.write_text(json.dumps(double.service_account))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NOREN_")}
    return inherited | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": dsn,
        "NOREN_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "NOREN_PORT": str(port),
        "NOREN_FCM_SERVICE_ACCOUNT": str(account),
        "NOREN_FCM_ENDPOINT": double.endpoint,
        "NOREN_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "NOREN_LOG_LEVEL": "warning",
        "NOREN_LOG_FORMAT": "text",
    }


def _face_origins(port: int) -> dict[Face, str]:
    """Names below `localhost` lead to this machine in every browser, and are secure enough for keys and workers."""
    if not browser_packages.is_ready(ROOT / "frontend", with_tools=False):
        return {}
    return {face: f"http://{face}.localhost:{port}" for face in FACES}


def _face_settings(faces: Mapping[Face, str]) -> dict[str, str]:
    return {f"NOREN_{face.upper()}_URL": origin for face, origin in faces.items()}


async def found_program(program: Program, dsn: str) -> None:
    """What `./run admin create-program` does, without another interpreter to start."""
    now = utc_now()
    password_hash = await hash_password(program.owner_password)
    conn = await asyncpg.connect(dsn)
    try:
        async with conn.transaction():
            created = await programs_repository.create_program(conn, program.code, program.name, "ja", now)
            owner = StaffMember(StaffId(new_id()), created.id, program.owner_email, "Owner", "owner", [], now, None)
            await staff_repository.create_staff(conn, owner, password_hash)
    finally:
        await conn.close()


async def _first_end(children: Sequence[_Child]) -> str:
    ends = [asyncio.create_task(child.ended()) for child in children]
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()[1]
    finally:
        for end in ends:
            end.cancel()


async def _stop_all(children: Sequence[_Child]) -> None:
    await asyncio.gather(*(child.stop() for child in children))


async def _cancel(task: "asyncio.Task[str]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _wait_until_ready(base_url: str, fell: "asyncio.Task[str]") -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    async with httpx.AsyncClient(base_url=base_url, verify=TRUSTS_NOBODY, trust_env=False) as http:
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/health/ready")).is_success:
                    return
            if fell.done():
                raise SetupError(fell.result())
            await asyncio.sleep(0.05)
    raise SetupError(f"the API at {base_url} did not become ready")


def hold_port() -> socket.socket:
    """A socket that is bound to the usual port if nobody has it, else to any. While it is open no other demo gets that
    port, but our API does: Linux lets one socket listen beside another that only holds, if both say SO_REUSEADDR.
    """
    for port in (_USUAL_PORT, 0):
        held = socket.socket()
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return held
    raise SetupError("no port is free on 127.0.0.1")
