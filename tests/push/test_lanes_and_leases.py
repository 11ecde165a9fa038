"""Which messages go first, what a worker that stops hands back, and what a lease costs."""

import asyncio
import re
from collections.abc import Sequence

import pytest

from devtools.fcm_double import FcmDouble
from push.dispatch import DispatchCount, dispatch_once, run_dispatcher
from push.fcm import FcmSender
from push.fcm_sdk import SdkSender
from push.messages import Push
from push.sender import Sender, SendResult
from tests.push.conftest import NOW, Late, Outbox
from tests.support.dispatching import Halting, at, code_of, once, until_sent
from tests.support.waiting import until


async def test_a_long_broadcast_is_behind_whoever_stands_at_a_door(outbox: Outbox, sender: Sender) -> None:
    """By the order of claims: however many wait, and since when."""
    broadcast = [await outbox.add(f"phone-{number}", lane="bulk") for number in range(30)]
    at_the_door = await outbox.add("phone-door")
    await outbox.pool.execute(
        "UPDATE outbox SET next_attempt_at = next_attempt_at - interval '1 hour' WHERE lane = 'bulk'"
    )
    assert await once(outbox.pool, sender, limit=1) == DispatchCount(leased=1, sent=1)
    assert (await outbox.message(*at_the_door))["state"] == "sent"
    assert (await once(outbox.pool, sender, limit=20)).sent == 20
    later = await outbox.add("phone-later")
    assert (await once(outbox.pool, sender, limit=5)).sent == 5
    assert (await outbox.message(*later))["state"] == "sent"
    assert sorted([(await outbox.message(*each))["state"] for each in broadcast]).count("pending") == 6


async def test_what_is_urgent_goes_out_while_a_broadcast_waits_for_its_answers(outbox: Outbox, sender: Sender) -> None:
    """A round of a broadcast may take as long as the push service likes."""

    class HaltsBroadcasts(Halting):
        async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
            if any(push.token == "phone-bulk" for push in pushes):
                return await super().send(pushes, stop=stop)
            return await self.inner.send(pushes, stop=stop)

    halting, stop = HaltsBroadcasts(sender), asyncio.Event()
    broadcast = await outbox.add("phone-bulk", lane="bulk")
    running = asyncio.create_task(
        run_dispatcher(outbox.pool, halting, code_of=code_of, stop=stop, clock=at(), idle_s=0.01)
    )
    await halting.reached.wait()
    at_the_door = await outbox.add("phone-door")
    await until_sent(outbox, *at_the_door)
    assert (await outbox.message(*broadcast))["state"] == "sending"
    halting.released.set()
    await until_sent(outbox, *broadcast)
    stop.set()
    await running


@pytest.mark.parametrize("kind", [FcmSender, SdkSender])
async def test_a_clean_stop_records_what_is_on_its_way_and_hands_the_rest_back(
    outbox: Outbox, double: FcmDouble, late: Late, kind: type[FcmSender | SdkSender]
) -> None:
    for number in range(12):
        await outbox.add(f"phone-{number}")
    sender, stop = kind(double.service_account, endpoint=double.endpoint, concurrency=4), asyncio.Event()
    late.held = b"phone-"
    running = asyncio.create_task(
        dispatch_once(outbox.pool, sender, code_of=code_of, circuits={}, clock=at(), stop=stop)
    )
    await until(lambda: late.asked == 4)
    stop.set()
    late.let_go.set()
    assert await running == DispatchCount(leased=12, sent=4, retryable=8)
    await sender.close()
    handed_back = await outbox.pool.fetch("SELECT * FROM outbox WHERE state <> 'sent'")
    assert {(row["attempts"], row["lease_until"], row["next_attempt_at"]) for row in handed_back} == {(0, None, NOW)}
    other = FcmSender(double.service_account, endpoint=double.endpoint)
    assert await once(outbox.pool, other) == DispatchCount(leased=8, sent=8)  # another worker need not wait
    await other.close()
    assert len(double.accepted()) == 12


async def test_a_lease_touches_no_index(outbox: Outbox) -> None:
    """What a lease changes stands in no index, nor in the condition of one: it is to be a heap-only update."""
    indexed: str = await outbox.pool.fetchval(
        "SELECT string_agg(pg_get_indexdef(indexrelid), E'\\n') FROM pg_index WHERE indrelid = 'outbox'::regclass"
    )
    assert not {"state", "attempts", "lease_until"} & set(re.findall(r"\w+", indexed))
