"""What a provider answers, and what becomes of the message and the token."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from devtools.fcm_double import FcmDouble
from devtools.fcm_rules import UNAVAILABLE
from push.dispatch import DispatchCount, dispatch_once
from push.sender import Sender
from tests.push.conftest import NOW, Outbox
from tests.support.dispatching import Halting, at, code_of, once


async def test_a_busy_provider_is_tried_again_later(outbox: Outbox, double: FcmDouble, sender: Sender) -> None:
    member_id, message_id = await outbox.add("phone-1")
    double.script("phone-1", [replace(UNAVAILABLE, retry_after_s=30)])
    assert await once(outbox.pool, sender) == DispatchCount(leased=1, retryable=1)
    row = await outbox.message(member_id, message_id)
    assert (row["state"], row["failure"], row["lease_until"]) == ("retryable", "unavailable", None)
    assert NOW + timedelta(seconds=30) <= row["next_attempt_at"] <= NOW + timedelta(seconds=45)
    assert await once(outbox.pool, sender, seconds=29) == DispatchCount()
    assert await once(outbox.pool, sender, seconds=46) == DispatchCount(leased=1, sent=1)
    assert (await outbox.message(member_id, message_id))["failure"] is None


async def test_a_dead_token_is_dropped_and_used_no_more(outbox: Outbox, double: FcmDouble, sender: Sender) -> None:
    member_id, message_id = await outbox.add("unregistered-1")
    assert (await once(outbox.pool, sender)).failed == 1
    assert (await outbox.message(member_id, message_id))["failure"] == "unregistered"
    device = await outbox.device_of(member_id)
    assert (device["push_token"], device["push_token_state"]) == (None, "dropped")
    await outbox.add_message(member_id, device["id"], period_key="again")
    assert (await once(outbox.pool, sender)).dropped == 1
    assert len(double.received) == 1


async def test_a_token_of_another_project_is_disabled_but_kept(outbox: Outbox, sender: Sender) -> None:
    member_id, _ = await outbox.add("mismatch-1")
    assert (await once(outbox.pool, sender)).failed == 1
    device = await outbox.device_of(member_id)
    assert (device["push_token"], device["push_token_state"]) == ("mismatch-1", "disabled")


async def test_a_token_registered_meanwhile_is_left_alone(outbox: Outbox, sender: Sender) -> None:
    member_id, _ = await outbox.add("unregistered-1")
    halting = Halting(sender)
    sending = asyncio.create_task(once(outbox.pool, halting))
    await halting.reached.wait()
    await outbox.pool.execute("UPDATE devices SET push_token = 'phone-2'")
    halting.released.set()
    assert (await sending).failed == 1
    device = await outbox.device_of(member_id)
    assert (device["push_token"], device["push_token_state"]) == ("phone-2", "active")


async def test_one_unreadable_payload_does_not_stop_the_others(outbox: Outbox, sender: Sender) -> None:
    await outbox.add("phone-1", payload='{"title": 1}')
    await outbox.add("phone-2")
    assert await once(outbox.pool, sender) == DispatchCount(leased=2, sent=1, failed=1)


async def test_a_bad_apns_key_rests_the_iphones_only(outbox: Outbox, double: FcmDouble, sender: Sender) -> None:
    circuits: dict[str, datetime] = {}
    await outbox.add("apns-auth-1", platform="ios")
    await dispatch_once(outbox.pool, sender, code_of=code_of, circuits=circuits, clock=at())
    iphone, android = await outbox.add("phone-1", platform="ios"), await outbox.add("phone-2")
    count = await dispatch_once(outbox.pool, sender, code_of=code_of, circuits=circuits, clock=at(1))
    assert count == DispatchCount(leased=2, sent=1, retryable=1)
    assert (await outbox.message(*android))["state"] == "sent"
    deferred = await outbox.message(*iphone)
    assert (deferred["attempts"], deferred["failure"]) == (0, "circuit_open")
    assert deferred["next_attempt_at"] == circuits["ios"] >= NOW + timedelta(seconds=300)
    count = await dispatch_once(outbox.pool, sender, code_of=code_of, circuits=circuits, clock=at(460))
    assert count.sent == 1
    assert double.accepted()[-1].token == "phone-1"
