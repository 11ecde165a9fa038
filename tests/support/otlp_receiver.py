"""A receiver of OTLP over HTTP on a real socket: reads what a process exports, as the protocol's own schema says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from devtools.socket_double import Answer, Scope, SocketDouble


@dataclass(frozen=True)
class ReceivedSpan:
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    linked_ids: frozenset[str]
    attributes: Mapping[str, object]
    has_failed: bool
    service: str


class OtlpReceiver(SocketDouble):
    def __init__(self) -> None:
        super().__init__(0, "OTLP receiver")
        self.bodies: list[bytes] = []

    async def answer(self, scope: Scope, body: bytes) -> Answer:
        if (scope["method"], scope["path"]) != ("POST", "/v1/traces"):
            return await super().answer(scope, body)
        self.bodies.append(body)
        return Answer(200, b"")

    @property
    def spans(self) -> list[ReceivedSpan]:
        return [span for body in self.bodies for span in _read(body)]

    def named(self, name: str) -> list[ReceivedSpan]:
        return [span for span in self.spans if span.name == name]


def _read(body: bytes) -> Iterator[ReceivedSpan]:
    for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        resource = {each.key: each.value.string_value for each in of_resource.resource.attributes}
        for span in (span for scope in of_resource.scope_spans for span in scope.spans):
            yield ReceivedSpan(
                name=span.name,
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_id=span.parent_span_id.hex(),
                linked_ids=frozenset(link.span_id.hex() for link in span.links),
                attributes={each.key: each.value.string_value or each.value.int_value for each in span.attributes},
                has_failed=span.status.code == span.status.STATUS_CODE_ERROR,
                service=resource["service.name"],
            )
