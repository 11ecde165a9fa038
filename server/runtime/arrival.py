"""How a request arrives: uvicorn's protocol, with the deadlines and caps of the door."""

import asyncio
from typing import Any, Literal

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle
from uvicorn.server import ServerState

from server.problems import Problem
from server.runtime.door import (
    ANSWER_S,
    BODY_BYTES_PER_S,
    BODY_GRACE_S,
    HEAD_BYTES,
    HEAD_S,
    HEADER_BYTES,
    LINGER_S,
    MOST_HEADERS,
    UNUSED,
    Door,
)
from server.runtime.short_way import ShortCycle, ShortWays, Steps, read_plain
from server.runtime.wire import JoiningProtocol

_PIECE_BYTES = 16 * 1024
# A chunk of one byte comes in six.
_CHUNK_OVERHEAD = 8

_ANSWERS = {
    "head_slow": Problem("request-timeout", "Send the whole request at once; the connection is closed."),
    "body_slow": Problem("request-timeout", "Send the body without a pause; the connection is closed."),
    "head_large": Problem("headers-too-large", "Send at most 16 KB a header, and 64 KB and 200 headers in all."),
    "malformed": Problem("invalid-request", "Send a request as HTTP/1.1 has it (RFC 9112)."),
    "full": Problem("overloaded", "Too many connections are open; come again after Retry-After.", retry_after_s=2),
    "address_full": Problem(
        "too-many-attempts", "Too many connections come from your address; use fewer.", retry_after_s=10
    ),
}


