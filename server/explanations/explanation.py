"""An explanation as the API answers it. Values only."""

from datetime import datetime

import msgspec

from ids import CouponId, MemberId, StoreId
from kit.locales import Locale
from outbox.kinds import ChannelKind


class ExplainedRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """A channel that would not take the message, so that the next one was asked."""

    channel: ChannelKind
    """The channel."""
    reason: str
    """Why, in a word of the channel's."""
    at: datetime
    """When."""


class ExplainedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the message that told of a coupon."""

    channel: ChannelKind
    """By what it went or was to go: the first of the campaign's `channels` that reached the member and did not refuse
    it for good; where none reached them, the first."""
    state: str
    """`waiting`, `sent`, `deferred`, `dropped`, `failed` or `expired`."""
    reason: str | None
    """Why it was dropped, as the campaign's report names it. Null: it was not."""
    at: datetime | None
    """When it was sent, or until when it is deferred. Null: neither."""
    delivered_at: datetime | None = None
    """When it arrived on the phone or in the mailbox. Null: nobody told."""
    displayed_at: datetime | None = None
    """When the phone showed it. Null: nobody told."""
    opened_at: datetime | None = None
    """When the member opened it. Null: nobody told, or they do not consent to profiling."""
    refusals: list[ExplainedRefusal]
    """The channels that refused it for good before, in order."""
    told: dict[Locale, str]
    """The same in sentences."""


class ExplainedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What the campaign made of one event, and why."""

    member_id: MemberId
    """The member as whom it was decided: this one, or one who became them."""
    store_id: StoreId | None
    """The store of the event. Null: it happened at none."""
    event_at: datetime
    """When it happened."""
    decided_at: datetime
    """When the campaign decided."""
    trigger: str
    """What happened, as the campaign names it."""
    campaign_version: int
    """The campaign's version that decided."""
    outcome: str
    """`issued`, or the reason why there was no coupon."""
    coupon_id: CouponId | None
    """The coupon that was issued."""
    variant: str | None
    """Which variant of the campaign's experiment the member has. Null: the campaign as it is, or nothing."""
    message: ExplainedMessage | None
    """What became of its message. Null: no coupon was issued, or none that has one."""
    happened: dict[Locale, str]
    """What happened, in a sentence."""
    why: dict[Locale, str]
    """Which rule decided, in a sentence."""
    change: dict[Locale, str] | None
    """What would have to differ. Null: a coupon was issued."""


class ExplainedOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How often the campaign came to an outcome at the store."""

    outcome: str
    """`issued`, or the reason why there was no coupon."""
    times: int
    """How often."""
    why: dict[Locale, str]
    """What it means, in a sentence; what differs from event to event is left open (…)."""
    change: dict[Locale, str] | None
    """What would have to differ. Null: coupons were issued."""


class ExplainedAbsence(msgspec.Struct, frozen=True, kw_only=True):
    """Why the campaign decided nothing."""

    reason: str
    """A word for it, which never changes its meaning."""
    why: dict[Locale, str]
    """The same in a sentence."""
    change: dict[Locale, str] | None
    """What would have to differ."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a campaign did or did not fire around a moment."""

    from_at: datetime
    """The beginning of the time that was looked at."""
    to_at: datetime
    """Its end."""
    decisions: list[ExplainedDecision]
    """Of the member, the newest first; at most 50."""
    outcomes: list[ExplainedOutcome]
    """Of everybody at the store, where no member was asked about; the most frequent first."""
    absences: list[ExplainedAbsence]
    """Where there is no decision: what stood in the way, what decides most first."""
