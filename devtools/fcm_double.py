"""A double of FCM: HTTP v1 and the OAuth2 token endpoint over a real socket, since FCM has no emulator.

    with FcmDouble() as double:
        FcmSender(double.service_account, endpoint=double.endpoint)
        double.script("some-token", [UNAVAILABLE])     # the next answer for that token, then success again
        double.received                                # what arrived, in order

It runs in a thread with its own loop, so a caller that blocks its loop cannot block the double.
`python -m devtools.fcm_double --port 0 --account FILE` runs it alone and writes the service account to FILE.
"""

import argparse
import asyncio
import json
import secrets
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

import msgspec
import uvicorn

from devtools.fcm_rules import BY_PREFIX, UNAUTHENTICATED, Message, Refusal, SendRequest, read_request
from devtools.service_account import GrantError, TokenIssuer, make_service_account

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    retry_after_s: int | None = None


@dataclass(frozen=True)
class Received:
    """One well-formed message that an authenticated sender posted, and what it was answered (None: accepted)."""

    message: Message
    refusal: Refusal | None

    @property
    def token(self) -> str:
        return self.message.token or self.message.fid or ""


class FcmDouble:
    """The server. Enter it to start, leave it to stop; `port=0` takes a free one."""

    def __init__(self, port: int = 0, project_id: str = "noren-double") -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=2048)
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.service_account = make_service_account(f"{self.endpoint}/token", project_id)
        self.issuer = TokenIssuer(self.service_account)
        self.received: list[Received] = []
        self._send_path = f"/v1/projects/{project_id}/messages:send"
        self._name_prefix = f"projects/{project_id}/messages"
        self._scripts: defaultdict[str, deque[Refusal | None]] = defaultdict(deque)
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app, interface="asgi3", lifespan="off", ws="none", log_level="warning", access_log=False
            )
        )
        self._thread = threading.Thread(target=self._serve, name="fcm-double", daemon=True)

    def script(self, token: str, answers: Iterable[Refusal | None]) -> None:
        """Answer the next messages to `token` with these, in order; None accepts. A script outdoes a prefix."""
        self._scripts[token].extend(answers)

    def trust(self, account: dict[str, str]) -> None:
        """Honour another service account from now on, such as that of a double which stood here before."""
        self.issuer.account = account

    def accepted(self) -> list[Received]:
        return [each for each in self.received if each.refusal is None]

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the FCM double did not start")
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
        answer = await self._answer(scope, await _read_body(receive))
        headers = [(b"content-type", b"application/json; charset=UTF-8")]
        if answer.retry_after_s is not None:
            headers.append((b"retry-after", str(answer.retry_after_s).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        if scope["method"] == "POST" and scope["path"] == "/token":
            return self._grant(body)
        if scope["method"] == "POST" and scope["path"] == self._send_path:
            return await self._take(_bearer(scope), body)
        return Answer(404, b'{"error":{"code":404,"message":"Not found.","status":"NOT_FOUND"}}')

    def _grant(self, body: bytes) -> Answer:
        form = parse_qs(body.decode())
        try:
            granted = self.issuer.grant(form.get("grant_type", [""])[0], form.get("assertion", [""])[0])
        except GrantError as refused:
            return Answer(400, msgspec.json.encode({"error": "invalid_grant", "error_description": str(refused)}))
        return Answer(200, msgspec.json.encode(granted))

    async def _take(self, access_token: str, body: bytes) -> Answer:
        if not self.issuer.accepts(access_token):
            return _refused(UNAUTHENTICATED)
        request = read_request(body)
        if isinstance(request, Refusal):
            return _refused(request)
        refusal = self._refusal_of(request)
        if refusal is not None and refusal.delay_s:
            await asyncio.sleep(refusal.delay_s)
        self.received.append(Received(request.message, refusal))
        if refusal is not None:
            return _refused(refusal)
        name = f"{self._name_prefix}/0:{time.time_ns() // 1000}%{secrets.token_hex(8)}"
        return Answer(200, msgspec.json.encode({"name": name}))

    def _refusal_of(self, request: SendRequest) -> Refusal | None:
        token = request.message.token or request.message.fid or ""
        scripted = self._scripts.get(token)
        if scripted:
            return scripted.popleft()
        return next((refusal for prefix, refusal in BY_PREFIX.items() if token.startswith(prefix)), None)


def _refused(refusal: Refusal) -> Answer:
    return Answer(refusal.http_status, refusal.body(), refusal.retry_after_s)


def _bearer(scope: Scope) -> str:
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    return values[0].decode().removeprefix("Bearer ") if values else ""


async def _read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        event = await receive()
        parts.append(event.get("body", b""))
        if not event.get("more_body", False):
            return b"".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devtools.fcm_double", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--account", type=Path, required=True, help="where to write the service account")
    options = parser.parse_args()
    with FcmDouble(options.port) as double:
        options.account.touch(mode=0o600)
        options.account.write_text(json.dumps(double.service_account))
        print(json.dumps({"endpoint": double.endpoint, "account": str(options.account)}), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{len(double.received)} messages", flush=True)


if __name__ == "__main__":
    main()
