"""How long messages took, as an owner sees it."""

from datetime import UTC, date, datetime

import pytest

from kit.clock import utc_now
from kit.database import in_transaction
from push.latencies import Latency, Stage
from push.latencies_repository import count_latencies, purge_latencies
from tests.server.receipts.test_message_events import opened_door, report, told
from tests.support.expectations import expect_problem
from tests.support.lives import ok
from tests.support.world import Chain

PATH = "/v1/program/message-latencies"


async def test_a_day_is_one_of_the_programs_calendar_and_old_ones_are_forgotten(chain: Chain) -> None:
    stages: tuple[tuple[Stage, float], ...] = (("handed", 0.05), ("handed", 0.05), ("displayed", 2.0))
    late = datetime(2026, 11, 20, 16, tzinfo=UTC)  # of the 21st in Tokyo
    latencies = [Latency(program_id=chain.id, stage=stage, at=late, seconds=s) for stage, s in stages]
    for _ in range(2):  # into whichever slots
        await in_transaction(chain.world.pool, lambda conn: count_latencies(conn, latencies))
    asked = {"from_day": "2026-11-01", "to_day": "2026-11-30"}
    (day,) = ok(await chain.owner.get(PATH, **asked))["days"]
    assert (day["day"], day["handed"]["messages"], day["displayed"]["messages"]) == ("2026-11-21", 4, 2)
    assert 50 <= day["handed"]["p99_ms"] <= 55.1
    assert 2000 <= day["displayed"]["p50_ms"] <= 2200
    await in_transaction(chain.world.pool, lambda conn: purge_latencies(conn, date(2026, 11, 22)))
    assert ok(await chain.owner.get(PATH, **asked)) == {"days": []}


async def test_what_a_phone_shows_is_counted(chain: Chain) -> None:
    await opened_door(chain)
    member = await chain.enrol()
    push_id = await told(member, chain)
    await report(member, (push_id, "received", 0.0), (push_id, "displayed", 0.0))
    await report(member, (push_id, "displayed", 0.0))
    (day,) = ok(await chain.owner.get(PATH))["days"]
    assert day["displayed"]["messages"] == 1
    assert day["displayed"]["p50_ms"] >= 1
    assert abs((datetime.fromisoformat(day["day"]).date() - utc_now().date()).days) <= 1


@pytest.mark.parametrize(
    "days", [{"from_day": "2025-01-01", "to_day": "2026-06-01"}, {"from_day": "2026-06-02", "to_day": "2026-06-01"}]
)
async def test_days_that_are_too_many_or_none_are_refused(chain: Chain, days: dict[str, str]) -> None:
    expect_problem(await chain.owner.get(PATH, **days), 400, "invalid-request")