def _write_answer(problem: Problem) -> bytes:
    body = problem.body()
    headers = {
        "content-type": "application/problem+json",
        "content-length": str(len(body)),
        "connection": "close",
        **problem.headers(),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[problem.status] + f"{lines}\r\n".encode() + body


# Once: thousands may be told the same at the same moment.
_WRITTEN = {reason: _write_answer(problem) for reason, problem in _ANSWERS.items()}


class ArrivingProtocol(JoiningProtocol):
    """What it reads at the moment: `between` requests, a `head` or a `body`."""

    def __init__(
        self,
        door: Door,
        short_ways: ShortWays,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._door = door
        self._short_ways = short_ways
        self._reads: Literal["between", "head", "body"] = "between"
        self._message = 0  # how many have begun
        self._head_bytes = 0  # of the headers that came whole
        self._raw_bytes = 0  # of the head, or of the body with its framing
        self._body_bytes = 0
        self._refusal: str | None = None
        self._answered_at_s: float | None = None
        self._write_paused_at_s: float | None = None
        self._has_sent = False
        self._is_kept = False  # after an answer, until the next request begins
        self.address: str | None = None
        self.waits_since_s = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._door.admit(self, self.client[0] if self.client else None, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._door.let_go(self)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._is_kept, self._has_sent = False, True
        before = (self._message, self._reads)
        # In pieces where a head could grow too large within one, so that nobody parses a hundred megabytes of it.
        is_whole = self._reads == "body" or self._raw_bytes + len(data) <= _PIECE_BYTES
        for start in (0,) if is_whole else range(0, len(data), _PIECE_BYTES):
            piece = data if is_whole else data[start : start + _PIECE_BYTES]
            self._raw_bytes += len(piece)
            refusal = self._feed(piece) or self._find_excess()
            if refusal is not None:
                self._door.refuse(self, refusal)
                return
        if self._reads == "between":
            self._door.stop_waiting_for(self)
        elif (self._message, self._reads) != before:
            self._door.wait_for(self, self.loop.time())

    def _feed(self, piece: bytes) -> str | None:
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            return None  # to nothing that we speak: it is answered as the request that it is
        except httptools.HttpParserError:
            return self._refusal or "malformed"
        return None

    def _find_excess(self) -> str | None:
        if self._reads == "head" and self._raw_bytes > HEAD_BYTES:
            return "head_large"
        # Trailers and chunks' extensions reach nobody who would count them.
        if self._reads == "body" and self._raw_bytes > HEAD_BYTES + _PIECE_BYTES + _CHUNK_OVERHEAD * self._body_bytes:
            return "body_framing"
        return None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reads = "head"
        self._message += 1
        self._head_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        length = len(name) + len(value)
        self._head_bytes += length
        if length > HEADER_BYTES or self._head_bytes > HEAD_BYTES or len(self.headers) >= MOST_HEADERS:
            self._refusal = "head_large"
            raise ValueError  # httptools stops parsing
        # As uvicorn's does, which to call for each header would cost as much again.
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > HEADER_BYTES:
            self._refusal = "head_large"
            raise ValueError

    def on_headers_complete(self) -> None:
        self._reads, self._raw_bytes, self._body_bytes = "body", 0, 0
        self._answered_at_s = None
        if not self._take_short_way():
            super().on_headers_complete()

    def _take_short_way(self) -> bool:
        way = self._short_ways.get(self.url)
        if way is None or self._find_in_hand() is not None:
            return False
        parser = self.parser
        if parser.get_method() != b"POST" or parser.get_http_version() != "1.1" or not parser.should_keep_alive():
            return False
        plain = read_plain(self.headers)
        if plain is None:
            return False
        self.cycle = ShortCycle(way, plain, self.transport, self.flow, self.on_response_complete)
        return True

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._reads, self._raw_bytes = "between", 0
        super().on_message_complete()
        if isinstance(self.cycle, ShortCycle) and not self.cycle.response_complete:
            self._start(self.cycle)

    def _start(self, cycle: ShortCycle) -> None:
        running = cycle.run(self.server_state.default_headers)
        if not cycle.needs_task:
            self.loop.call_soon(Steps(running).go_on)
            return
        task = self.loop.create_task(running)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_response_complete(self) -> None:
        """uvicorn's, but for its timer after each answer: the door's sweep looks at all connections anyway."""
        self._answered_at_s = self.waits_since_s = self.loop.time()
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        else:
            self._is_kept = True

    def pause_writing(self) -> None:
        self._write_paused_at_s = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._write_paused_at_s = None
        super().resume_writing()

    def find_delay(self, now_s: float) -> str | None:
        if self._write_paused_at_s is not None:
            return "answer_slow" if now_s - self._write_paused_at_s > ANSWER_S else None
        waited_s = now_s - self.waits_since_s
        if self._reads == "head":
            return "head_slow" if waited_s > HEAD_S else None
        if self._reads == "body":
            return self._find_delay_of_body(waited_s, now_s)
        if self._is_kept:
            return UNUSED if waited_s > self.timeout_keep_alive else None
        is_idle = self._find_in_hand() is None
        return ("head_slow" if self._has_sent else "silent") if is_idle and waited_s > HEAD_S else None

    def _find_delay_of_body(self, waited_s: float, now_s: float) -> str | None:
        if self._answered_at_s is not None:
            return "body_unwanted" if now_s - self._answered_at_s > LINGER_S else None
        if self.flow.read_paused:  # it is ours to read on
            self._raw_bytes, self._body_bytes, self.waits_since_s = 0, 0, now_s
            return None
        return "body_slow" if waited_s > BODY_GRACE_S + self._body_bytes / BODY_BYTES_PER_S else None

    def _find_in_hand(self) -> RequestResponseCycle | None:
        """The request that is being answered."""
        newest: RequestResponseCycle | None = self.cycle  # uvicorn has None before the first
        return None if newest is None or newest.response_complete else newest

    def leave(self) -> None:
        self.transport.close()

    def turn_away(self, reason: str) -> None:
        """With a word where the caller would read it: before anything else of an answer was said."""
        answer = _WRITTEN.get(reason)
        in_hand = self._find_in_hand()
        # An answer that has begun, or that an earlier request still waits for, would be taken for this one.
        is_mute = in_hand is not None and (in_hand.response_started or self._reads != "body")
        if answer is None or is_mute or self.transport.is_closing():
            self.transport.abort()
            return
        if in_hand is not None:
            in_hand.disconnected = True
            in_hand.message_event.set()
        self.transport.write(answer)
        self.transport.close()
