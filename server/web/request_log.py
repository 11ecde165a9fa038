"""A line a request: method, route, status, milliseconds, the kind of caller, and two ids to find it again by; and the
metrics of requests.

The route is told by its template, never the path: a path holds ids of members, and of Apple's phones. The request's
id is the caller's `X-Request-ID` where it is a usable one, else one of ours; it goes back in the answer, and every line
that is written meanwhile bears it. `trace_id` is that of W3C Trace Context: of the `traceparent` that came along, or of
our own span where the process traces.
"""

import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kit import tracing
from members.device import Device
from programs.staff_repository import Session
from programs.tills_repository import Till
from server.runtime.metrics import count_request, requests_in_progress

log = structlog.get_logger()

# The probes are left to the metrics.
UNTOLD = ("/health/", "/metrics")
# What `authorize` puts into the request; an Apple pass is the pair of its ids.
_KINDS: Mapping[type, str] = {Device: "device", Till: "till", Session: "staff", tuple: "apple_pass"}
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
# Version 00 and whatever may be added behind it: https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


class TellingRequest(msgspec.Struct):
    """A request under way, and what becomes of it. `id`: goes back in its answer. `caller`: whom the guard let in."""

    id: str
    status: int = 0
    caller: object = None


@contextmanager
def telling(method: str, route: str, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[TellingRequest]:
    """Count a request, write its line, and name it in each line that is written meanwhile."""
    ids = read_ids(headers)
    request, began_s = TellingRequest(ids["request_id"]), time.perf_counter()
    under_way = requests_in_progress(method, route)
    under_way.inc()
    with structlog.contextvars.bound_contextvars(**ids):
        try:
            yield request
        finally:
            took_s = time.perf_counter() - began_s
            under_way.dec()
            count_request(method, route, request.status, took_s)
            log.info(
                "request",
                method=method,
                route=route,
                status=request.status,
                duration_ms=round(took_s * 1000, 1),
                caller=kind_of(request.caller),
            )


def tell_requests(app: ASGIApp) -> ASGIApp:
    """ASGI middleware."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET or scope["path"].startswith(UNTOLD):
            await app(scope, receive, send)
            return
        with telling(scope["method"], scope["path_template"], scope["headers"]) as request:

            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    request.status = message["status"]
                    message["headers"] = [*message["headers"], (b"x-request-id", request.id.encode())]
                await send(message)

            try:
                await app(scope, receive, note)
            finally:
                request.caller = scope.get("user")

    return call


def read_ids(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    sent = dict(headers)
    request_id = sent.get(b"x-request-id", b"")
    traced = _TRACEPARENT.fullmatch(sent.get(b"traceparent", b""))
    ids = {"request_id": request_id.decode() if _REQUEST_ID.fullmatch(request_id) else secrets.token_hex(8)}
    trace_id = tracing.trace_id() or (traced[1].decode() if traced else None)
    return ids | ({"trace_id": trace_id} if trace_id else {})


def kind_of(principal: object) -> str | None:
    """None for anyone. Never which one of its kind."""
    return next((kind for type_, kind in _KINDS.items() if isinstance(principal, type_)), None)
