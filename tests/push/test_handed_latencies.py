"""How long pushes took until they were handed over: of those at the door, once they are sent."""

from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from kit.database import Pool
from push.latencies import bucket_of
from push.sink import SinkSender
from tests.push.conftest import Outbox
from tests.support.dispatching import Crashing, Killed, once


async def counted(pool: Pool) -> dict[tuple[UUID, str, str, int], int]:
    rows = await pool.fetch("SELECT program_id, day::text, stage, bucket, times FROM message_latencies")
    return {(row["program_id"], row["day"], row["stage"], row["bucket"]): row["times"] for row in rows}


def observed() -> float:
    return REGISTRY.get_sample_value("noren_message_latency_seconds_count", {"stage": "handed"}) or 0.0


async def test_what_is_sent_at_once_is_counted_and_nothing_of_a_broadcast(pool: Pool, outbox: Outbox) -> None:
    before = observed()
    await outbox.add("token-1")
    await outbox.add("token-2")
    await outbox.add("token-3", lane="bulk")
    assert (await once(pool, SinkSender(), seconds=0.3)).sent == 3
    assert await counted(pool) == {(outbox.program_id, "2026-05-01", "handed", bucket_of(0.3)): 2}
    assert observed() - before == 2


async def test_what_was_not_recorded_is_not_counted(pool: Pool, outbox: Outbox) -> None:
    await outbox.add("token-1")
    with pytest.raises(Killed):
        await once(pool, Crashing(SinkSender()))
    assert await counted(pool) == {}
