"""Traces, as a collector receives them over a real socket."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from devtools.fcm_double import FcmDouble
from kit import tracing
from kit.batching import Batcher
from kit.clock import utc_now
from kit.database import Pool, open_pool
from kit.rounds import run_rounds
from server.runtime import open_telemetry
from server.runtime.open_telemetry import tracing_to
from tests.support.databases import SECRET_KEY
from tests.support.live import ended, start, wait_until_ready
from tests.support.otlp_receiver import OtlpReceiver, ReceivedSpan
from tests.support.shop import open_shop, place
from tests.support.waiting import PATIENCE_S, until

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def receiver() -> Iterator[OtlpReceiver]:
    with OtlpReceiver() as receiver:
        yield receiver


@contextlib.contextmanager
def traced(receiver: OtlpReceiver) -> Iterator[None]:
    """This process; what it did is received when the block has ended."""
    with tracing_to(OTLPSpanExporter(f"{receiver.endpoint}/v1/traces")):
        yield


def names_below(parent: ReceivedSpan, spans: Sequence[ReceivedSpan]) -> set[str]:
    return {span.name for span in spans if span.parent_id == parent.span_id}


async def test_from_a_phones_upload_to_the_push_and_nothing_of_the_person(
    pool: Pool, database: str, receiver: OtlpReceiver, tmp_path: Path
) -> None:
    shop = await open_shop(pool)
    await shop.write_campaign(starts_at=utc_now() - timedelta(days=1))
    (shopper,) = await shop.enrol(1)
    lat, lon = place(0)
    body = {"fixes": [{"lat": lat, "lon": lon, "accuracy_m": 10, "recorded_at": utc_now().isoformat()}]}
    account = tmp_path / "account.json"
    with FcmDouble() as fcm:
        account.write_text(json.dumps(fcm.service_account))
        live = start(
            database,
            SECRET_KEY,
            tmp_path / "log",
            only="all",
            OTEL_EXPORTER_OTLP_ENDPOINT=receiver.endpoint,
            NOREN_FCM_SERVICE_ACCOUNT=str(account),
            NOREN_FCM_ENDPOINT=fcm.endpoint,
        )
        with ended(live):
            await wait_until_ready(live)
            async with live.client(shopper.token) as phone:
                headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
                answer = await phone.post("/v1/locations", json=body, headers=headers)
                assert answer.json()["coupons"], answer.text
                assert (await phone.get("/v1/me?location=35.68123", headers=headers)).status_code == 400
                assert (await phone.get(f"/v1/nowhere/{shopper.member_id}")).status_code == 404
            await until(fcm.accepted)
            assert live.stop() == 0
    spans = receiver.spans
    assert {span.service for span in spans} == {"noren"}
    (upload,) = receiver.named("POST /v1/locations")
    assert (upload.trace_id, upload.parent_id) == (TRACE, CALLER)
    assert upload.attributes == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/v1/locations",
    }
    (batch,) = receiver.named("batch locating")
    assert (batch.trace_id, batch.parent_id) == (TRACE, upload.span_id)
    assert {"BEGIN", "presences.swap_presences", "COMMIT"} <= names_below(batch, spans)
    (asked,) = receiver.named("GET /v1/me")
    assert (asked.attributes["http.response.status_code"], asked.trace_id, asked.has_failed) == (400, TRACE, False)
    assert len(receiver.named("GET")) == 1  # the route that is none
    (push,) = receiver.named("POST fcm")
    (sent_in,) = (span for span in spans if span.span_id == push.parent_id)
    assert sent_in.name in {"round push.urgent", "round push.dispatch"}  # both runners take what is urgent
    assert push.attributes["http.response.status_code"] == 200
    assert "outbox.lease" in names_below(sent_in, spans)
    assert TRACE in live.log.read_text()  # the line of the request
    told = b"".join(receiver.bodies).decode("latin-1") + repr(spans)
    for secret in (shopper.token, shopper.number, str(shopper.member_id), str(shopper.device_id), f"{lat:.4f}"):
        assert secret not in told
    assert "35.68123" not in told


async def test_what_many_share_stands_below_one_and_is_linked_with_the_others(receiver: OtlpReceiver) -> None:
    async def run(commands: Sequence[int]) -> Sequence[int]:
        return commands

    with traced(receiver):
        batcher = Batcher(run, name="counting", key=lambda _: None)

        async def ask(number: int) -> None:
            with tracing.span(f"request {number}"):
                await batcher.submit(number)

        asking = asyncio.gather(*map(ask, range(3)))
        await asyncio.sleep(0)
        batcher.start()
        await asking
        await batcher.close()
    (batch,) = receiver.named("batch counting")
    first, *others = (receiver.named(f"request {number}")[0] for number in range(3))
    assert (batch.trace_id, batch.parent_id) == (first.trace_id, first.span_id)
    assert batch.linked_ids == {other.span_id for other in others}
    assert all(other.linked_ids == {batch.span_id} for other in others)
    assert batch.attributes == {"noren.batch.commands": 3}
    assert len({span.trace_id for span in (first, *others)}) == 3


async def test_a_fault_is_told_by_its_type_and_never_by_its_words(database: str, receiver: OtlpReceiver) -> None:
    stop = asyncio.Event()
    with traced(receiver):
        pool = await open_pool(database)

        async def once() -> float:
            stop.set()
            await pool.fetch("SELECT 1 / $1::integer AS hanako", 0)
            return 1

        await run_rounds({"dividing.": once}, stop=stop, first_wait_s=1, longest_wait_s=1)
        with contextlib.suppress(ConnectionRefusedError), tracing.calling("apns", "POST") as call:
            assert call.headers["traceparent"].startswith("00-")
            raise ConnectionRefusedError("to hanako")
        with tracing.calling("apns", "POST") as call:
            call.answered(410)
        await pool.close()
    (turn,) = receiver.named("round dividing")
    statement = receiver.named("SELECT")[-1]  # the pool has asked before whether a pooler stands between
    unreachable, refused = receiver.named("POST apns")
    assert (turn.has_failed, turn.attributes) == (True, {"error.type": "DivisionByZeroError"})
    assert statement.parent_id == turn.span_id
    assert statement.attributes["db.response.status_code"] == statement.attributes["error.type"] == "22012"
    assert (unreachable.has_failed, unreachable.attributes["error.type"]) == (True, "ConnectionRefusedError")
    assert (refused.has_failed, refused.attributes["error.type"]) == (True, "410")
    assert "hanako" not in b"".join(receiver.bodies).decode("latin-1")


class HoldingExporter(SpanExporter):
    """A collector that takes no span for as long as the test waits."""

    def __init__(self) -> None:
        self.released, self.has_sent = threading.Event(), threading.Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.released.wait(PATIENCE_S)
        self.has_sent.set()
        return SpanExportResult.FAILURE


def test_nobody_waits_for_a_collector_that_holds_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_telemetry, "FLUSH_S", 0.2)
    collector = HoldingExporter()
    with tracing_to(collector), tracing.span("lost"):
        pass
    assert not collector.has_sent.is_set()
    assert tracing.current_tracer() is None
    collector.released.set()
    assert collector.has_sent.wait(PATIENCE_S)


def test_off_is_nothing_at_all() -> None:
    with tracing.span("one") as span, tracing.calling("fcm", "POST") as call:
        span.set("name", 1)
        call.answered(500)
    assert (call.headers, tracing.here(), tracing.trace_id()) == ({}, None, None)
