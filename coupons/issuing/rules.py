"""Whether a trigger event earns a campaign's offer: the one place that decides it. Pure.

What only the database can know (has this member had one in this period, or lately; is a cap reached) is decided there,
by a key, a version and budgets, when the terms become a coupon.
"""

from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.campaign_triggers import CountedTrigger, Stay
from coupons.campaigns.event_hours import holds_at
from coupons.campaigns.triggers import TRIGGERS, Place, TriggerEvent, TriggerKind, event_of
from coupons.issuing.business_days import business_day
from coupons.issuing.periods import last_before, period_key
from coupons.issuing.validity import expiry
from ids import StoreId

Refusal = Literal[
    "before_start", "after_end", "too_old", "first_fix", "store_closed", "not_verified", "trust_too_low",
    "offer_over", "outside_hours",
]  # fmt: skip
# Of what is known of the member, which their audience's conditions judge, and not the rules here.
AudienceRefusal = Literal["not_in_audience", "audience_unknown"]
# Of campaigns of one exclusive group, which coupons.issuing.exclusivity chooses from.
ExclusivityRefusal = Literal["lost_to_campaign"]
# What becomes of a coupon that is to be issued.
IssueOutcome = Literal["issued", "already_issued", "cap_reached", "cooling_down"]
# What the experiment makes of who would get a coupon: to see what it brings, some get none.
Holdout = Literal["holdout"]
# What a campaign may make of an event, as the decisions kept with a transition, scan or full card name it.
Decision = Literal[Refusal, AudienceRefusal, ExclusivityRefusal, Holdout, IssueOutcome]


class CouponTerms(msgspec.Struct, frozen=True, kw_only=True, cache_hash=True):
    """One coupon a `period_key`, and only if the last one was earned before `last_before`.

    `business_day`: which caps of a day it counts to. A push of it is worth sending until `push_until`;
    whether and when it is sent is the governor's matter (push/governor.py).
    """

    period_key: str
    business_day: date
    last_before: datetime | None
    expires_at: datetime
    push_until: datetime


def listens(campaign: Campaign, event: TriggerEvent) -> bool:
    """Whether the campaign decides on such an event at all.

    One without a store is for campaigns of any stores: theirs are where the coupon is taken.
    """
    if event.campaign_id not in (None, campaign.id):
        return False
    if event.former_trust_level is not None and event.former_trust_level >= campaign.min_trust_level:
        return False
    if not hears(campaign, event.trigger, event.store_id):
        return False
    trigger = campaign.trigger
    if isinstance(trigger, Stay):
        return event.minutes == trigger.minutes
    return not isinstance(trigger, CountedTrigger) or trigger.is_due_at(_visit_number(campaign, event))


def hears(campaign: Campaign, trigger: TriggerKind, store_id: StoreId | None) -> bool:
    """The part of it that is the same for all events of a kind at a store."""
    if event_of(campaign.trigger.kind) != trigger:
        return False
    return campaign.store_ids is None or store_id is None or store_id in campaign.store_ids


def _visit_number(campaign: Campaign, event: TriggerEvent) -> int:
    """0 for a visit that does not count yet: it is trusted less than the campaign asks for."""
    if event.visits is None or event.trust_level is None or event.trust_level < campaign.min_trust_level:
        return 0
    return event.visits.number(campaign.store_ids, campaign.min_trust_level)


def _period_key(campaign: Campaign, event: TriggerEvent, day: date) -> str:
    """A visit that is asked for by its number is once a person, whatever the day."""
    if isinstance(campaign.trigger, CountedTrigger):
        return f"visit-{_visit_number(campaign, event)}"
    return event.period_key or period_key(campaign.frequency, day)


def decide(campaign: Campaign, event: TriggerEvent, place: Place | None) -> CouponTerms | Refusal:
    """`place`: the event's store; None for an event without one, which is judged by the event's own time zone."""
    time_zone = event.time_zone if place is None else place.time_zone
    refusal = _find_refusal(campaign, event, place, time_zone)
    if refusal is not None:
        return refusal
    day_start_hour = 0 if place is None else place.day_start_hour
    expires_at = push_until = expiry(campaign.coupon_validity, event.now, time_zone, day_start_hour)
    if expires_at <= event.now:
        return "offer_over"
    if not TRIGGERS[event.trigger].is_earned:
        push_until = min(push_until, event.event_at + timedelta(seconds=campaign.max_event_age_s))
    day = business_day(event.event_at, time_zone, day_start_hour)
    return CouponTerms(
        period_key=_period_key(campaign, event, day),
        business_day=day,
        last_before=last_before(campaign, event.event_at, time_zone, day_start_hour),
        expires_at=expires_at,
        push_until=push_until,
    )


def _holds(campaign: Campaign, local: datetime) -> bool:
    return holds_at(campaign.hours, campaign.except_days, local)


def _find_refusal(campaign: Campaign, event: TriggerEvent, place: Place | None, time_zone: tzinfo) -> Refusal | None:
    rule = TRIGGERS[event.trigger]
    age_s = (event.now - event.event_at).total_seconds()
    is_closed = place is not None and not place.is_open
    reasons: tuple[tuple[Refusal, bool], ...] = (
        ("before_start", event.event_at < campaign.starts_at),
        ("after_end", campaign.ends_at is not None and event.event_at >= campaign.ends_at),
        ("too_old", age_s > campaign.max_event_age_s and not rule.is_earned),
        ("first_fix", event.is_first_fix and not campaign.on_first_fix),
        ("store_closed", is_closed and campaign.only_when_open and not rule.is_earned),
        ("outside_hours", not rule.is_earned and not _holds(campaign, event.event_at.astimezone(time_zone))),
        ("trust_too_low", event.trust_level is not None and event.trust_level < campaign.min_trust_level),
        ("not_verified", not (event.is_verified or campaign.allow_anonymous)),
    )
    return next((reason for reason, applies in reasons if applies), None)
