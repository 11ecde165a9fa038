"""What reached the doubles against what the outbox held: lost, twice, and in disagreement. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from outbox.kinds import ChannelKind


class Arrival(NamedTuple):
    """One copy of a message, as a double took it. `message_id`: as the copy tells it."""

    channel: ChannelKind
    recipient: str
    message_id: str


class Held(NamedTuple):
    """A message as the outbox has it in the end. Each has a recipient of its own."""

    channel: ChannelKind
    recipient: str
    message_id: str
    state: str


# Whose providers know no idempotency key: what was begun is not posted again, and where nobody knows what came of it,
# the row says so until a report settles it.
POSTED_ONCE: frozenset[ChannelKind] = frozenset({"sms", "voice"})


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`lost` never arrived. `duplicates` are copies beyond the first; `renamed`: say another id than the message.

    `unknown`: texts and calls that were under way when a worker or the database died; that is an outcome of theirs,
    whether or not they arrived. `stale`: rows that say something else than what happened: arrived and not sent, or on
    their way for ever. `beyond`: duplicates of a channel, and unknown ones, beyond what was in flight when something
    was killed.
    """

    messages: int
    lost: int
    duplicates: int
    renamed: int
    unknown: int
    stale: int
    beyond: int
    duplicates_by_channel: Mapping[str, int]
    unknown_by_channel: Mapping[str, int]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.renamed or self.stale or self.beyond)


def judge(
    held: Sequence[Held],
    arrivals: Sequence[Arrival],
    *,
    kills: int,
    windows: Mapping[ChannelKind, int],
    most_unknown: int = 0,
) -> Verdict:
    """`windows`: how many messages of a channel one kill may bring twice at most; one that is not named, none.
    `most_unknown`: of each channel that posts once.
    """
    copies: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in arrivals:
        copies[each.channel, each.recipient].append(each.message_id)
    duplicates: Counter[ChannelKind] = Counter()
    unknown: Counter[ChannelKind] = Counter()
    lost = renamed = stale = 0
    for message in held:
        came = copies.get((message.channel, message.recipient), [])
        is_unknown = message.state == "unknown" and message.channel in POSTED_ONCE
        unknown[message.channel] += is_unknown
        lost += not came and not is_unknown
        duplicates[message.channel] += max(0, len(came) - 1)
        renamed += len([each for each in came if each != message.message_id])
        stale += message.state != "sent" and not is_unknown
    beyond = sum(max(0, count - kills * windows.get(channel, 0)) for channel, count in duplicates.items())
    beyond += sum(max(0, count - most_unknown) for count in unknown.values())
    return Verdict(
        messages=len(held),
        lost=lost,
        duplicates=duplicates.total(),
        renamed=renamed,
        unknown=unknown.total(),
        stale=stale,
        beyond=beyond,
        duplicates_by_channel={channel: duplicates[channel] for channel in sorted(duplicates)},
        unknown_by_channel={channel: unknown[channel] for channel in sorted(POSTED_ONCE)},
    )
