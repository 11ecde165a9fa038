"""A message for all phones of its member stays one message, whatever becomes of it on each."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from devtools.fcm_double import FcmDouble
from devtools.fcm_rules import UNAVAILABLE
from ids import MemberId
from push.dispatch import DispatchCount
from push.outcomes import Outcome
from push.sender import Sender
from push.several_phones import sum_up
from tests.push.conftest import NOW, Outbox
from tests.support.dispatching import once

SOON, LATER = NOW + timedelta(seconds=1), NOW + timedelta(seconds=60)
SENT = Outcome("sent")
FAILED = Outcome("failed", failure="unregistered", retire="dropped")
EXPIRED = Outcome("expired", failure="circuit_open")
RETRY = Outcome("retryable", retry_at=SOON, failure="unavailable")
HELD = Outcome("retryable", retry_at=LATER, failure="circuit_open", held_back=True)
NIGHT = Outcome("deferred", retry_at=NOW, failure="quiet_hours", held_back=True)


@pytest.mark.parametrize(
    ("outcomes", "is_reached", "expected"),
    [
        ([FAILED], False, FAILED),
        ([NIGHT], False, NIGHT),
        # One phone is enough, whatever the others say, now or before.
        ([SENT, FAILED], False, SENT),
        ([FAILED], True, SENT),
        ([NIGHT], True, SENT),
        ([EXPIRED, SENT], False, SENT),
        # As long as one is to be tried again the message waits, and for as long as was asked for.
        ([SENT, RETRY], False, Outcome("retryable", retry_at=SOON, failure="unavailable")),
        ([RETRY, HELD], False, Outcome("retryable", retry_at=LATER, failure="unavailable")),
        ([HELD], True, Outcome("retryable", retry_at=LATER, failure="circuit_open", held_back=True)),
        # None has it and none will.
        ([EXPIRED, FAILED], False, FAILED),
    ],
)
def test_what_a_message_comes_to(outcomes: list[Outcome], is_reached: bool, expected: Outcome) -> None:
    assert sum_up(outcomes, is_reached=is_reached) == expected


@pytest_asyncio.fixture
async def to_all(outbox: Outbox) -> Outbox:
    await outbox.pool.execute("UPDATE programs SET message_phones = 'all'")
    return outbox


async def add(outbox: Outbox, *others: str) -> tuple[MemberId, UUID]:
    """One message, to a member with `phone-1` and these."""
    member_id, message_id = await outbox.add("phone-1")
    for token in others:
        await add_phone(outbox, member_id, token)
    return member_id, message_id


async def add_phone(outbox: Outbox, member_id: MemberId, token: str, changes: str = "platform = 'ios'") -> None:
    await outbox.pool.execute(
        "INSERT INTO devices (member_id, id, program_id, platform, locale, token_hash, push_token, push_token_kind,"
        " push_token_state, created_at, last_seen_at)"
        " SELECT member_id, gen_random_uuid(), program_id, platform, locale, token_hash, $2, push_token_kind,"
        " push_token_state, created_at, last_seen_at FROM devices WHERE member_id = $1 AND push_token = 'phone-1'",
        *(member_id, token),
    )
    await outbox.pool.execute(f"UPDATE devices SET {changes} WHERE push_token = $1", token)


def tokens(double: FcmDouble) -> list[str]:
    return sorted(each.token for each in double.accepted())


async def test_all_phones_that_can_be_told_are_told_of_one_message(
    to_all: Outbox, double: FcmDouble, sender: Sender
) -> None:
    await to_all.pool.execute("UPDATE programs SET message_quota = 1")
    member_id, message_id = await add(to_all, "phone-2", "phone-3")
    await add_phone(to_all, member_id, "idle", f"last_seen_at = '{NOW - timedelta(days=30)}'")
    await add_phone(to_all, member_id, "gone", "push_token_state = 'dropped'")
    assert await once(to_all.pool, sender) == DispatchCount(leased=1, sent=1)
    assert tokens(double) == ["phone-1", "phone-2", "phone-3"]
    assert {(each.message.data or {})["push_id"] for each in double.accepted()} == {str(message_id)}
    assert await to_all.pool.fetchval("SELECT sum(used)::int FROM message_quotas") == 1


@pytest.mark.parametrize(
    ("meanwhile", "told"),
    [
        ("UPDATE programs SET message_quota = 0", ["phone-1", "phone-2"]),  # it was in time
        ("UPDATE programs SET message_phones = 'latest'", ["phone-1"]),
        ("UPDATE members SET push_consent = false", ["phone-1"]),
    ],
)
async def test_only_the_phone_that_failed_is_tried_again(
    to_all: Outbox, double: FcmDouble, sender: Sender, meanwhile: str, told: list[str]
) -> None:
    double.script("phone-2", [UNAVAILABLE])
    member_id, message_id = await add(to_all, "phone-2", "unregistered-3")
    assert await once(to_all.pool, sender) == DispatchCount(leased=1, retryable=1)
    waiting = await to_all.message(member_id, message_id)
    assert (waiting["state"], len(waiting["reached_device_ids"])) == ("retryable", 1)
    with pytest.raises(asyncpg.CheckViolationError):  # a phone has it
        await to_all.pool.execute("UPDATE outbox SET state = 'dropped', failure = 'coupon_used'")
    await to_all.pool.execute(meanwhile)
    assert await once(to_all.pool, sender, seconds=600) == DispatchCount(leased=1, sent=1)
    assert tokens(double) == told
    states = await to_all.pool.fetch("SELECT push_token_state FROM devices WHERE member_id = $1", member_id)
    assert sorted(row["push_token_state"] for row in states) == ["active", "active", "dropped"]


async def test_a_round_has_no_more_pushes_than_its_lease_is_made_for(
    to_all: Outbox, double: FcmDouble, sender: Sender
) -> None:
    await add(to_all, "phone-2")
    await to_all.add("other-1")
    await to_all.add("other-2")
    first = await once(to_all.pool, sender, limit=3)
    assert (first.leased, first.sent, first.retryable) == (3, 2, 1)
    assert await once(to_all.pool, sender) == DispatchCount(leased=1, sent=1)
    assert len(tokens(double)) == 4
