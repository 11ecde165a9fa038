"""Pushes of passes: over real TLS to a double of APNs, and what its answers mean."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from devtools.apple_authority import PASS_TYPE, issue, write_files
from push.apns import ApnsSender
from push.apns_outcomes import MAX_ATTEMPTS, ApnsAnswer, judge_apns
from tests.support.apns_double import Answer, ApnsDouble, run_apns_double

NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)


@pytest_asyncio.fixture
async def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ApnsDouble]:
    monkeypatch.setenv("SSL_CERT_FILE", str(write_files().root))
    async with run_apns_double(tmp_path) as running:
        yield running


@pytest_asyncio.fixture
async def sender(double: ApnsDouble) -> AsyncIterator[ApnsSender]:
    files = write_files()
    opened = ApnsSender(files.certificate, files.key, PASS_TYPE, endpoint=double.endpoint)
    yield opened
    await opened.close()


async def test_a_push_is_empty_and_names_the_pass_type(double: ApnsDouble, sender: ApnsSender) -> None:
    assert await sender.send(["0c0d"]) == [ApnsAnswer(200)]
    (received,) = double.received
    assert (received.push_token, received.body) == ("0c0d", b"{}")
    assert received.headers["apns-topic"] == PASS_TYPE
    assert (received.headers[":method"], received.headers[":scheme"]) == ("POST", "https")


async def test_answers_come_in_order_over_one_connection(double: ApnsDouble, sender: ApnsSender) -> None:
    double.answers["02"] = [Answer(410, "Unregistered")]
    double.answers["03"] = [Answer(429, "TooManyRequests", "7")]
    double.answers["04"] = [Answer(503)]
    double.answers["05"] = [Answer(500, retry_after="soon")]
    assert await sender.send(["01", "02", "03", "04", "05"]) == [
        ApnsAnswer(200),
        ApnsAnswer(410, "Unregistered"),
        ApnsAnswer(429, "TooManyRequests", 7.0),
        ApnsAnswer(503),
        ApnsAnswer(500),
    ]
    many = [f"{number:04x}" for number in range(300)]
    assert {answer.status for answer in await sender.send(many)} == {200}
    assert double.connections == 1
    assert {each.push_token for each in double.received} >= set(many)


async def test_nobody_there_is_an_answer_too() -> None:
    files = write_files()
    sender = ApnsSender(files.certificate, files.key, PASS_TYPE, endpoint="https://127.0.0.1:9")
    (answer,) = await sender.send(["0c0d"])
    assert answer.status == 0
    await sender.close()


async def test_a_connection_that_is_reset_at_once_is_an_answer_too(
    sender: ApnsSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def reset(*_: object, **__: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'getpeername'")

    monkeypatch.setattr(httpx.AsyncClient, "post", reset)
    assert await sender.send(["0c0d"]) == [ApnsAnswer(0, "AttributeError")]


async def test_a_double_of_an_unknown_authority_is_not_believed(
    double: ApnsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    files = write_files()
    sender = ApnsSender(files.certificate, files.key, PASS_TYPE, endpoint=double.endpoint)
    assert [answer.status for answer in await sender.send(["0c0d"])] == [0]
    assert double.received == []
    await sender.close()


async def test_a_strangers_certificate_does_not_get_in(double: ApnsDouble, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    stranger = issue({NameOID.COMMON_NAME: "stranger"}, key, None, is_authority=False)
    certificate, key_file = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.write_bytes(stranger.certificate_pem)
    key_file.write_bytes(stranger.key_pem)
    sender = ApnsSender(certificate, key_file, PASS_TYPE, endpoint=double.endpoint)
    assert [answer.status for answer in await sender.send(["0c0d"])] == [0]
    assert double.received == []
    await sender.close()


@pytest.mark.parametrize(
    ("answer", "state", "least_s", "is_our_fault"),
    [
        (ApnsAnswer(200), "sent", None, False),
        (ApnsAnswer(410, "Unregistered"), "unregistered", None, False),
        (ApnsAnswer(410), "unregistered", None, False),
        (ApnsAnswer(400, "BadDeviceToken"), "unregistered", None, False),
        (ApnsAnswer(400, "DeviceTokenNotForTopic"), "unregistered", None, False),
        (ApnsAnswer(400, "BadTopic"), "retryable", 3600, True),
        (ApnsAnswer(403, "BadCertificate"), "retryable", 3600, True),
        (ApnsAnswer(429, "TooManyRequests"), "retryable", 60, False),
        (ApnsAnswer(500, "InternalServerError"), "retryable", 2, False),
        (ApnsAnswer(503, "ServiceUnavailable", 90.0), "retryable", 90, False),
        (ApnsAnswer(503, "", 1e9), "retryable", 3600, False),
        (ApnsAnswer(0, "ConnectError"), "retryable", 2, False),
        (ApnsAnswer(301), "retryable", 2, False),
    ],
)
def test_what_an_answer_means(answer: ApnsAnswer, state: str, least_s: float | None, is_our_fault: bool) -> None:
    outcome = judge_apns(answer, attempts=1, now=NOW, jitter=0.0)
    assert (outcome.state, outcome.is_our_fault) == (state, is_our_fault)
    assert outcome.retry_at == (None if least_s is None else NOW + timedelta(seconds=least_s))


@given(st.integers(0, 599), st.text(max_size=20), st.none() | st.floats(0, 1e12), st.integers(1, 40), st.floats(0, 1))
def test_every_answer_ends(status: int, reason: str, retry_after_s: float | None, attempts: int, jitter: float) -> None:
    outcome = judge_apns(ApnsAnswer(status, reason, retry_after_s), attempts=attempts, now=NOW, jitter=jitter)
    assert (outcome.retry_at is not None) == (outcome.state == "retryable")
    if outcome.retry_at is not None:
        assert timedelta(seconds=2) <= outcome.retry_at - NOW <= timedelta(hours=2)
        assert attempts < MAX_ATTEMPTS
