"""The short way of a request: posts that come by the thousand are answered below uvicorn's cycle and the framework.

Only what is as usual as can be takes it: HTTP/1.1 that is kept alive, a short body of known length, no query, no header
of which somebody in between would have to know. Whatever else there is goes the whole way, to a route that answers the
same. A third of the server's time for a post of one fix went into that way.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

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
Answering: TypeAlias = Callable[[Plain, bytes], Awaitable[Answer]]
# By the URL as it is written in the request.
ShortWays: TypeAlias = Mapping[bytes, Answering]


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
        answering: Answering,
        plain: Plain,
        transport: asyncio.Transport,
        flow: FlowControl,
        done: Callable[[], None],
    ) -> None:
        self._answering, self._plain = answering, plain
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


class _NobodyWaits(asyncio.Event):
    """The body is complete before anything begins, so nothing waits for the next piece of it."""

    def set(self) -> None: ...


_NOBODY_WAITS = _NobodyWaits()
