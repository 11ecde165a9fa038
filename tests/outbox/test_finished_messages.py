"""What is over leaves the outbox; what is counted of it stays."""

import asyncio
from datetime import timedelta

from kit.database import Pool, in_transaction
from outbox.finished_messages_repository import KEPT, purge_finished
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies, fold_tallies, read_tallies
from push.sender import Sender
from tests.push.conftest import NOW, Outbox
from tests.support.dispatching import once


async def test_what_is_over_leaves_and_its_counts_stay(outbox: Outbox, sender: Sender) -> None:
    for number in range(5):
        await outbox.add(f"phone-{number}")
    await outbox.add("unregistered-1")
    assert (await once(outbox.pool, sender)).sent == 5
    waiting = await outbox.add("phone-late")
    later = NOW + KEPT + timedelta(seconds=1)
    assert await purge_finished(outbox.pool, NOW + KEPT) == 0
    purged = await asyncio.gather(*(purge_finished(outbox.pool, later, at_once=2) for _ in range(3)))
    assert sum(purged) == 6
    assert (await outbox.message(*waiting))["state"] == "pending"
    async with outbox.pool.acquire() as conn:
        assert await read_tallies(conn, outbox.campaign_id) == {"push": {"sent": 5, "failed": 1}}


async def test_counts_are_the_same_while_they_are_folded_by_many(outbox: Outbox) -> None:
    async def count(pool: Pool) -> None:
        changes = TallyChanges()
        changes.enter(outbox.campaign_id, "deferred", is_first_deferral=True)
        await in_transaction(pool, lambda conn: change_tallies(conn, changes))

    for _ in range(3):
        await asyncio.gather(*(work(outbox.pool) for _ in range(5) for work in (count, fold_tallies)))
        await fold_tallies(outbox.pool)
    async with outbox.pool.acquire() as conn:
        assert await read_tallies(conn, outbox.campaign_id) == {"push": {"deferred": 15, "waiting": 15}}
    assert await outbox.pool.fetchval("SELECT count(*) FROM message_tally_changes") == 0
