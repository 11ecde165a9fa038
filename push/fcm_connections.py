"""HTTP/1.1 to one origin over connections that stay: one request at a time on each, over asyncio and httptools.

A request is written once. Whoever repeats one knows whether it may have been answered: `NotSent` or `NoAnswer`.
"""

import asyncio
import ssl
import time
from typing import NamedTuple, cast
from urllib.parse import urlsplit

import httptools

# Google's front ends close what idles for minutes: a request that meets their goodbye would be one without an answer.
IDLE_S = 30.0
# No answer of FCM is nearly as long.
MAX_ANSWER_BYTES = 64 * 1024


class NotSent(Exception):
    """There was no connection for it."""


class NoAnswer(Exception):
    """It was written, and no whole answer came, or none in time: it may have been done."""


class Answer(NamedTuple):
    """Names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connections:
    """To the origin of `url`. They belong to the loop in which they are used."""

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ValueError(f"not an address of an HTTP server: {url}")
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = (tls or _trusting_the_usual()) if parts.scheme == "https" else None
        self._idle: list[_Connection] = []
        self.host_header = parts.netloc.rpartition("@")[2]

    async def exchange(self, request: bytes, timeout_s: float) -> Answer:
        """Write the request, head and body, and read its answer. Raises NotSent, NoAnswer."""
        deadline = time.monotonic() + timeout_s
        connection = self._pop_idle() or await self._connect(timeout_s)
        try:
            answer = await connection.exchange(request, deadline)
        except BaseException:
            connection.abort()
            raise
        if connection.is_reusable:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        return answer

    async def catch_up(self) -> None:
        """Let connections that the other side has closed learn of it, however long this loop was busy."""
        for _ in range(2):  # in the first round what has come is read, in the second it is told
            await asyncio.sleep(0)

    def close(self) -> None:
        """Those that idle; one in use closes with its request."""
        while self._idle:
            self._idle.pop().abort()

    def _pop_idle(self) -> "_Connection | None":
        """The one that was used last; those that have idled too long are closed."""
        oldest = time.monotonic() - IDLE_S
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable and connection.idle_since >= oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self, timeout_s: float) -> "_Connection":
        try:
            async with asyncio.timeout(timeout_s):
                _, connection = await asyncio.get_running_loop().create_connection(
                    _Connection,
                    self._host,
                    self._port,
                    ssl=self._tls,
                    server_hostname=self._host if self._tls else None,
                )
        except OSError as error:  # TimeoutError and ssl.SSLError too
            raise NotSent(type(error).__name__) from error
        return connection


def _trusting_the_usual() -> ssl.SSLContext:
    """HTTP/1.1 is what we ask for: a message costs a fraction of what the HTTP/2 libraries need (ADR 0059)."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Connection(asyncio.Protocol):
    """httptools calls the `on_` methods; asyncio the others."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._keeps_alive = True
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    @property
    def is_reusable(self) -> bool:
        return self._keeps_alive and self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes, deadline: float) -> Answer:
        """Raises NoAnswer; the connection is then of no use."""
        if self._transport is None:
            raise NoAnswer("closed")
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        timer = loop.call_later(deadline - time.monotonic(), self._fail, "timeout")
        try:
            self._transport.write(request)
            return await self._answer
        finally:
            timer.cancel()
            self._answer = None

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail("closed")

    def data_received(self, data: bytes) -> None:
        if self._answer is None:  # nobody asked: it cannot be told to whom the next answer belongs
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("unreadable")

    def on_message_begin(self) -> None:
        self._headers, self._body = {}, bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > MAX_ANSWER_BYTES:
            self._fail("too long")

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # "continue" and its like: the answer follows
            return
        self._keeps_alive = self._parser.should_keep_alive()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(status, self._headers, bytes(self._body)))

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswer(reason))
