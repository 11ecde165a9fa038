"""Token buckets below FCM's quotas, and the sender that keeps to them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from push.messages import Push
from push.outcomes import Outcome, judge
from push.pace import DEVICE_PER_HOUR, DEVICE_PER_MINUTE, PROJECT_PER_MINUTE, Pace, Rate
from push.paced_sender import PacedSender
from push.sender import PACED, SendError, SendResult

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
PUSH = Push(
    token="phone-0", token_kind="fid", title="t", body="b", locale="ja", data={}, tag="c", ttl_s=60
)  # fmt: skip


def test_the_rates_stay_below_fcms_quotas() -> None:
    assert (PROJECT_PER_MINUTE, DEVICE_PER_MINUTE, DEVICE_PER_HOUR) < (600_000, 240, 5_000)
    assert DEVICE_PER_MINUTE < 240
    assert DEVICE_PER_HOUR < 5_000


def test_a_phone_gets_no_more_than_its_minute_and_hour_have() -> None:
    pace = Pace(device=(Rate(2, 60), Rate(3, 3600)))
    assert [pace.take("a", 0.0) for _ in range(3)] == [0, 0, pytest.approx(30)]
    assert pace.take("b", 0.0) == 0, "another phone is not held up"
    assert pace.take("a", 30.0) == 0
    assert pace.take("a", 60.0) == pytest.approx(1200 - 60), "the hour is full"
    assert pace.take("a", 1200.0) == 0


def test_a_project_gets_no_more_than_its_minute_has_and_refusals_cost_nothing() -> None:
    pace = Pace(Rate(4, 60))
    assert [pace.take(phone, 0.0) for phone in "abcd"] == [0] * 4
    assert [pace.take("e", 0.0) for _ in range(5)] == [pytest.approx(15)] * 5
    assert pace.take("e", 15.0) == 0
    assert pace.take("e", 15.0) > 0


def test_memory_is_bounded_by_the_phones_that_are_known() -> None:
    pace = Pace(device=(Rate(1, 60),), known=2)
    for phone in ("a", "b", "a", "c"):  # b was sent something longest ago
        pace.take(phone, 0.0)
    assert len(pace._of_devices) == 2
    assert pace.take("a", 0.0) > 0
    assert pace.take("b", 0.0) == 0


class TakesAll:
    def __init__(self) -> None:
        self.tokens: list[str] = []

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        self.tokens += [push.token for push in pushes]
        return [SendResult(f"to {push.token}") for push in pushes]

    async def close(self) -> None:
        return None


async def test_what_is_too_much_is_not_sent_and_each_result_is_its_pushs_own() -> None:
    taking = TakesAll()
    sender = PacedSender(taking, Pace(device=(Rate(1, 60),)), lambda: 0.0)
    pushes = [structs.replace(PUSH, token=token) for token in ("a", "a", "b", "a", "c")]
    paced = SendResult(None, SendError(None, PACED, retry_after_s=60.0))
    assert await sender.send(pushes) == [SendResult("to a"), paced, SendResult("to b"), paced, SendResult("to c")]
    assert taking.tokens == ["a", "b", "c"]
    await sender.close()


@pytest.mark.parametrize(("lives_s", "state"), [(61, "retryable"), (60, "expired")])
def test_a_message_that_is_held_to_the_pace_costs_no_attempt(lives_s: int, state: str) -> None:
    result = SendResult(None, SendError(None, PACED, retry_after_s=60.0))
    expires_at = NOW + timedelta(seconds=lives_s)
    outcome = judge(result, attempts=99, platform="ios", expires_at=expires_at, now=NOW, jitter=0.5)
    assert (outcome.state, outcome.failure, outcome.held_back) == (state, "paced", True)
    assert isinstance(outcome, Outcome)
    assert outcome.retry_at == NOW + timedelta(seconds=60)
