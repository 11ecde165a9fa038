"""The worker against a real PostGIS and, through firebase-admin, against the FCM double."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from devtools.fcm_double import FcmDouble
from devtools.fcm_phones import Phone
from devtools.fcm_rules import UNAVAILABLE
from kit.database import DatabaseUnavailable, Pool, open_pool
from push import dispatch
from push.dispatch import DispatchCount, run_dispatcher
from push.fcm import FcmSender
from push.outbox_repository import record_outcomes
from push.recheck import AttemptRecord
from push.sender import Sender
from push.sink import SinkSender
from tests.push.conftest import NOW, Late, Outbox, impatient
from tests.support.dispatching import Crashing, Halting, Killed, at, code_of, once, payload_of, until_sent
from tests.support.waiting import until


async def test_a_due_message_is_sent_and_recorded(outbox: Outbox, double: FcmDouble, sender: Sender) -> None:
    member_id, message_id = await outbox.add("phone-1")
    assert await once(outbox.pool, sender, seconds=1) == DispatchCount(leased=1, sent=1)
    row = await outbox.message(member_id, message_id)
    assert (row["state"], row["attempts"], row["sent_at"]) == ("sent", 1, NOW + timedelta(seconds=1))
    assert row["provider_message_id"].startswith("projects/")
    assert double.received[0].message.data == {
        "kind": "coupon",
        "push_id": str(message_id),
        "coupon_id": str(row["coupon_id"]),
        "coupon_code": code_of(member_id, row["coupon_id"]),
    }
    assert await once(outbox.pool, sender, seconds=2) == DispatchCount()


async def test_a_message_that_is_not_due_waits(outbox: Outbox, sender: Sender) -> None:
    await outbox.add("phone-1")
    assert await once(outbox.pool, sender, seconds=-1) == DispatchCount()


async def test_two_workers_send_each_of_500_messages_once(
    outbox: Outbox, database: str, double: FcmDouble, sender: Sender
) -> None:
    tokens = [f"phone-{number}" for number in range(500)]
    for token in tokens:
        await outbox.add(token)
    other_pool = await open_pool(database)

    async def work(pool: Pool) -> int:
        sent, idle = 0, 0
        while idle < 3:
            count = await once(pool, sender, limit=20)
            sent, idle = sent + count.sent, 0 if count.leased else idle + 1
        return sent

    shares = await asyncio.gather(work(outbox.pool), work(outbox.pool), work(other_pool), work(other_pool))
    await other_pool.close()
    assert sum(shares) == 500
    assert sum(share > 0 for share in shares) > 1  # a race with one runner is none
    assert Counter(received.token for received in double.received) == Counter(tokens)


@pytest.mark.parametrize("platform", ["android", "ios", "web"])
async def test_a_worker_killed_before_it_records_leaves_the_message_to_be_sent_again(
    outbox: Outbox, double: FcmDouble, sender: Sender, platform: str
) -> None:
    member_id, message_id = await outbox.add("phone-1", platform=platform)
    phone = double.phones["phone-1"] = Phone(platform)
    with pytest.raises(Killed):
        await once(outbox.pool, Crashing(sender))
    assert await once(outbox.pool, sender) == DispatchCount()  # the lease still runs
    await outbox.let_leases_run_out()
    assert await once(outbox.pool, sender) == DispatchCount(leased=1, sent=1)
    first, second = (received.message for received in double.received)
    assert first.data == second.data
    assert (phone.alerts, len(phone.shown)) == (2, 1)
    assert (await outbox.message(member_id, message_id))["attempts"] == 2


async def test_a_push_that_got_no_answer_is_not_sent_again_at_once(
    outbox: Outbox, double: FcmDouble, late: Late
) -> None:
    """FCM takes it later than we wait."""
    await outbox.add("phone-1")
    phone = double.phones["phone-1"] = Phone("android")
    sender = impatient(double)
    late.held = b'"phone-1"'
    assert await once(outbox.pool, sender) == DispatchCount(leased=1, retryable=1)
    assert await once(outbox.pool, sender, seconds=119) == DispatchCount()
    late.let_go.set()
    await until(lambda: phone.alerts == 1)
    late.held = b""
    patient = FcmSender(double.service_account, endpoint=double.endpoint)
    assert await once(outbox.pool, patient, seconds=200) == DispatchCount(leased=1, sent=1)
    assert (phone.alerts, len(phone.shown)) == (2, 1)
    for each in (sender, patient):
        await each.close()


async def test_a_phone_that_was_away_finds_all_its_coupons(outbox: Outbox, double: FcmDouble, sender: Sender) -> None:
    member_id, _ = await outbox.add("phone-1", payload=payload_of("coupon-0"))
    device = await outbox.device_of(member_id)
    for number in range(1, 7):
        tag = payload_of(f"coupon-{number}")
        await outbox.add_message(member_id, device["id"], payload=tag, period_key=f"day-{number}")
    phone = double.phones["phone-1"] = Phone("android")
    phone.is_online = False
    assert (await once(outbox.pool, sender)).sent == 7
    phone.go_online()
    assert sorted(phone.shown) == [f"coupon-{number}" for number in range(7)]


async def test_a_worker_that_lost_its_lease_overwrites_nothing(
    outbox: Outbox, double: FcmDouble, sender: Sender
) -> None:
    member_id, message_id = await outbox.add("phone-1")
    double.script("phone-1", [None, UNAVAILABLE])  # the second worker succeeds, then the late one fails
    halting = Halting(sender)
    late = asyncio.create_task(once(outbox.pool, halting))
    await halting.reached.wait()
    await outbox.let_leases_run_out()
    assert await once(outbox.pool, sender) == DispatchCount(leased=1, sent=1)
    halting.released.set()
    assert await late == DispatchCount(leased=1, lost=1)
    row = await outbox.message(member_id, message_id)
    assert (row["state"], row["attempts"], row["failure"]) == ("sent", 2, None)


async def test_a_message_leased_anew_while_still_unsent_is_fenced_too(outbox: Outbox, sender: Sender) -> None:
    member_id, message_id = await outbox.add("phone-1")
    first, second = Halting(sender), Halting(sender)
    late = asyncio.create_task(once(outbox.pool, first))
    await first.reached.wait()
    await outbox.let_leases_run_out()
    holder = asyncio.create_task(once(outbox.pool, second))
    await second.reached.wait()
    first.released.set()
    assert await late == DispatchCount(leased=1, lost=1)
    assert (await outbox.message(member_id, message_id))["state"] == "sending"  # still the second worker's
    second.released.set()
    assert (await holder).sent == 1


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ("UPDATE members SET push_consent = false", "no_consent"),
        ("UPDATE members SET state = 'closed'", "member_closed"),
        ("UPDATE devices SET revoked_at = current_timestamp", "unreachable"),
        ("UPDATE devices SET push_token_state = 'dropped'", "unreachable"),
        ("UPDATE devices SET push_token = NULL, push_token_kind = NULL, push_token_state = NULL", "unreachable"),
    ],
)
async def test_what_was_taken_back_since_is_not_sent(
    outbox: Outbox, double: FcmDouble, sender: Sender, change: str, failure: str
) -> None:
    member_id, message_id = await outbox.add("phone-1")
    await outbox.pool.execute(change)
    assert await once(outbox.pool, sender) == DispatchCount(leased=1, dropped=1)
    assert (await outbox.message(member_id, message_id))["failure"] == failure
    assert double.received == []


async def test_an_expired_message_is_not_sent(outbox: Outbox, double: FcmDouble, sender: Sender) -> None:
    await outbox.add("phone-1", lives_s=10)
    assert await once(outbox.pool, sender, seconds=10) == DispatchCount(leased=1, dropped=1)
    assert double.received == []


async def test_an_outage_while_recording_sends_nothing_twice(
    outbox: Outbox, double: FcmDouble, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    member_id, message_id = await outbox.add("phone-1")
    tries = 0

    async def fails_twice(pool: Pool, records: Sequence[AttemptRecord], now: datetime) -> Counter[str]:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise DatabaseUnavailable("away")
        return await record_outcomes(pool, records, now)

    monkeypatch.setattr(dispatch, "record_outcomes", fails_twice)
    assert await once(outbox.pool, sender) == DispatchCount(leased=1, sent=1)
    assert (len(double.received), tries) == (1, 3)
    assert (await outbox.message(member_id, message_id))["state"] == "sent"


async def test_the_dispatcher_outlives_an_outage_and_says_so_once(outbox: Outbox, database: str) -> None:
    name = await outbox.pool.fetchval("SELECT current_database()")
    # Nobody may shut the database that they are in.
    admin = await asyncpg.connect(database, database="postgres")
    stop = asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(
            run_dispatcher(outbox.pool, SinkSender(), code_of=code_of, stop=stop, clock=at(), idle_s=0.01)
        )
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await until(lambda: any(entry["event"] == "push.dispatch_failing" for entry in logs))
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await until(lambda: any(entry["event"] == "push.dispatch_recovered" for entry in logs))
        member_id, message_id = await outbox.add("phone-1")
        await until_sent(outbox, member_id, message_id)
    stop.set()
    await running
    await admin.close()
    events = [entry["event"] for entry in logs]
    assert 1 <= events.count("push.dispatch_failing") <= 2  # the broken connection, then the refused ones
    assert events.count("push.dispatch_recovered") == 1
