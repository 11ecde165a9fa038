"""By what a message goes, and what goes first. Values only."""

from datetime import timedelta
from typing import Literal, get_args

# `push` goes to a phone of the member's, by the package `push`; all else by `channels`.
ChannelKind = Literal["push", "email", "sms", "line", "voice", "messenger"]
CHANNEL_KINDS: tuple[ChannelKind, ...] = get_args(ChannelKind)
# `urgent`: somebody stands at a door, or waits. `bulk`: what time or the staff began for many at once.
Lane = Literal["urgent", "bulk"]
LANES: tuple[Lane, ...] = get_args(Lane)  # in the order in which they are served

# FCM counts a registration as stale when its phone has not been there for so long: what is sent to it mostly reaches
# nobody, and a project that sends much of it is slowed down. Such a phone is pushed to again once it has been seen.
PHONE_IDLE_AFTER = timedelta(days=30)


def queue_of(channel: ChannelKind, lane: Lane) -> str:
    """As the column `outbox.queue` names it, of what is to be sent."""
    return f"{channel}_{lane}"


QUEUES: tuple[str, ...] = tuple(queue_of(channel, lane) for channel in CHANNEL_KINDS for lane in LANES)
