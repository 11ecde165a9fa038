"""Messages on their way: sent once where nothing breaks, tried again where it does, and gone from the table then."""

import asyncio
import stat
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from channels.channel import PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError
from channels.deliveries_repository import queue_message, record_delivery
from channels.delivery_worker import deliver_once, pause_s, run_deliveries
from channels.messages import EmailMessage
from channels.sink import SinkChannel
from ids import MemberId, ProgramId
from kit.clock import utc_now
from kit.database import Pool
from kit.ids import new_id
from kit.sealing import Keyring
from outbox.delivery import DeliveryRecord
from outbox.sealed_messages_repository import lease_sealed_messages, purge_sealed_messages, settle_unknown
from tests.support.inbox import Inbox, an_envelope
from tests.support.waiting import until

KEYRING = Keyring(bytes(range(32)))
NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
MESSAGE = EmailMessage("hana@example.com", "Your code", "It is 012345.")


@pytest_asyncio.fixture
async def member(pool: Pool) -> tuple[MemberId, ProgramId]:
    """A member's id and their program's."""
    member_id, program_id = MemberId(new_id()), ProgramId(new_id())
    await pool.execute(
        "INSERT INTO programs (id, code, name, created_at) VALUES ($1, 'kissa', 'Kissa', $2)", program_id, NOW
    )
    await pool.execute(
        "INSERT INTO members (member_id, program_id, state, locale, location_consent, push_consent, created_at)"
        " VALUES ($1, $2, 'active', 'ja', false, false, $3)",
        *(member_id, program_id, NOW),
    )
    return member_id, program_id


async def queue(pool: Pool, member: tuple[MemberId, ProgramId], now: datetime = NOW) -> None:
    async with pool.acquire() as conn:
        await queue_message(conn, KEYRING, *member, MESSAGE, now, now + timedelta(minutes=10))


def _same(moment: datetime) -> datetime:
    return moment


async def row(pool: Pool) -> asyncpg.Record:
    found = await pool.fetchrow("SELECT * FROM outbox")
    assert found is not None
    return found


async def test_a_message_is_sent_once_and_leaves_nothing_of_it_behind(
    pool: Pool, member: tuple[MemberId, ProgramId]
) -> None:
    await queue(pool, member)
    assert b"hana" not in (await row(pool))["sealed_message"]
    inbox = Inbox()
    counts = [await deliver_once(pool, KEYRING, inbox.channels, clock=lambda: NOW) for _ in range(2)]
    assert counts == [{"sent": 1}, {}]
    assert inbox.messages == [MESSAGE]
    sent = await row(pool)
    assert (sent["state"], sent["attempts"], sent["sent_at"], sent["sealed_message"]) == ("sent", 1, NOW, None)


async def test_what_was_unreachable_is_tried_again_until_the_code_is_over(
    pool: Pool, member: tuple[MemberId, ProgramId]
) -> None:
    await queue(pool, member)
    now, tries = NOW, 0
    inbox = Inbox(*[TransientDeliveryError("smtp_451")] * 100)
    while (await row(pool))["state"] in {"pending", "retryable"}:
        tries += 1
        await deliver_once(pool, KEYRING, inbox.channels, clock=partial(_same, now))
        now = (await row(pool))["next_attempt_at"]
    over = await row(pool)
    assert (over["state"], over["failure"], over["sealed_message"]) == ("expired", "smtp_451", None)
    assert 8 <= tries <= 20
    assert inbox.messages == []


@pytest.mark.parametrize("fault", [PermanentDeliveryError("smtp_550")])
async def test_what_can_never_arrive_is_given_up(
    pool: Pool, member: tuple[MemberId, ProgramId], fault: Exception
) -> None:
    await queue(pool, member)
    assert await deliver_once(pool, KEYRING, Inbox(fault).channels, clock=lambda: NOW) == {"failed": 1}
    over = await row(pool)
    assert (over["state"], over["failure"], over["sealed_message"]) == ("failed", "smtp_550", None)


async def test_what_may_have_arrived_is_never_sent_again(pool: Pool, member: tuple[MemberId, ProgramId]) -> None:
    await queue(pool, member)
    inbox = Inbox(UnknownDeliveryError("no_answer"))
    counts = [await deliver_once(pool, KEYRING, inbox.channels, clock=lambda: NOW) for _ in range(2)]
    assert counts == [{"unknown": 1}, {}]
    over = await row(pool)
    assert (over["state"], over["failure"], over["sealed_message"]) == ("unknown", "no_answer", None)
    assert inbox.messages == []
    # Its receipt: of the other channel, of nobody's message, its own by our id, and the same again.
    async with pool.acquire() as conn:
        settled = [
            await settle_unknown(conn, "sms", "m-1", "sent", message_id=over["id"], at=NOW),
            await settle_unknown(conn, "email", "m-1", "sent", at=NOW),
            await settle_unknown(conn, "email", "m-1", "sent", message_id=over["id"], at=NOW),
            await settle_unknown(conn, "email", "m-1", "failed", at=NOW),
        ]
    assert settled == [False, False, True, False]
    known = await row(pool)
    assert (known["state"], known["sent_at"], known["provider_message_id"]) == ("sent", NOW, "m-1")


