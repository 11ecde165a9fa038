"""Whether an occasion earns a campaign's offer: the one place that decides it. Pure.

What only the database can know (has this member had one in this period, is the cap reached) is decided there, by
a key and a budget, when the grant is turned into a coupon.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from coupons.campaigns import VISIT_TRUSTS, Campaign, Frequency, QuietHours, Trigger, VisitTrust
from ids import StoreId

Refusal = Literal[
    "before_start", "after_end", "too_old", "first_fix", "store_closed", "quiet_hours", "not_verified", "trust_too_low"
]  # fmt: skip
# What else may come of a grant, as the decisions kept with a transition or scan name it.
Outcome = Literal["issued", "already_issued", "cap_reached"]


class Occasion(msgspec.Struct, frozen=True):
    """Something happened at a store at `event_at`, and is being judged at `now`. Both aware, UTC.

    `reward_key`: it was earned already (a full stamp card), and this is the period key of its coupon.
    `is_verified`: the member has confirmed a phone number or an e-mail address. `trust`: of a visit.
    """

    trigger: Trigger
    store_id: StoreId
    event_at: datetime
    now: datetime
    time_zone: ZoneInfo
    is_open: bool
    is_first_fix: bool = False
    is_verified: bool = False
    reward_key: str | None = None
    trust: VisitTrust | None = None


class Grant(msgspec.Struct, frozen=True):
    """One coupon a `period_key`. The push is worth sending until `push_until`, which is before the next quiet hours."""

    period_key: str
    expires_at: datetime
    push_until: datetime


def listens(campaign: Campaign, trigger: Trigger, store_id: StoreId) -> bool:
    """Whether the campaign has an opinion on such an occasion at all."""
    return campaign.trigger == trigger and (campaign.store_ids is None or store_id in campaign.store_ids)


def decide(campaign: Campaign, occasion: Occasion) -> Grant | Refusal:
    if occasion.reward_key is not None:
        return _decide_reward(campaign, occasion, occasion.reward_key)
    refusal = _find_refusal(campaign, occasion)
    if refusal is not None:
        return refusal
    expires_at = occasion.now + timedelta(seconds=campaign.coupon_valid_s)
    push_until = min(expires_at, occasion.event_at + timedelta(seconds=campaign.max_event_age_s))
    if campaign.quiet_hours is not None:
        push_until = min(push_until, next_quiet_start(campaign.quiet_hours, occasion.now, occasion.time_zone))
    return Grant(period_key(campaign.frequency, occasion.event_at, occasion.time_zone), expires_at, push_until)


def period_key(frequency: Frequency, event_at: datetime, time_zone: ZoneInfo) -> str:
    """The period that the event falls into by the store's calendar; weeks are ISO 8601's."""
    day = event_at.astimezone(time_zone).date()
    if frequency == "daily":
        return day.isoformat()
    if frequency == "weekly":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{day:%Y-%m}" if frequency == "monthly" else "once"


def is_quiet(quiet: QuietHours, local: datetime) -> bool:
    """Start belongs to the quiet hours, end does not; equal ends mean the whole day."""
    wall = local.time()
    if quiet.start < quiet.end:
        return quiet.start <= wall < quiet.end
    return wall >= quiet.start or wall < quiet.end


def next_quiet_start(quiet: QuietHours, now: datetime, time_zone: ZoneInfo) -> datetime:
    """The first start of quiet hours after `now`, a moment that is not itself quiet.

    Of a start that comes twice when the clocks go back each counts; one that they skip is taken an hour early.
    """
    today = now.astimezone(time_zone).date()
    walls = (datetime.combine(today + timedelta(days=days), quiet.start, time_zone) for days in range(3))
    starts = (wall.replace(fold=fold).astimezone(UTC) for wall in walls for fold in (0, 1))
    return min(start for start in starts if start > now)


def _decide_reward(campaign: Campaign, occasion: Occasion, reward_key: str) -> Grant | Refusal:
    """Who filled a card at nine in the evening has earned it: quiet hours hold back the push, not the coupon."""
    if occasion.event_at < campaign.starts_at:
        return "before_start"
    if campaign.ends_at is not None and occasion.event_at >= campaign.ends_at:
        return "after_end"
    if not (occasion.is_verified or campaign.allow_anonymous):
        return "not_verified"
    expires_at = push_until = occasion.now + timedelta(seconds=campaign.coupon_valid_s)
    if campaign.quiet_hours is not None:
        local = occasion.now.astimezone(occasion.time_zone)
        is_quiet_now = is_quiet(campaign.quiet_hours, local)
        quiet_at = next_quiet_start(campaign.quiet_hours, occasion.now, occasion.time_zone)
        push_until = occasion.now if is_quiet_now else min(push_until, quiet_at)
    return Grant(reward_key, expires_at, push_until)


def _find_refusal(campaign: Campaign, occasion: Occasion) -> Refusal | None:
    local_now = occasion.now.astimezone(occasion.time_zone)
    age_s = (occasion.now - occasion.event_at).total_seconds()
    reasons: tuple[tuple[Refusal, bool], ...] = (
        ("before_start", occasion.event_at < campaign.starts_at),
        ("after_end", campaign.ends_at is not None and occasion.event_at >= campaign.ends_at),
        ("too_old", age_s > campaign.max_event_age_s),
        ("first_fix", occasion.is_first_fix and not campaign.on_first_fix),
        ("store_closed", campaign.only_when_open and not occasion.is_open),
        ("quiet_hours", campaign.quiet_hours is not None and is_quiet(campaign.quiet_hours, local_now)),
        ("trust_too_low", occasion.trust is not None and not _reaches(occasion.trust, campaign.min_trust)),
        ("not_verified", not (occasion.is_verified or campaign.allow_anonymous)),
    )
    return next((reason for reason, applies in reasons if applies), None)


def _reaches(trust: VisitTrust, least: VisitTrust) -> bool:
    return VISIT_TRUSTS.index(trust) >= VISIT_TRUSTS.index(least)
