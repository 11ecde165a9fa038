"""Spans: what was done, when, for how long and as part of what. Where the process does not trace, nothing is measured.

This file knows no library: `server.runtime.open_telemetry` brings one, and is imported only where tracing is on.

A name or an attribute holds words of our own, counts and statuses. Never an id of a person or thing, a place, a
contact, a token, an argument of a statement or the text of an error, which may quote one.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol, TypeAlias

Kind = Literal["internal", "server", "client"]
Value: TypeAlias = str | int | bool
# A span as others refer to it, across tasks.
Origin: TypeAlias = object

HTTP_STATUS = "http.response.status_code"


class Span(Protocol):
    """One that is under way. An exception that leaves its block fails it by the exception's type."""

    def rename(self, name: str) -> None: ...
    def set(self, name: str, value: Value) -> None: ...
    def fail(self, reason: str) -> None: ...

    def headers(self) -> dict[str, str]:
        """What tells the one who is called whose part they do (W3C Trace Context)."""
        ...


class Tracer(Protocol):
    def span(
        self,
        name: str,
        kind: Kind,
        attributes: Mapping[str, Value],
        *,
        origins: Sequence[Origin] = (),
        headers: Mapping[str, str] | None = None,
    ) -> AbstractContextManager[Span]:
        """A span below the current one. `origins`: below the first that is recorded, and linked with the others.
        `headers`: below the caller's, as W3C Trace Context writes it.
        """
        ...

    def here(self) -> Origin: ...

    def trace_id(self) -> str | None: ...

    def note_statement(self, name: str, elapsed_s: float, sqlstate: str | None) -> None:
        """One that has just ended."""
        ...


class _Nothing:
    """The span of a process that does not trace."""

    def rename(self, name: str) -> None: ...
    def set(self, name: str, value: Value) -> None: ...
    def fail(self, reason: str) -> None: ...

    def headers(self) -> dict[str, str]:
        return {}


_NOTHING = contextlib.nullcontext[Span](_Nothing())
_tracer: Tracer | None = None


@contextlib.contextmanager
def traced_by(tracer: Tracer) -> Iterator[None]:
    """All of the process, until the block ends. What is made before it (a pool, say) is not traced."""
    global _tracer  # noqa: PLW0603 - of the whole process, like its log
    _tracer = tracer
    try:
        yield
    finally:
        _tracer = None


def current_tracer() -> Tracer | None:
    return _tracer


def span(name: str, attributes: Mapping[str, Value] | None = None) -> AbstractContextManager[Span]:
    return _NOTHING if _tracer is None else _tracer.span(name, "internal", attributes or {})


def span_of_many(name: str, origins: Sequence[Origin], attributes: Mapping[str, Value]) -> AbstractContextManager[Span]:
    """What is done once for many; `origins` by `here`."""
    return _NOTHING if _tracer is None else _tracer.span(name, "internal", attributes, origins=origins)


@contextlib.contextmanager
def calling(service: str, method: str) -> Iterator["Call"]:
    """An HTTP request to somebody else."""
    if _tracer is None:
        yield Call(_Nothing())
        return
    attributes = {"peer.service": service, "http.request.method": method}
    with _tracer.span(f"{method} {service}", "client", attributes) as span:
        yield Call(span)


class Call:
    """`headers` go along with the request."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.headers = span.headers()

    def answered(self, status: int) -> None:
        self._span.set(HTTP_STATUS, status)
        if status >= 400:
            self._span.fail(str(status))


def here() -> Origin:
    """The current span, for another task to refer to."""
    return None if _tracer is None else _tracer.here()


def trace_id() -> str | None:
    return None if _tracer is None else _tracer.trace_id()
