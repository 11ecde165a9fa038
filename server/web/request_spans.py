"""A span a request, around the whole application: the hot routes have no middleware of their own.

Made only where the process traces. It tells what the request log tells (server.web.request_log), and for the same
reasons no more: the route's template, never the path, the query, an address or a header.
"""

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from kit.tracing import HTTP_STATUS, Tracer
from server.web.request_log import UNTOLD, kind_of

# A method is whatever a caller writes; the standard's word for others is this.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "_OTHER"
_TRACE_HEADERS = (b"traceparent", b"tracestate")


def trace_requests(app: ASGIApp, tracer: Tracer) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET or scope["path"].startswith(UNTOLD):
            await app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        attributes = {"http.request.method": method}
        with tracer.span(method, "server", attributes, headers=_read_trace_headers(scope)) as span:

            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set(HTTP_STATUS, message["status"])
                    if message["status"] >= 500:
                        span.fail(str(message["status"]))
                await send(message)

            try:
                await app(scope, receive, note)
            finally:
                if route := scope.get("path_template"):
                    span.rename(f"{method} {route}")
                    span.set("http.route", route)
                if caller := kind_of(scope.get("user")):
                    span.set("noren.caller", caller)

    return call


def _read_trace_headers(scope: HTTPScope) -> dict[str, str]:
    return {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _TRACE_HEADERS}
