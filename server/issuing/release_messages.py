"""Messages that quiet hours have held back are decided on again when these are over, and what a channel has refused for
good is decided on by the next one: a round of the worker.

All that is due of a member is decided together, behind the lock of their counts, so that the higher priority comes
first whichever worker does it; of a member who has no counts yet, the second to write them begins again. A worker that
dies rolls back; another one finds the same.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from ids import MemberId
from kit.database import Connection, Pool, in_transaction
from outbox.kinds import ChannelKind
from push.caps import allot
from push.counts_repository import Days, lock_counts, write_counts
from push.deferred_repository import DeferredMessage, Settled, list_due, list_due_members, settle
from push.governor import Drop, Recipient, SendNow, Verdict, choose_channel, judge
from server.issuing.rewrite_messages import Rewriting, channels_for, write_anew
from server.messages.recipients import read_recipients

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
    rewritten: list[Rewriting] = []
    for member_id, messages in due.items():
        whom = [recipients[member_id, each.device_id] for each in messages]
        decided, counts[member_id] = _decide(messages, whom, held.get(member_id, ()), now)
        settled += decided
        rewritten += [
            Rewriting(message=each.message, channel=each.channel, recipient=recipient)
            for each, recipient in zip(decided, whom, strict=True)
            if each.channel != each.message.channel
        ]
    words = await write_anew(conn, rewritten, now)
    settled = [msgspec.structs.replace(each, payload=words.get(each.message.id)) for each in settled]
    await settle(conn, settled, now)
    await write_counts(conn, held, counts)
    return len(settled)


def _channels(due: Mapping[MemberId, Sequence[DeferredMessage]]) -> set[ChannelKind]:
    """By which any of them may go."""
    return {channel for messages in due.values() for each in messages for channel in (each.channel, *each.channels)}


def _decide(
    messages: Sequence[DeferredMessage], recipients: Sequence[Recipient], days: Days, now: datetime
) -> tuple[list[Settled], Days]:
    """Of one member: every step anew, and then the caps. Each goes by the channel that is the right one now."""
    open_to = [channels_for(each, recipient) for each, recipient in zip(messages, recipients, strict=True)]
    verdicts: list[Verdict] = [
        judge(each.matter, recipient, now, channels) if channels else Drop("unreachable")
        for each, recipient, channels in zip(messages, recipients, open_to, strict=True)
    ]
    today = now.astimezone(recipients[0].zone).date()
    wanting, days = _find_wanting(messages, verdicts, today, days)
    allotment = allot(days, today, recipients[0].rules, [messages[place].priority for place in wanting])
    for place, reason in zip(wanting, allotment.refused, strict=True):
        if reason is not None:
            verdicts[place] = Drop(reason)
    settled = [
        Settled(
            message=message,
            verdict=verdict,
            device_id=recipient.device_id,
            counted_on=today if isinstance(verdict, SendNow) else None,
            channel=message.channel if isinstance(verdict, Drop) else choose_channel(recipient, channels)[0],
        )
        for message, recipient, verdict, channels in zip(messages, recipients, verdicts, open_to, strict=True)
    ]
    return settled, allotment.days


def _find_wanting(
    messages: Sequence[DeferredMessage], verdicts: Sequence[Verdict], today: date, days: Days
) -> tuple[list[int], Days]:
    """The places (in `messages`) of those that need one in the caps, and the days without what is given back. What was
    refused by another channel today goes by the place that it has.
    """
    wanting, left = [], list(days)
    for place, (message, verdict) in enumerate(zip(messages, verdicts, strict=True)):
        is_sent = isinstance(verdict, SendNow)
        keeps_place = is_sent and message.counted_on == today
        if message.counted_on in left and not keeps_place:
            left.remove(message.counted_on)
        if is_sent and not keeps_place:
            wanting.append(place)
    return wanting, left