async def test_a_provider_that_asks_for_time_gets_it(pool: Pool, member: tuple[MemberId, ProgramId]) -> None:
    await queue(pool, member)
    inbox = Inbox(TransientDeliveryError("http_429", retry_after_s=120))
    assert await deliver_once(pool, KEYRING, inbox.channels, clock=lambda: NOW) == {"retryable": 1}
    later = (await row(pool))["next_attempt_at"]
    assert later >= NOW + timedelta(seconds=120)
    assert await deliver_once(pool, KEYRING, inbox.channels, clock=lambda: later) == {"sent": 1}
    (envelope,) = inbox.envelopes
    sent = await row(pool)
    assert (envelope.message_id, envelope.attempts) == (sent["id"], 2)
    assert (envelope.program_id, envelope.expires_at) == (sent["program_id"], sent["expires_at"])
    assert sent["provider_message_id"] == f"inbox/{sent['id']}"


async def test_a_fault_of_ours_is_told_by_its_kind_only(pool: Pool, member: tuple[MemberId, ProgramId]) -> None:
    await queue(pool, member)
    inbox = Inbox(RuntimeError("hana@example.com 012345"))
    assert await deliver_once(pool, KEYRING, inbox.channels, clock=lambda: NOW) == {"retryable": 1}
    assert (await row(pool))["failure"] == "RuntimeError"
    later = NOW + timedelta(seconds=10)
    assert await deliver_once(pool, KEYRING, inbox.channels, clock=lambda: later) == {"sent": 1}
    assert (await row(pool))["attempts"] == 2


async def test_under_another_secret_it_is_given_up(pool: Pool, member: tuple[MemberId, ProgramId]) -> None:
    await queue(pool, member)
    inbox = Inbox()
    assert await deliver_once(pool, Keyring(bytes(32)), inbox.channels, clock=lambda: NOW) == {"failed": 1}
    assert inbox.messages == []


async def test_a_channel_that_this_process_lacks_may_be_anothers(
    pool: Pool, member: tuple[MemberId, ProgramId]
) -> None:
    await queue(pool, member)
    assert await deliver_once(pool, KEYRING, {}, clock=lambda: NOW) == {"retryable": 1}


async def test_many_workers_send_a_message_once(pool: Pool, member: tuple[MemberId, ProgramId]) -> None:
    for _ in range(20):
        await queue(pool, member)
    inbox = Inbox()
    runs = (deliver_once(pool, KEYRING, inbox.channels, clock=lambda: NOW) for _ in range(6))
    counts = await asyncio.gather(*runs)
    assert sum(count.total() for count in counts) == len(inbox.messages) == 20


async def test_a_worker_whose_lease_ran_out_changes_nothing(pool: Pool, member: tuple[MemberId, ProgramId]) -> None:
    await queue(pool, member)
    (slow,) = await lease_sealed_messages(pool, "email", NOW, limit=1, lease_s=60)
    assert await lease_sealed_messages(pool, "email", NOW, limit=1, lease_s=60) == []
    await pool.execute("UPDATE outbox SET lease_until = current_timestamp")
    (quick,) = await lease_sealed_messages(pool, "email", NOW, limit=1, lease_s=60)
    await record_delivery(pool, DeliveryRecord(delivery=slow, outcome="failed", at=NOW))
    assert (await row(pool))["state"] == "sending"
    await record_delivery(pool, DeliveryRecord(delivery=quick, outcome="sent", at=NOW))
    assert (await row(pool))["state"] == "sent"


async def test_old_ones_are_forgotten(pool: Pool, member: tuple[MemberId, ProgramId]) -> None:
    await queue(pool, member, NOW - timedelta(days=8))
    await deliver_once(pool, KEYRING, Inbox().channels, clock=lambda: NOW)
    await queue(pool, member, NOW)
    async with pool.acquire() as conn:
        await purge_sealed_messages(conn, NOW)
    assert (await row(pool))["created_at"] == NOW
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 1


def test_pauses_grow_to_a_minute() -> None:
    assert [pause_s(attempts, 0) for attempts in (1, 2, 3, 6, 60)] == [2, 4, 8, 60, 60]
    assert pause_s(1, 1) == 3


async def test_the_worker_goes_on_until_it_is_told_to_stop(
    pool: Pool, member: tuple[MemberId, ProgramId], tmp_path: Path
) -> None:
    sink, stop = tmp_path / "sink", asyncio.Event()
    running = asyncio.create_task(run_deliveries(pool, KEYRING, {"email": SinkChannel(sink)}, stop=stop, clock=utc_now))
    for _ in range(2):
        await queue(pool, member, utc_now())
    await until(lambda: pool.fetchval("SELECT count(*) = 2 FROM outbox WHERE state = 'sent'"))
    stop.set()
    await running
    lines = sink.read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=EmailMessage) for line in lines] == [MESSAGE, MESSAGE]
    assert stat.S_IMODE(sink.stat().st_mode) == 0o600


async def test_a_sink_that_cannot_be_written_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(TransientDeliveryError, match="sink"):
        await SinkChannel(tmp_path).send(an_envelope(), MESSAGE)
