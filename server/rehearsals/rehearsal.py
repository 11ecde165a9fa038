"""A rehearsal as the API answers it. Values only."""

from datetime import datetime

import msgspec

from ids import CampaignId, StoreId
from kit.locales import Locale


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A number that is told of all members. Where all were gone through, the three are the same."""

    count: int
    """How many, or about how many."""
    at_least: int
    """In 95 of 100 such samples it is so many or more."""
    at_most: int
    """In 95 of 100 such samples it is so many or fewer."""


class RehearsalSample(msgspec.Struct, frozen=True, kw_only=True):
    """Of which members the numbers are told."""

    members: int
    """How many active members the program has."""
    judged: int
    """How many of them were gone through: those whom a hash of their ids puts first."""
    share: float
    """How large a part that is, from 0 to 1. Below 1 every number is what the part tells of all."""


class RehearsedStore(msgspec.Struct, frozen=True, kw_only=True):
    """What would have been issued at a store."""

    store_id: StoreId
    """The store."""
    name: str
    """Its name."""
    members: int
    """How many members would have had a coupon there."""
    coupons: int
    """How many coupons."""


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """Why there would have been no coupon."""

    outcome: str
    """The decision, as the campaign's report names it."""
    times: int
    """How often."""
    why: dict[Locale, str]
    """What it means, in a sentence; what differs from case to case is left open (…)."""
    change: dict[Locale, str] | None
    """What would have to differ."""


class OverlappingCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """A running campaign that gave coupons to the same members in that time."""

    campaign_id: CampaignId
    """The campaign."""
    name: str
    """Its name."""
    members: int
    """How many members would have had coupons of both."""
    events: int
    """How often both would have come of one and the same event."""


class RehearsedCost(msgspec.Struct, frozen=True, kw_only=True):
    """What the coupons would have been worth if each had been used to the full."""

    currency: str | None
    """ISO 4217, of the amounts. Null: the program has no point rules, which would say."""
    discount_at_most: int | None
    """How much they would have taken off at most, in minor units. Null: it depends on what is bought."""
    points_at_most: int | None
    """How many points they would have brought at most. Null: it depends on what is bought."""


class RehearsedMessages(msgspec.Struct, frozen=True, kw_only=True):
    """What would have become of the coupons' messages by one channel of the campaign."""

    channel: str
    """How they go out, as the campaign's `channels` name it. What no channel reaches is counted of the first."""
    sent: int
    """How many at once."""
    deferred: int
    """How many would have waited for the end of quiet hours."""
    dropped: dict[str, int]
    """How many would not have gone out, by the reason, as the campaign's report names it."""
    price: int | None
    """What the sent and the deferred would cost by today's tariff, in the minor unit of `currency`: of a text by the
    segments of the very words, of a call for each. Null: the channel is not paid by the message."""
    currency: str | None
    """In which currency (ISO 4217). Null: as above."""


class TakenAsNow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that nobody has written down as it was: it was taken as it is now."""

    what: str
    """A word for it, which never changes its meaning."""
    means: dict[Locale, str]
    """The same in a sentence."""


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign would have done, had it run for the whole time. Nothing was written."""

    from_at: datetime
    """The beginning of the time that was gone through."""
    to_at: datetime
    """Its end."""
    campaign_version: int
    """The campaign's version that was rehearsed."""
    sample: RehearsalSample
    """Of which members the numbers are told."""
    events: int
    """On how many events the campaign would have decided."""
    members: Estimate
    """How many members would have had a coupon."""
    coupons: Estimate
    """How many coupons would have been issued."""
    by_store: list[RehearsedStore]
    """Where they would have been earned, most coupons first. Empty: of a campaign without a store."""
    by_hour: list[int]
    """How many coupons by the hour of the day, from 0 to 23, by the clock of the store, else of the member."""
    suppressed: list[Suppression]
    """Why there would have been none, the most frequent first."""
    overlap: list[OverlappingCampaign]
    """Running campaigns that gave coupons to the same members, most members first."""
    cost: RehearsedCost
    """What the coupons would have been worth."""
    messages: list[RehearsedMessages]
    """What would have become of their messages, by channel."""
    taken_as_now: list[TakenAsNow]
    """What was taken as it is now, since nobody has written down how it was."""
