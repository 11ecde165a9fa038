"""A worker that is killed with an answer in its hands: it may be out, and is not sent twice."""

import pytest

from channels.channel import Envelope
from channels.delivery_worker import deliver_once
from channels.messages import Message
from channels.messenger.api import MessengerApi
from channels.messenger.channel import MessengerChannel
from devtools.messenger_double import Fault, MessengerDouble, Page
from tests.server.messenger.conftest import HANA, HELLO, KEYRING, link, opened
from tests.support.dispatching import Killed
from tests.support.world import Chain, Member


class Dying(MessengerChannel):
    """Posts, and its process dies before anybody learns of it."""

    async def send(self, envelope: Envelope, message: Message) -> str | None:
        await super().send(envelope, message)
        raise Killed


async def test_a_worker_killed_after_the_post_leaves_an_unknown_answer_and_no_second_one(
    chain: Chain, page: Page, meta: MessengerDouble
) -> None:
    member, pool = await chain.enrol(), chain.world.pool
    await link(chain, page, member)
    path = f"/v1/members/{member.id}/messenger-replies"
    assert (await chain.owner.post(path, {"text": HELLO.body})).status_code == 202
    meta.faults.append(Fault(429, 613))  # surely not taken: it is tried again
    async with opened(chain, meta) as channel:
        await deliver_once(pool, KEYRING, {"messenger": channel})
    assert meta.received == []
    await let_it_be_due(chain, member)
    dying = Dying(pool, KEYRING, MessengerApi(meta.endpoint))
    with pytest.raises(Killed):
        await deliver_once(pool, KEYRING, {"messenger": dying})
    await dying.close()
    assert meta.received == [(page.page_id, HANA, HELLO.body)]
    await let_it_be_due(chain, member)
    async with opened(chain, meta) as channel:
        await deliver_once(pool, KEYRING, {"messenger": channel})
    assert len(meta.received) == 1
    row = await pool.fetchrow("SELECT state, failure, attempts FROM outbox WHERE member_id = $1", member.id)
    assert row is not None
    assert tuple(row) == ("unknown", "interrupted", 3)


async def let_it_be_due(chain: Chain, member: Member) -> None:
    """Pause and lease are over."""
    await chain.world.pool.execute(
        "UPDATE outbox SET next_attempt_at = now() - interval '1 second',"
        " lease_until = CASE WHEN state = 'sending' THEN now() END WHERE member_id = $1",
        member.id,
    )
