"""Whether a trigger event earns a campaign's offer: the one place that decides it. Pure.

What only the database can know (has this member had one in this period, or lately; is a cap reached) is decided there,
by a key, a version and budgets, when the terms become a coupon.
"""

from datetime import date, datetime, timedelta
from functools import cached_property
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


def is_for_all_who_hear(event: TriggerEvent) -> bool:
    """Whether every campaign that hears of it decides on it, so that `listens` need not be asked of each."""
    return event.campaign_id is None and event.former_trust_level is None and event.trigger not in ("visit", "stay")


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


class EventRules:
    """The rules over one event, for all campaigns that decide on it: what they have in common is worked out once.

    `place`: the event's store; None for an event without one, which is judged by the event's own time zone.
    """

    def __init__(self, event: TriggerEvent, place: Place | None) -> None:
        self._event = event
        self._time_zone = event.time_zone if place is None else place.time_zone
        self._day_start_hour = 0 if place is None else place.day_start_hour
        self._is_closed = place is not None and not place.is_open
        self._is_earned = TRIGGERS[event.trigger].is_earned
        self._age_s = (event.now - event.event_at).total_seconds()
        self._terms: dict[object, CouponTerms | Refusal] = {}

    def decide(self, campaign: Campaign) -> CouponTerms | Refusal:
        refusal = self._find_refusal(campaign)
        return self._find_terms(campaign) if refusal is None else refusal

    def _find_refusal(self, campaign: Campaign) -> Refusal | None:
        """The first reason that applies, in this order. Hundreds of campaigns may hear of an event."""
        event = self._event
        refusal: Refusal | None = None
        if event.event_at < campaign.starts_at:
            refusal = "before_start"
        elif campaign.ends_at is not None and event.event_at >= campaign.ends_at:
            refusal = "after_end"
        elif self._age_s > campaign.max_event_age_s and not self._is_earned:
            refusal = "too_old"
        elif event.is_first_fix and not campaign.on_first_fix:
            refusal = "first_fix"
        elif self._is_closed and campaign.only_when_open and not self._is_earned:
            refusal = "store_closed"
        elif not self._is_earned and not holds_at(campaign.hours, campaign.except_days, self._local):
            refusal = "outside_hours"
        elif event.trust_level is not None and event.trust_level < campaign.min_trust_level:
            refusal = "trust_too_low"
        elif not (event.is_verified or campaign.allow_anonymous):
            refusal = "not_verified"
        return refusal

    def _find_terms(self, campaign: Campaign) -> CouponTerms | Refusal:
        """One for all campaigns that have in common what it depends on."""
        number = self._number_of(campaign)
        alike = (
            number, campaign.coupon_validity, campaign.frequency, campaign.every_days, campaign.cooldown_s,
            campaign.max_event_age_s,
        )  # fmt: skip
        terms = self._terms.get(alike)
        if terms is None:
            terms = self._terms[alike] = self._make_terms(campaign, number)
        return terms

    def _make_terms(self, campaign: Campaign, number: int | None) -> CouponTerms | Refusal:
        event = self._event
        expires_at = push_until = expiry(campaign.coupon_validity, event.now, self._time_zone, self._day_start_hour)
        if expires_at <= event.now:
            return "offer_over"
        if not self._is_earned:
            push_until = min(push_until, event.event_at + timedelta(seconds=campaign.max_event_age_s))
        return CouponTerms(
            period_key=self._period_key(campaign, number),
            business_day=self._day,
            last_before=last_before(campaign, event.event_at, self._time_zone, self._day_start_hour),
            expires_at=expires_at,
            push_until=push_until,
        )

    def _period_key(self, campaign: Campaign, number: int | None) -> str:
        """A visit that is asked for by its number is once a person, whatever the day."""
        if number is not None:
            return f"visit-{number}"
        return self._event.period_key or period_key(campaign.frequency, self._day)

    def _number_of(self, campaign: Campaign) -> int | None:
        """Of the visit, where the campaign asks for it."""
        if self._event.trigger != "visit" or not isinstance(campaign.trigger, CountedTrigger):
            return None
        return _visit_number(campaign, self._event)

    @cached_property
    def _local(self) -> datetime:
        return self._event.event_at.astimezone(self._time_zone)

    @cached_property
    def _day(self) -> date:
        return business_day(self._event.event_at, self._time_zone, self._day_start_hour)
