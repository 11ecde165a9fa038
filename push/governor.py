"""The governor: whether a message may reach its person, when, and if not, why not. The one place that decides it. Pure.

It is asked when a message is made, when one that it deferred is due, and before each attempt to send. In this order:

| step | campaign | code, alert | what comes of a no |
|---|---|---|---|
| occasion: the coupon can still be used | yes | | dropped |
| consent (and the member is active) | yes | | dropped |
| reachability: an address of the channel | yes | | dropped |
| holdout | yes | | dropped |
| staleness: it is still worth sending | yes | yes | dropped |
| quiet hours (calls: also their own), the member's clock | yes | | deferred to the end, or dropped if too late |
| caps a day and a week, the higher priority first (`push.caps`) | yes | | dropped |
| quota of the program's day (`push.quota_repository`) | yes | | dropped |

Staleness stands before the caps, so that what nobody will see takes no place in one. A code that somebody is waiting
for and an alert about their own card need no consent and know no hour; they go by `channels`.

Of the channels that a campaign names, the first one that reaches the member and that they consent to takes the message.
Only where none does is it dropped for either.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Literal, get_args

import msgspec

from ids import DeviceId
from kit.daily_hours import DailyHours, next_end, next_start
from outbox.kinds import ChannelKind

DropReason = Literal[
    "coupon_withdrawn", "coupon_used", "coupon_voided", "coupon_undone", "member_closed", "no_consent", "phone_idle",
    "unreachable", "holdout", "stale", "quiet_hours", "day_cap", "week_cap", "quota",
]  # fmt: skip
# Why a channel cannot take a message to somebody. Where all refuse, the first of these is told: what the member could
# change, then what mends itself (no phone of theirs was seen for `PHONE_IDLE_AFTER`).
WayRefusal = Literal["no_consent", "phone_idle", "unreachable"]
WAY_REFUSALS: tuple[WayRefusal, ...] = get_args(WayRefusal)
# What became of the coupon that a message tells of.
CouponFate = Literal["coupon_withdrawn", "coupon_used", "coupon_voided"]


class MessageRules(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """A program's. `day_cap`, `week_cap`: messages to one member on a day and on seven days of their calendar."""

    quiet_hours: DailyHours | None
    day_cap: int
    week_cap: int


# All of a recipient but which phone it is: of two that have the same, the governor says the same.
Standing = tuple[object, ...]


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """The person as they are now. `zone`: whose clock they live by. `quiet_hours`: their own wish.

    `device_id` None: no device of theirs can be pushed to; `is_phone_idle`: one could, if it were still seen.
    `language`: what they read, a BCP 47 tag.
    `ways`: of each other channel that was asked for, what speaks against it; None: nothing. `call_silence`: when their
    program makes no calls.
    """

    is_active: bool
    push_consent: bool
    device_id: DeviceId | None
    is_phone_idle: bool = False
    language: str
    zone: tzinfo
    quiet_hours: DailyHours | None
    rules: MessageRules
    ways: Mapping[ChannelKind, WayRefusal | None] = {}
    call_silence: DailyHours | None = None

    @property
    def standing(self) -> Standing:
        return (
            self.is_active, self.push_consent, self.device_id is None, self.is_phone_idle, self.language,
            self.zone, self.quiet_hours, self.rules, self.call_silence, *self.ways.items(),
        )  # fmt: skip

    def refusal_by(self, channel: ChannelKind) -> WayRefusal | None:
        """What speaks against a message by this channel."""
        if channel != "push":
            return self.ways.get(channel, "unreachable")
        if not self.push_consent:
            return "no_consent"
        if self.device_id is not None:
            return None
        return "phone_idle" if self.is_phone_idle else "unreachable"


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """What a message is about. `good_until`: from then on it is not worth sending.

    `ends_at`: the end of what it tells of, which no waiting goes beyond. `quiet_hours`: of its campaign, "program" for
    those of the program.
    """

    good_until: datetime
    ends_at: datetime
    quiet_hours: DailyHours | Literal["program"] | None
    fate: CouponFate | None = None
    is_held_out: bool = False


class SendNow(msgspec.Struct, frozen=True):
    """`rings_until`: when the next quiet hours begin; None: there are none."""

    rings_until: datetime | None


class Defer(msgspec.Struct, frozen=True):
    """`good_until`: quiet hours stop the clock of staleness, but not beyond the end of what the message tells of."""

    until: datetime
    good_until: datetime


class Drop(msgspec.Struct, frozen=True):
    reason: DropReason


Verdict = SendNow | Defer | Drop


def choose_channel(recipient: Recipient, channels: Sequence[ChannelKind]) -> tuple[ChannelKind, WayRefusal | None]:
    """The first that takes the message. Where none does, the first of them all, and the first of `WAY_REFUSALS`."""
    refusals = {channel: recipient.refusal_by(channel) for channel in channels}
    free = next((channel for channel, refusal in refusals.items() if refusal is None), None)
    if free is not None:
        return free, None
    return channels[0], next(refusal for refusal in WAY_REFUSALS if refusal in refusals.values())


def judge(matter: Matter, recipient: Recipient, now: datetime, channels: Sequence[ChannelKind] = ("push",)) -> Verdict:
    """All steps but caps and quota, which are counted where the member and the program are."""
    channel, way_refusal = choose_channel(recipient, channels)
    reason = find_refusal(
        fate=matter.fate,
        is_active=recipient.is_active,
        way_refusal=way_refusal,
        is_held_out=matter.is_held_out,
        good_until=matter.good_until,
        now=now,
    )
    if reason is not None:
        return Drop(reason)
    return _judge_hour(matter, recipient, now, channel)


def find_refusal(
    *,
    fate: CouponFate | None,
    is_active: bool,
    way_refusal: WayRefusal | None,
    good_until: datetime,
    now: datetime,
    is_held_out: bool = False,
) -> DropReason | None:
    """What is asked again before each attempt to send."""
    steps: tuple[tuple[DropReason, bool], ...] = (
        (fate or "coupon_used", fate is not None),
        ("member_closed", not is_active),
        (way_refusal or "unreachable", way_refusal is not None),
        ("holdout", is_held_out),
        ("stale", now >= good_until),
    )
    return next((reason for reason, applies in steps if applies), None)


def _judge_hour(matter: Matter, recipient: Recipient, now: datetime, channel: ChannelKind) -> Verdict:
    of_campaign = recipient.rules.quiet_hours if matter.quiet_hours == "program" else matter.quiet_hours
    silence = recipient.call_silence if channel == "voice" else None
    quiet = [hours for hours in (of_campaign, recipient.quiet_hours, silence) if hours is not None]
    awake_at = _end_of_quiet(quiet, now, recipient.zone)
    if awake_at == now:
        starts = [next_start(hours, now, recipient.zone) for hours in quiet]
        return SendNow(min(starts, default=None))
    if awake_at is None or awake_at >= matter.ends_at:
        return Drop("quiet_hours")
    return Defer(awake_at, min(matter.ends_at, matter.good_until + (awake_at - now)))


def _end_of_quiet(quiet: Sequence[DailyHours], now: datetime, zone: tzinfo) -> datetime | None:
    """`now` where no hours hold it; None where they leave no hour of the day."""
    moment = now
    for _ in range(2 * len(quiet) + 1):
        holding = [hours for hours in quiet if hours.hold(moment.astimezone(zone))]
        if not holding:
            return moment
        end = next_end(holding[0], moment, zone)
        if end is None:
            return None
        moment = end
    return None
