"""The short way of a request: posts that come by the thousand are answered below uvicorn's cycle and the framework.

Only what is as usual as can be takes it: HTTP/1.1 that is kept alive, a short body of known length, no query, no header
of which somebody in between would have to know. Whatever else there is goes the whole way, to a route that answers the
same. A third of the server's time for a post of one fix went into that way.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

# Below the 64 KB at which uvicorn would stop reading until somebody asks for the body.
MOST_BYTES = 50_000

_HOST = re.compile(rb"[0-9A-Za-z.:-]+")
_UNUSUAL = frozenset({b"content-encoding", b"expect", b"origin", b"transfer-encoding", b"upgrade"})


class Answer(msgspec.Struct, frozen=True, gc=False):
    """`head` holds the lines of its headers, but for the length."""

    status: int
    head: bytes
    body: bytes


class Plain(msgspec.Struct, frozen=True):
    """The headers of a request that may go the short way, with their names in lower case."""

    headers: Sequence[tuple[bytes, bytes]]
    authorization: str | None

    def find(self, name: bytes) -> str | None:
        """The first of this name, as the framework reads it."""
        return next((value.decode("latin-1") for each, value in self.headers if each == name), None)


# From the headers and the body. It raises nothing: a problem is an answer too.
Answering: TypeAlias = Callable[[Plain, bytes], Coroutine[Any, Any, Answer]]


class ShortWay(msgspec.Struct, frozen=True):
    """`needs_task`: False for one that only waits for futures. It neither asks the database itself, nor sets anything
    in its context, nor has a deadline of its own.
    """

    answering: Answering
    needs_task: bool


# By the URL as it is written in the request.
ShortWays: TypeAlias = Mapping[bytes, ShortWay]


def read_plain(headers: Sequence[tuple[bytes, bytes]]) -> Plain | None:
    """None for those that go the whole way."""
    authorization = length = host = None
    for name, value in headers:
        if name == b"authorization":
            authorization = value if authorization is None else authorization
        elif name == b"content-length":
            length = int(value)
        elif name == b"host":
            host = _HOST.fullmatch(value)
            if host is None:
                return None
        elif name in _UNUSUAL:
            return None
    if host is None or length is None or length > MOST_BYTES:
        return None
    return Plain(headers, None if authorization is None else authorization.decode("latin-1"))


class ShortCycle(RequestResponseCycle):
    """One such request, in place of uvicorn's cycle, whose state its protocol reads and writes."""

    def __init__(
        self,
        way: ShortWay,
        plain: Plain,
        transport: asyncio.Transport,
        flow: FlowControl,
        done: Callable[[], None],
    ) -> None:
        self._answering, self.needs_task, self._plain = way.answering, way.needs_task, plain
        self.transport, self.flow, self.on_response = transport, flow, done
        self.message_event = _NOBODY_WAITS
        self.disconnected = self.response_started = self.response_complete = False
        self.keep_alive = self.more_body = True
        self.body = bytearray()

    async def run(self, default_headers: Sequence[tuple[bytes, bytes]]) -> None:
        try:
            answer = await self._answering(self._plain, bytes(self.body))
            if self.flow.write_paused and not self.disconnected:
                await self.flow.drain()
        except BaseException:  # the process ends before it is answered
            self.transport.abort()
            raise
        if self.disconnected:
            return
        self.response_started = self.response_complete = True
        told = b"".join([b"%b: %b\r\n" % header for header in default_headers])
        close = b"" if self.keep_alive else b"connection: close\r\n"
        self.transport.write(
            b"%b%b%bcontent-length: %d\r\n%b\r\n%b"
            % (STATUS_LINE[answer.status], told, answer.head, len(answer.body), close, answer.body)
        )
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


class Steps:
    """A coroutine that waits for nothing but futures, run from one to the next in the callbacks of the loop: a task
    for each post costs more than all that it would be needed for.
    """

    __slots__ = ("_running",)

    def __init__(self, running: Coroutine[Any, Any, None]) -> None:
        self._running = running

    def go_on(self, _: object = None) -> None:
        try:
            awaited: asyncio.Future[object] = self._running.send(None)
        except StopIteration:
            return
        awaited._asyncio_future_blocking = False  # noqa: SLF001 - as every task does with what it was given
        awaited.add_done_callback(self.go_on)


class _NobodyWaits(asyncio.Event):
    """The body is complete before anything begins, so nothing waits for the next piece of it."""

    def set(self) -> None: ...


_NOBODY_WAITS = _NobodyWaits()
