"""What the rule read that decided, as far as it tells why: kept with the decision, so that it can be explained. Pure.

Small: the outcome says which rule it was, and what it compared is all that a sentence needs. Moments are UTC in ISO
8601; `local_time` is the clock of the event's zone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TriggerEvent
from coupons.issuing.budgets import Budget, cap_of, kind_of
from coupons.issuing.rules import CouponTerms, Decision
from coupons.issuing.validity import UntilMoment

Inputs = Mapping[str, object]
_Reader = Callable[[Campaign, TriggerEvent, tzinfo, CouponTerms | None], dict[str, object]]


def inputs_of(
    outcome: Decision, campaign: Campaign, event: TriggerEvent, zone: tzinfo, terms: CouponTerms | None
) -> dict[str, object]:
    """Empty where the outcome says all, or where a pass of its own has noted what it read."""
    read = _READERS.get(outcome)
    return {} if read is None else read(campaign, event, zone, terms)


def read_cap(campaign: Campaign, full: Sequence[Budget]) -> dict[str, object]:
    """`full`: the budgets that had no place. Of several the widest: more places of the others would not help."""
    widest = min(full, key=lambda budget: (budget.store_id is not None, budget.day is not None))
    return {"cap": kind_of(widest), "limit": cap_of(campaign, widest)}


def _clock(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%H:%M")


def _before_start(campaign: Campaign, event: TriggerEvent, zone: tzinfo, _: CouponTerms | None) -> dict[str, object]:
    return {"starts_at": campaign.starts_at.isoformat()}


def _after_end(campaign: Campaign, event: TriggerEvent, zone: tzinfo, _: CouponTerms | None) -> dict[str, object]:
    return {} if campaign.ends_at is None else {"ends_at": campaign.ends_at.isoformat()}


def _too_old(campaign: Campaign, event: TriggerEvent, zone: tzinfo, _: CouponTerms | None) -> dict[str, object]:
    age_s = int((event.now - event.event_at).total_seconds())
    return {"age_s": age_s, "max_event_age_s": campaign.max_event_age_s}


def _store_closed(campaign: Campaign, event: TriggerEvent, zone: tzinfo, _: CouponTerms | None) -> dict[str, object]:
    return {"local_time": _clock(event.event_at, zone)}


def _outside_hours(campaign: Campaign, event: TriggerEvent, zone: tzinfo, _: CouponTerms | None) -> dict[str, object]:
    day = event.event_at.astimezone(zone).date()
    return {"local_day": day.isoformat(), "local_time": _clock(event.event_at, zone)}


def _trust_too_low(campaign: Campaign, event: TriggerEvent, zone: tzinfo, _: CouponTerms | None) -> dict[str, object]:
    return {"trust": event.trust_level, "min_trust": campaign.min_trust_level}


def _offer_over(campaign: Campaign, event: TriggerEvent, zone: tzinfo, _: CouponTerms | None) -> dict[str, object]:
    validity = campaign.coupon_validity
    return {"valid_until": validity.at.isoformat()} if isinstance(validity, UntilMoment) else {}


def _already_issued(_: Campaign, event: TriggerEvent, zone: tzinfo, terms: CouponTerms | None) -> dict[str, object]:
    return {} if terms is None else {"period": terms.period_key}


def _cooling_down(_: Campaign, event: TriggerEvent, zone: tzinfo, terms: CouponTerms | None) -> dict[str, object]:
    last_before = None if terms is None else terms.last_before
    return {} if last_before is None else {"last_before": last_before.isoformat()}


_READERS: Mapping[Decision, _Reader] = {
    "before_start": _before_start,
    "after_end": _after_end,
    "too_old": _too_old,
    "store_closed": _store_closed,
    "outside_hours": _outside_hours,
    "trust_too_low": _trust_too_low,
    "offer_over": _offer_over,
    "already_issued": _already_issued,
    "cooling_down": _cooling_down,
}
