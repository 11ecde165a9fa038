"""Spans by OpenTelemetry's SDK, sent by OTLP over HTTP. Imported only where tracing is on: it takes 0.3 s and 20 MB.

What the standard's `OTEL_…` variables say beside the endpoint (sampler, headers, time-out, resource), the SDK reads by
itself. The exporter has a thread of its own; spans that it cannot get rid of are dropped, and nobody waits for them.
"""

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from kit.tracing import Kind, Origin, Span, Value, traced_by

_KINDS: Mapping[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
}
# Of the few seconds in which a process has to be gone (server.runtime.leaving).
FLUSH_S = 2.0
_PROPAGATOR = TraceContextTextMapPropagator()


@contextlib.contextmanager
def tracing_to(exporter: SpanExporter | None = None) -> Iterator[None]:
    """Trace this process until the block ends; what is left then has two seconds to go out.

    `exporter`: another one than that of `OTEL_EXPORTER_OTLP_ENDPOINT`.
    """
    resource = Resource.create({"service.name": "noren", "process.pid": os.getpid()})
    provider = TracerProvider(resource=resource.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
    try:
        with traced_by(OpenTelemetryTracer(provider)):
            yield
    finally:
        _shut_down(provider)


def _shut_down(provider: TracerProvider) -> None:
    """In a thread that holds nobody up: where nobody takes the spans, the SDK would wait half a minute."""
    flushing = threading.Thread(target=provider.shutdown, daemon=True)
    flushing.start()
    flushing.join(FLUSH_S)


class OpenTelemetryTracer:
    """A `kit.tracing.Tracer`."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("noren")

    def span(
        self,
        name: str,
        kind: Kind,
        attributes: Mapping[str, Value],
        *,
        origins: Sequence[Origin] = (),
        headers: Mapping[str, str] | None = None,
    ) -> "_SpanBlock":
        context: Context | None = None
        asking = [origin for origin in origins if isinstance(origin, trace.Span) and origin.is_recording()]
        if headers is not None:
            context = _PROPAGATOR.extract(headers, Context())
        elif asking:
            context = trace.set_span_in_context(asking[0])
        elif any(isinstance(origin, trace.Span) for origin in origins):
            # Nobody's of those who ask is recorded, so neither is what is done for them.
            context = trace.set_span_in_context(next(one for one in origins if isinstance(one, trace.Span)))
        links = [Link(origin.get_span_context()) for origin in asking[1:]]
        span = self._tracer.start_span(
            name, context, _KINDS[kind], attributes, links, record_exception=False, set_status_on_exception=False
        )
        for origin in asking[1:]:
            origin.add_link(span.get_span_context())  # whoever reads a slow request finds the batch that answered it
        return _SpanBlock(span)

    def here(self) -> Origin:
        span = trace.get_current_span()
        return span if span.get_span_context().is_valid else None

    def trace_id(self) -> str | None:
        context = trace.get_current_span().get_span_context()
        return trace.format_trace_id(context.trace_id) if context.is_valid else None

    def note_statement(self, name: str, elapsed_s: float, sqlstate: str | None) -> None:
        ended_at_ns = time.time_ns()
        attributes = {"db.system.name": "postgresql", "db.query.summary": name}
        began_at_ns = ended_at_ns - int(elapsed_s * 1e9)
        span = self._tracer.start_span(name, None, SpanKind.CLIENT, attributes, start_time=began_at_ns)
        if sqlstate is not None:
            span.set_attribute("db.response.status_code", sqlstate)
            _fail(span, sqlstate)
        span.end(ended_at_ns)


class _SpanBlock:
    """The span is current in the block. Leaving it by an exception tells the exception's type, never its words."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._current = trace.use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False)

    def __enter__(self) -> Span:
        self._current.__enter__()
        return _Wrapped(self._span)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            _fail(self._span, type(error).__name__)
        self._current.__exit__(kind, error, traceback)


class _Wrapped:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def set(self, name: str, value: Value) -> None:
        self._span.set_attribute(name, value)

    def fail(self, reason: str) -> None:
        _fail(self._span, reason)

    def headers(self) -> dict[str, str]:
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, trace.set_span_in_context(self._span))
        return carrier


def _fail(span: trace.Span, reason: str) -> None:
    span.set_attribute("error.type", reason)
    span.set_status(Status(StatusCode.ERROR))
