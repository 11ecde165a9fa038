"""Triggers that time pulls, or the staff by hand: what is said of each. Values only."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from coupons.campaigns.recurrence import MAX_LENGTH
from coupons.campaigns.speeds import AtOnce, SteadySpeed
from coupons.campaigns.trigger_kind import Kind
from ids import CampaignId

TimeOfDay = Annotated[
    str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](?!\n)$", description="HH:MM", examples=["10:00"])
]
WallTime = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](?!\n)$",
        description="a day and a time without offset",
        examples=["2026-12-04T18:00"],
    ),
]
RuleText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_LENGTH, examples=["FREQ=WEEKLY;BYDAY=FR"])]
DaysBefore = Annotated[int, msgspec.Meta(ge=0, le=60)]


class Broadcast(Kind, frozen=True, tag="broadcast"):
    """By hand: nothing earns the offer until the staff start a broadcast (POST …/broadcasts); each is once a member."""


class Schedule(Kind, frozen=True, tag="schedule"):
    """A day and time, or a repeating schedule: each time once a member."""

    first_at: WallTime
    """The day and time by the clock that `clock` says; of a `rule` its first one, or the first that comes after it."""
    rule: RuleText | None = None
    """An RRULE of RFC 5545 that comes at most once a day and has an end (COUNT, UNTIL, or the campaign's `ends_at`).
    Null: once."""
    clock: Literal["store", "member"] = "store"
    """Whose clock: that of the campaign's stores (of every store: the program's), or each member's own."""
    speed: SteadySpeed = AtOnce()
    """How fast the members are gone through. With the clock `member` only `now`."""


class BirthdayTrigger(Kind, frozen=True, tag="birthday"):
    """A member's birthday, once a year, with or without its year. 29 February is kept on the 28th in common years."""

    days_before: DaysBefore = 0
    """How many days before the birthday."""
    at: TimeOfDay = "10:00"
    """At what time of that day, by the member's own clock."""


class Lapsed(Kind, frozen=True, tag="lapsed"):
    """No visit for so many days, once for each time of staying away. Of who has consented to profiling."""

    days: Annotated[int, msgspec.Meta(ge=1, le=3650)]
    """How many days after the last visit."""
    at: TimeOfDay = "10:00"
    """At what time of that day, by the member's own clock."""


class PointsExpiring(Kind, frozen=True, tag="points_expiring"):
    """Points of the member expire, once for each day on which some do."""

    days_before: DaysBefore = 7
    """How many days before their last day."""
    at: TimeOfDay = "10:00"
    """At what time of that day, by the member's own clock."""


class CouponExpiring(Kind, frozen=True, tag="coupon_expiring"):
    """A coupon of another campaign expires that has a use left, once for each day on which some do."""

    campaign_id: CampaignId
    """The campaign of that coupon."""
    days_before: DaysBefore = 3
    """How many days before its last day."""
    at: TimeOfDay = "10:00"
    """At what time of that day, by the member's own clock."""


class RankExpiring(Kind, frozen=True, tag="rank_expiring"):
    """The member's rank will fall unless they gather more until then. Of who has consented to profiling."""

    days_before: DaysBefore = 14
    """How many days before its last day."""
    at: TimeOfDay = "10:00"
    """At what time of that day, by the member's own clock."""


class RankReached(Kind, frozen=True, tag="rank_reached"):
    """The member has come to a higher rank; how often that earns something is the campaign's `frequency`. Of who has
    consented to profiling."""

    rank: Annotated[str, msgspec.Meta(min_length=1, max_length=40)] | None = None
    """The code of the rank, or of one below that was passed over. Null: any rank above the former."""


class Joined(Kind, frozen=True, tag="joined"):
    """The member has joined."""


class Claimed(Kind, frozen=True, tag="claimed"):
    """A member who came by a file has made their membership theirs on a phone."""


DailyTrigger: TypeAlias = BirthdayTrigger | Lapsed | PointsExpiring | CouponExpiring | RankExpiring
SweptTrigger: TypeAlias = RankReached | Joined | Claimed
TimedTrigger: TypeAlias = Broadcast | Schedule | DailyTrigger | SweptTrigger
