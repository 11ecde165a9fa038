"""A campaign: the rule by which an occasion at a store earns an offer. Values only."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Literal, get_args

import msgspec

from ids import CampaignId, ProgramId, StoreId
from kit.locales import Locale

Trigger = Literal["enter", "exit", "dwell", "cross", "visit", "stamps"]
Frequency = Literal["once", "daily", "weekly", "monthly"]
VisitTrust = Literal["doubtful", "low", "modest", "fair", "good", "high"]
CampaignState = Literal["draft", "active", "paused", "ended"]

# From the lowest to the highest: the levels of visits.trust, as campaigns name them.
VISIT_TRUSTS: tuple[VisitTrust, ...] = get_args(VisitTrust)


class OfferText(msgspec.Struct, frozen=True):
    """What the shopper reads. `{store}` stands for the store's name."""

    title: str
    body: str


class QuietHours(msgspec.Struct, frozen=True):
    """No coupon is issued and no phone rings from `start` to `end` in the store's time zone; may run past midnight."""

    start: time
    end: time


class Campaign(msgspec.Struct, frozen=True):
    """`store_ids` None means every store of the program; `cap` None means any number of coupons.

    `allow_anonymous`: also for members who have confirmed no phone number and no e-mail address. Anybody can be as many
    of those as they like, so an offer that is worth money is not for them unless the campaign says so.
    `min_trust`: of a visit, for the trigger `visit`.
    """

    id: CampaignId
    program_id: ProgramId
    name: str
    state: CampaignState
    trigger: Trigger
    store_ids: frozenset[StoreId] | None
    starts_at: datetime
    ends_at: datetime | None
    frequency: Frequency
    quiet_hours: QuietHours | None
    only_when_open: bool
    on_first_fix: bool
    allow_anonymous: bool
    max_event_age_s: int
    offer: Mapping[Locale, OfferText]
    coupon_valid_s: int
    cap: int | None
    created_at: datetime
    min_trust: VisitTrust = "low"


def choose_text(offer: Mapping[Locale, OfferText], locale: Locale, store_name: str) -> OfferText:
    """The offer in the shopper's language, or in the one that it was written in."""
    text = offer.get(locale) or next(iter(offer.values()))
    return OfferText(text.title.replace("{store}", store_name), text.body.replace("{store}", store_name))
