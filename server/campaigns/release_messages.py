"""Messages that quiet hours have held back are decided on again when these are over: a round of the worker.

All that is due of a member is decided together, behind the lock of their counts, so that the higher priority comes
first whichever worker does it; of a member who has no counts yet, the second to write them begins again. A worker that
dies rolls back; another one finds the same.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from ids import MemberId
from kit.database import Connection, Pool, in_transaction
from outbox.kinds import ChannelKind
from push.caps import allot
from push.counts_repository import Days, lock_counts, write_counts
from push.deferred_repository import DeferredMessage, Settled, list_due, list_due_members, settle
from push.governor import Drop, Recipient, SendNow, Verdict, judge
from server.campaigns.recipients import read_recipients

BATCH = 500


async def release_messages(pool: Pool, now: datetime) -> int:
    """Decide on all that is due by `now`; how many messages it was. Raises DatabaseUnavailable."""
    total = 0
    while True:
        count = await in_transaction(pool, lambda conn: release_some(conn, now))
        total += count
        if not count:
            return total


async def release_some(conn: Connection, now: datetime, limit: int = BATCH) -> int:
    """Of the members whose messages are due longest. How many messages."""
    member_ids = await list_due_members(conn, now, limit)
    if not member_ids:
        return 0
    held = await lock_counts(conn, member_ids)
    due: dict[MemberId, list[DeferredMessage]] = defaultdict(list)
    for message in await list_due(conn, member_ids, now):
        due[message.member_id].append(message)
    if not due:  # another worker was faster
        return 0
    addresses = [(each.member_id, each.device_id) for messages in due.values() for each in messages]
    recipients = await read_recipients(conn, addresses, now, _channels(due))
    settled: list[Settled] = []
    counts: dict[MemberId, Days] = {}
    for member_id, messages in due.items():
        whom = [recipients[member_id, each.device_id] for each in messages]
        decided, counts[member_id] = _decide(messages, whom, held.get(member_id, ()), now)
        settled += decided
    await settle(conn, settled, now)
    await write_counts(conn, held, counts)
    return len(settled)


def _channels(due: Mapping[MemberId, Sequence[DeferredMessage]]) -> set[ChannelKind]:
    """A message keeps the channel that it was written for: its words are that channel's."""
    return {message.channel for messages in due.values() for message in messages}


def _decide(
    messages: Sequence[DeferredMessage], recipients: Sequence[Recipient], days: Days, now: datetime
) -> tuple[list[Settled], Days]:
    """Of one member: every step anew, and then the caps."""
    verdicts: list[Verdict] = [
        judge(each.matter, recipient, now, [each.channel]) for each, recipient in zip(messages, recipients, strict=True)
    ]
    sending = [place for place, verdict in enumerate(verdicts) if isinstance(verdict, SendNow)]
    today = now.astimezone(recipients[0].zone).date()
    allotment = allot(days, today, recipients[0].rules, [messages[place].priority for place in sending])
    for place, reason in zip(sending, allotment.refused, strict=True):
        if reason is not None:
            verdicts[place] = Drop(reason)
    settled = [
        Settled(
            message=message,
            verdict=verdict,
            device_id=recipient.device_id,
            counted_on=today if isinstance(verdict, SendNow) else None,
        )
        for message, recipient, verdict in zip(messages, recipients, verdicts, strict=True)
    ]
    return settled, allotment.days
