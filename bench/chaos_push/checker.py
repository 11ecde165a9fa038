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


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`lost` never arrived. `duplicates` are copies beyond the first; `renamed`: say another id than the message.

    `stale`: rows that say something else than what happened: arrived and not sent, or on their way for ever.
    `beyond`: duplicates of a channel beyond what its workers that were killed can have had in flight.
    """

    messages: int
    lost: int
    duplicates: int
    renamed: int
    stale: int
    beyond: int
    duplicates_by_channel: Mapping[str, int]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.renamed or self.stale or self.beyond)


def judge(
    held: Sequence[Held], arrivals: Sequence[Arrival], *, kills: int, windows: Mapping[ChannelKind, int]
) -> Verdict:
    """`windows`: how many messages of a channel a worker has in flight at most."""
    copies: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in arrivals:
        copies[each.channel, each.recipient].append(each.message_id)
    duplicates: Counter[ChannelKind] = Counter()
    lost = renamed = stale = 0
    for message in held:
        came = copies.get((message.channel, message.recipient), [])
        lost += not came
        duplicates[message.channel] += max(0, len(came) - 1)
        renamed += len([each for each in came if each != message.message_id])
        stale += message.state != "sent"
    beyond = sum(max(0, count - kills * windows[channel]) for channel, count in duplicates.items())
    return Verdict(
        messages=len(held),
        lost=lost,
        duplicates=duplicates.total(),
        renamed=renamed,
        stale=stale,
        beyond=beyond,
        duplicates_by_channel={channel: duplicates[channel] for channel in sorted(duplicates)},
    )
