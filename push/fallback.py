"""By which channels a message may still go that one or more have refused for good. Pure.

It is one message all the way: its row changes its channel and its words, and keeps its id. So a coupon never has two.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from ids import DeviceId
from outbox.kinds import ChannelKind


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """`device_id`: the phone that a push was refused for. `reason`: as the message's own record named it."""

    channel: ChannelKind
    device_id: DeviceId | None = None
    reason: str
    at: datetime


_REFUSALS = msgspec.json.Decoder(tuple[Refusal, ...])


def read_refusals(encoded: str | None) -> tuple[Refusal, ...]:
    """As the outbox keeps them."""
    return () if encoded is None else _REFUSALS.decode(encoded)


def open_channels(
    channels: Sequence[ChannelKind], refusals: Sequence[Refusal], device_id: DeviceId | None
) -> list[ChannelKind]:
    """Those that have not refused it, in order. A push may go to another phone of the member's: to `device_id`, if none
    was refused for that one.
    """
    refused = {each.channel for each in refusals if each.channel != "push"}
    phones = {each.device_id for each in refusals if each.channel == "push"}
    return [each for each in channels if each not in refused and not (each == "push" and device_id in phones)]
