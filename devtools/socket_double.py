"""What the doubles of foreign services have in common: a server on a real socket, in a thread with a loop of its own.

So a caller that blocks its loop cannot block the double.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

import msgspec
import uvicorn

from devtools.service_account import GrantError, TokenIssuer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Answer:
    """`is_cut`: the connection breaks off within the body, so that the caller does not learn what became of it.
    `halves_s`: so long passes between the two halves of the body.
    """

    status: int
    body: bytes
    retry_after_s: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False
    halves_s: float | None = None


class SocketDouble:
    """The server. Enter it to start, leave it to stop; `port=0` takes a free one."""

    def __init__(self, port: int, name: str) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=2048)
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._name = name
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app,
                # An interpreter that ran uvloop in a thread, beside a loop that spoke to PostgreSQL, crashed twice.
                loop="asyncio",
                interface="asgi3",
                lifespan="off",
                ws="none",
                log_level="warning",
                access_log=False,
            )
        )
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        """What this service says to one request: the double's own part."""
        return Answer(404, b'{"error":{"code":404,"message":"Not found.","status":"NOT_FOUND"}}')

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError(f"the {self._name} did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self.answer(scope, await _read_body(receive))
        headers = [(b"content-type", b"application/json; charset=UTF-8")]
        if answer.retry_after_s is not None:
            headers.append((b"retry-after", str(answer.retry_after_s).encode()))
        headers += [(name.encode(), value.encode()) for name, value in answer.headers]
        if answer.is_cut:
            headers.append((b"content-length", str(len(answer.body) + 1).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        body = answer.body
        if answer.halves_s is not None:
            first, body = body[: len(body) // 2], body[len(body) // 2 :]
            await send({"type": "http.response.body", "body": first, "more_body": True})
            await asyncio.sleep(answer.halves_s)
        await send({"type": "http.response.body", "body": body})


def grant_token(issuer: TokenIssuer, body: bytes) -> Answer:
    """What Google's token endpoint answers."""
    form = parse_qs(body.decode())
    try:
        granted = issuer.grant(form.get("grant_type", [""])[0], form.get("assertion", [""])[0])
    except GrantError as refused:
        return Answer(400, msgspec.json.encode({"error": "invalid_grant", "error_description": str(refused)}))
    return Answer(200, msgspec.json.encode(granted))


def bearer_of(scope: Scope) -> str:
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    return values[0].decode().removeprefix("Bearer ") if values else ""


async def _read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        event = await receive()
        parts.append(event.get("body", b""))
        if not event.get("more_body", False):
            return b"".join(parts)
