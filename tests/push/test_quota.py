"""A program's messages a day: never more, whatever workers there are and whichever of them dies."""

import asyncio

import pytest

from push.dispatch import DispatchCount
from push.sender import Sender
from push.sink import SinkSender
from tests.push.conftest import Outbox
from tests.support.dispatching import Crashing, Killed, once


async def used(outbox: Outbox) -> int:
    number: int | None = await outbox.pool.fetchval("SELECT sum(used)::int FROM message_quotas")
    return number or 0


async def work(outbox: Outbox) -> tuple[int, int]:
    """Rounds until every message is over: how many this worker has sent, and dropped."""
    sent = dropped = 0
    while await outbox.pool.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE state IN ('pending', 'sending'))"):
        count = await once(outbox.pool, SinkSender(), limit=3)
        sent, dropped = sent + count.sent, dropped + count.dropped
    return sent, dropped


async def test_several_workers_send_as_many_as_the_quota_has(outbox: Outbox) -> None:
    await outbox.pool.execute("UPDATE programs SET message_quota = 5")
    for number in range(8):
        await outbox.add(f"phone-{number}")
    counts = await asyncio.gather(*(work(outbox) for _ in range(4)))
    assert (sum(sent for sent, _ in counts), sum(dropped for _, dropped in counts)) == (5, 3)
    reasons = await outbox.pool.fetch("SELECT failure FROM outbox WHERE state = 'dropped'")
    assert {row["failure"] for row in reasons} == {"quota"}
    assert await used(outbox) == 5


async def test_a_message_takes_its_place_once_whoever_dies_over_it(outbox: Outbox) -> None:
    await outbox.pool.execute("UPDATE programs SET message_quota = 1")
    sender: Sender = SinkSender()
    await outbox.add("phone-1")
    with pytest.raises(Killed):
        await once(outbox.pool, Crashing(sender))
    assert await used(outbox) == 1
    await outbox.let_leases_run_out()
    assert await once(outbox.pool, sender) == DispatchCount(leased=1, sent=1)
    await outbox.add("phone-2")
    assert await once(outbox.pool, sender) == DispatchCount(leased=1, dropped=1)
    assert await used(outbox) == 1


async def test_the_higher_priority_is_sent_first(outbox: Outbox) -> None:
    await outbox.pool.execute("UPDATE programs SET message_quota = 1")
    await outbox.add("phone-1")
    important = await outbox.add("phone-2")
    await outbox.pool.execute("UPDATE outbox SET priority = 1 WHERE id = $1", important[1])
    assert await once(outbox.pool, SinkSender()) == DispatchCount(leased=2, sent=1, dropped=1)
    assert (await outbox.message(*important))["state"] == "sent"
