from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.outcomes import BACKOFF_CAP_S, MAX_ATTEMPTS, RULES, Outcome, judge
from push.sender import SendError, SendResult

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
FAR = NOW + timedelta(days=1)


def after(error: SendError, *, attempts: int = 1, platform: str = "ios", expires_at: datetime = FAR) -> Outcome:
    return judge(
        SendResult(None, error), attempts=attempts, platform=platform, expires_at=expires_at, now=NOW, jitter=0.0
    )


def wait_s(outcome: Outcome) -> float:
    assert outcome.retry_at is not None
    return (outcome.retry_at - NOW).total_seconds()


def test_an_accepted_message_is_sent() -> None:
    accepted = SendResult("projects/p/messages/1")
    assert judge(accepted, attempts=1, platform="ios", expires_at=FAR, now=NOW, jitter=0.5) == Outcome("sent")


@pytest.mark.parametrize(
    ("error", "state", "retire"),
    [
        (SendError(404, "UNREGISTERED"), "failed", "dropped"),
        (SendError(403, "SENDER_ID_MISMATCH"), "failed", "disabled"),
        (SendError(400, "INVALID_ARGUMENT", ("message.token",)), "failed", "dropped"),
        (SendError(400, "INVALID_ARGUMENT", ("message.fid",)), "failed", "dropped"),
        (SendError(400, "INVALID_ARGUMENT", ("message.android.ttl",)), "failed", None),
        (SendError(400, "INVALID_ARGUMENT"), "failed", None),
        (SendError(404, "NOT_FOUND"), "failed", None),
        (SendError(418, "TEAPOT"), "failed", None),
        (SendError(None, "INVALID_MESSAGE"), "failed", None),
        (SendError(401, "THIRD_PARTY_AUTH_ERROR"), "retryable", None),
        (SendError(429, "QUOTA_EXCEEDED"), "retryable", None),
        (SendError(500, "INTERNAL"), "retryable", None),
        (SendError(503, "UNAVAILABLE"), "retryable", None),
        (SendError(502, "BAD_GATEWAY"), "retryable", None),
        (SendError(None, "UNKNOWN"), "retryable", None),
        (SendError(None, "NO_ANSWER"), "retryable", None),
        (SendError(None, "OAUTH_REFUSED"), "retryable", None),
    ],
)
def test_each_error_decides_the_message_and_its_token(error: SendError, state: str, retire: str | None) -> None:
    outcome = after(error)
    assert (outcome.state, outcome.retire, outcome.failure) == (state, retire, error.code.lower())


@pytest.mark.parametrize(
    ("error", "attempts", "expected_s"),
    [
        (SendError(503, "UNAVAILABLE"), 1, 1),
        (SendError(503, "UNAVAILABLE"), 4, 8),
        (SendError(503, "UNAVAILABLE"), MAX_ATTEMPTS - 1, BACKOFF_CAP_S),
        (SendError(503, "UNAVAILABLE", retry_after_s=30), 1, 30),
        (SendError(429, "QUOTA_EXCEEDED"), 1, 60),
        (SendError(429, "QUOTA_EXCEEDED"), 8, 128),
        (SendError(429, "QUOTA_EXCEEDED", retry_after_s=7), 1, 7),
        (SendError(429, "STRANGE"), 1, 60),
        (SendError(503, "UNAVAILABLE", retry_after_s=0), 3, 4),
        (SendError(None, "NO_ANSWER"), 1, 120),
        (SendError(401, "THIRD_PARTY_AUTH_ERROR"), 1, 300),
    ],
)
def test_the_wait_before_the_next_attempt(error: SendError, attempts: int, expected_s: float) -> None:
    assert wait_s(after(error, attempts=attempts)) == expected_s


def test_a_bad_apns_key_rests_one_platform_and_refused_credentials_rest_all() -> None:
    assert after(SendError(401, "THIRD_PARTY_AUTH_ERROR"), platform="ios").broken == ("ios",)
    assert after(SendError(None, "OAUTH_REFUSED")).broken == ("ios", "android", "web")
    assert after(SendError(401, "UNAUTHENTICATED")).broken == ("ios", "android", "web")
    assert after(SendError(503, "UNAVAILABLE")).broken == ()


def test_a_retry_that_would_come_too_late_expires_the_message() -> None:
    error = SendError(503, "UNAVAILABLE", retry_after_s=30)
    assert after(error, expires_at=NOW + timedelta(seconds=30)).state == "expired"
    assert after(error, expires_at=NOW + timedelta(seconds=31)).state == "retryable"


def test_the_last_attempt_fails_the_message() -> None:
    assert after(SendError(503, "UNAVAILABLE"), attempts=MAX_ATTEMPTS).state == "failed"


errors = st.builds(
    SendError,
    status=st.none() | st.integers(400, 599),
    code=st.sampled_from([*RULES, "UNKNOWN", "SOMETHING_NEW"]),
    fields=st.lists(st.sampled_from(["message.token", "message.data"])).map(tuple),
    retry_after_s=st.none() | st.floats(0, 1e6),
)


@given(error=errors, attempts=st.integers(1, 1000), lives_s=st.floats(1, 1e6), jitter=st.floats(0, 0.999))
def test_no_retry_comes_before_it_may_nor_after_the_end(
    error: SendError, attempts: int, lives_s: float, jitter: float
) -> None:
    expires_at = NOW + timedelta(seconds=lives_s)
    outcome = judge(
        SendResult(None, error), attempts=attempts, platform="ios", expires_at=expires_at, now=NOW, jitter=jitter
    )
    assert outcome.state != "sent"
    if outcome.state == "retryable":
        assert attempts < MAX_ATTEMPTS
        assert outcome.retry_at is not None
        assert NOW + timedelta(seconds=error.retry_after_s or 0) <= outcome.retry_at < expires_at
        assert outcome.retire is None
