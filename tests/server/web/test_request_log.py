"""What a line of the log tells of a request, and what it never tells."""

import json
import logging

import pytest
import structlog

from server.runtime.logs import configure_logs
from server.settings import Settings
from server.web import request_log
from server.web.request_log import read_ids
from tests.support.world import Chain

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[structlog.typing.EventDict]:
    """Whatever was set up before: a logger that was used once may keep its processors."""
    captured = structlog.testing.LogCapture()
    processors: list[structlog.typing.Processor] = [structlog.contextvars.merge_contextvars, captured]
    logger = structlog.wrap_logger(None, processors=processors, wrapper_class=structlog.BoundLogger)
    monkeypatch.setattr(request_log, "log", logger)
    return captured.entries


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"till-7.2026-11-27", True),
        (b"", False),
        (b"a" * 65, False),
        (b"two\nlines", False),
        ("番号".encode(), False),
    ],
)
def test_a_usable_request_id_is_kept(sent: bytes, kept: bool) -> None:
    read = read_ids([(b"x-request-id", sent)])["request_id"]
    assert (read == sent.decode()) == kept
    assert read


@pytest.mark.parametrize(
    ("sent", "trace"),
    [
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"01-{TRACE}-00f067aa0ba902b7-01-more", TRACE),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", None),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", None),
        ("nonsense", None),
    ],
)
def test_a_trace_is_read_as_w3c_writes_it(sent: str, trace: str | None) -> None:
    assert read_ids([(b"traceparent", sent.encode())]).get("trace_id") == trace


async def test_a_line_names_route_and_kind_and_no_member(chain: Chain, lines: list[structlog.typing.EventDict]) -> None:
    member = await chain.enrol()
    lines.clear()
    headers = {"X-Request-ID": "abc", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    answer = await chain.owner.get(f"/v1/members/{member.id}/visits")
    named = await chain.owner.call("GET", f"/v1/members/{member.id}/visits", headers=headers)
    await member.app.get("/v1/me")
    await chain.world.anyone.get("/v1/me")
    assert (answer.status_code, named.headers["x-request-id"]) == (200, "abc")
    told = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"], line["caller"]) for line in told] == [
        ("/v1/members/{member_id}/visits", 200, "staff"),
        ("/v1/members/{member_id}/visits", 200, "staff"),
        ("/v1/me", 200, "device"),
        ("/v1/me", 401, None),
    ]
    assert told[0]["request_id"] == answer.headers["x-request-id"] != told[2]["request_id"]
    assert (told[1]["request_id"], told[1]["trace_id"]) == ("abc", TRACE)
    assert all(line["duration_ms"] >= 0 and line["method"] == "GET" for line in told)
    assert str(member.id) not in repr(told)


def test_lines_of_libraries_are_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    root, cached = logging.getLogger(), structlog.get_config()
    logger = logging.getLogger("a library")
    before = root.handlers[:], root.level
    try:
        configure_logs(Settings(database_url="", secret_key=b""))
        try:
            raise ValueError("said")
        except ValueError:
            logger.exception("Exception in ASGI application")
    finally:
        root.handlers[:], root.level = before
        structlog.configure(**cached)
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["level"], line["logger"]) == (
        "Exception in ASGI application",
        "error",
        "a library",
    )
    assert "ValueError: said" in line["exception"]
