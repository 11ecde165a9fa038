"""What is over leaves the outbox; what is counted of it stays."""

import asyncio
from datetime import timedelta
from functools import partial

from kit.database import Pool, in_transaction
from kit.ids import new_id
from outbox.delivery import DeliveryRecord
from outbox.finished_messages_repository import KEPT, purge_finished
from outbox.sealed_messages_repository import (
    NewSealedMessage,
    insert_sealed_message,
    lease_sealed_messages,
    purge_sealed_messages,
    record_delivery,
)
from outbox.tallies import TallyChanges
from outbox.tallies_repository import change_tallies, fold_tallies, read_tallies
from push.sender import Sender
from tests.push.conftest import NOW, Outbox
from tests.support.dispatching import once

# Of every message a receipt, which leaves with it.
RECEIVED = """
INSERT INTO message_receipts (member_id, message_id, kind, channel, at)
SELECT member_id, id, 'delivered', channel, now() FROM outbox
"""


async def test_what_is_over_leaves_and_its_counts_stay(outbox: Outbox, sender: Sender) -> None:
    for number in range(5):
        await outbox.add(f"phone-{number}")
    await outbox.add("unregistered-1")
    assert (await once(outbox.pool, sender)).sent == 5
    waiting = await outbox.add("phone-late")
    await outbox.pool.execute(RECEIVED)
    later = NOW + KEPT + timedelta(seconds=1)
    assert await purge_finished(outbox.pool, NOW + KEPT) == 0
    purged = await asyncio.gather(*(purge_finished(outbox.pool, later, at_once=2) for _ in range(3)))
    assert sum(purged) == 6
    assert (await outbox.message(*waiting))["state"] == "pending"
    assert await outbox.pool.fetchval("SELECT array_agg(message_id) FROM message_receipts") == [waiting[1]]
    async with outbox.pool.acquire() as conn:
        assert await read_tallies(conn, outbox.campaign_id) == {"push": {"sent": 5, "failed": 1}}


async def test_codes_that_are_being_sent_stay(outbox: Outbox) -> None:
    (member_id, _), program_id = await outbox.add("phone-0"), await outbox.pool.fetchval("SELECT id FROM programs")
    for _ in range(2):
        new = NewSealedMessage(
            member_id=member_id,
            id=new_id(),
            program_id=program_id,
            channel="email",
            sealed_message=b"x",
            lane="urgent",
            now=NOW,
            expires_at=NOW + timedelta(days=30),
        )
        await in_transaction(outbox.pool, partial(insert_sealed_message, new=new))
    await outbox.pool.execute(RECEIVED)
    (leased,) = await lease_sealed_messages(outbox.pool, "email", NOW, limit=1, lease_s=60)
    later = NOW + timedelta(days=8)
    await in_transaction(outbox.pool, partial(purge_sealed_messages, now=later))
    assert await outbox.pool.fetchval("SELECT count(*) FROM outbox WHERE channel = 'email'") == 2
    done = DeliveryRecord(delivery=leased, outcome="sent", at=NOW)
    assert await in_transaction(outbox.pool, partial(record_delivery, record=done))
    await in_transaction(outbox.pool, partial(purge_sealed_messages, now=later))
    assert await outbox.pool.fetchval("SELECT count(*) FROM outbox WHERE channel = 'email'") == 1
    assert await outbox.pool.fetchval("SELECT count(*) FROM message_receipts WHERE channel = 'email'") == 1


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
