"""A campaign: the rule by which a trigger event earns an offer, and what came of it. Values only."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from coupons.campaigns.campaign_triggers import Trigger
from coupons.campaigns.event_hours import EventHours
from coupons.campaigns.follow_ups import FollowUpStep
from coupons.campaigns.message_texts import CampaignChannel, MessageTexts
from coupons.issuing.validity import Validity
from coupons.offers import Offer
from coupons.redemptions.benefits import PLAIN, Grant
from coupons.withdrawal import Withdrawal
from ids import AudienceId, CampaignId, ProgramId, StaffId, StoreId
from kit.daily_hours import DailyHours

Frequency = Literal["once", "daily", "weekly", "monthly", "rolling"]
# What the staff chose. Whether a campaign that they have started is on yet, or still, its times say (`state_at`).
ChosenState = Literal["draft", "running", "paused", "ended"]
CampaignState = Literal["draft", "scheduled", "running", "paused", "ended"]


class AudienceVersion(msgspec.Struct, frozen=True, cache_hash=True):
    """One version of a saved audience, which never changes."""

    audience_id: AudienceId
    version: int


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """`store_ids` None means every store of the program. `store_groups`: the groups that it names besides or instead of
    stores; `grouped_store_ids`: those of `store_ids` that it has by its groups alone.

    `every_days`: of frequency `rolling`, how many business days lie from one coupon of a member to the next.
    `cooldown_s`: within so many seconds after a coupon was earned the member earns no other.
    `hours`, `except_days`: when an event earns the offer, and on which days none does (`event_hours`).
    `exclusive_group`: of its campaigns one gives, the best by `priority` (issuing.exclusivity); None: it has none.
    `cap`, `store_cap` (each store's), `day_cap` (each business day's, over all stores), `store_day_cap`: how many
    coupons at most; None means any number.

    `allow_anonymous`: also for members who have confirmed no phone number and no e-mail address. Anybody can be as many
    of those as they like, so an offer that is worth money is not for them unless the campaign says so.
    `picture_name`: of coupons.campaigns.picture_files.
    `quiet_hours`: when its coupons make no phone ring, by the member's clock; "program": the program's.
    `audience`: whom it is for; None: everybody.
    `withdrawal` None: its coupons can be used. A withdrawn campaign has ended.
    `follow_ups`: what comes after each coupon, step by step (coupons.campaigns.follow_ups).
    `messages`: the words in which its coupons are told of. `channels`: by the first of these that reaches the member.
    `fallback_within_minutes`: for how long after that one which refuses it for good gives place to the next; 0: never.
    `grant`: what the coupons are worth that it issues now. `version`: how often it has been written.
    `min_trust_level`: of a visit, for the trigger `visit`; a place in visits.trust.TRUST_LEVELS, which names them.
    """

    id: CampaignId
    program_id: ProgramId
    name: str
    state: ChosenState
    trigger: Trigger
    store_ids: frozenset[StoreId] | None
    starts_at: datetime
    ends_at: datetime | None
    frequency: Frequency
    store_groups: Sequence[str] = ()
    grouped_store_ids: frozenset[StoreId] = frozenset()
    every_days: int | None = None
    cooldown_s: int | None = None
    hours: Sequence[EventHours] = ()
    except_days: Sequence[date] = ()
    follow_ups: tuple[FollowUpStep, ...] = ()
    priority: int = 0
    exclusive_group: str | None = None
    quiet_hours: DailyHours | Literal["program"] | None
    only_when_open: bool
    on_first_fix: bool
    allow_anonymous: bool
    max_event_age_s: int
    min_trust_level: int
    offer: Offer
    messages: MessageTexts = MessageTexts()
    channels: tuple[CampaignChannel, ...] = ("push",)
    fallback_within_minutes: int = 60
    coupon_validity: Validity
    cap: int | None
    store_cap: int | None = None
    day_cap: int | None = None
    store_day_cap: int | None = None
    created_at: datetime
    picture_name: str | None = None
    audience: AudienceVersion | None = None
    withdrawal: Withdrawal | None = None
    grant: Grant = PLAIN
    version: int = 1

    @property
    def named_store_ids(self) -> frozenset[StoreId] | None:
        """The stores that the staff named one by one; None: none but by groups, or every store."""
        return None if self.store_ids is None else (self.store_ids - self.grouped_store_ids) or None

    def state_at(self, now: datetime) -> CampaignState:
        """One whose time is over has ended, but can be given more; one that its staff ended cannot."""
        is_started = self.state in ("running", "paused")
        if is_started and self.ends_at is not None and now >= self.ends_at:
            return "ended"
        return "scheduled" if self.state == "running" and now < self.starts_at else self.state


class CampaignVersion(msgspec.Struct, frozen=True):
    """A campaign as it was from `changed_at` to the next version. `changed_by`: of the staff, where it was one."""

    campaign: Campaign
    changed_at: datetime
    changed_by: StaffId | None


def choose_state(state: CampaignState) -> ChosenState:
    """What is kept of a state that the staff give: one that is to be on from `starts_at` is started now."""
    return "running" if state == "scheduled" else state


class CampaignReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a campaign."""

    coupons_issued: int
    """How many coupons were issued. One that moved to another member counts once, an undone one not."""
    redemptions: int
    """How many coupons were redeemed at a till."""
    coupons_voided: int
    """How many of the issued ones the staff have voided one by one. They are no redemptions, and keep their places in
    the caps."""
    pushes_sent: int
    """How many pushes the push service has taken."""
    pushes_failed: int
    """How many pushes failed for good, or could not be sent in time."""
    pushes_deferred: int
    """How many pushes waited for the end of quiet hours, whatever came of them then."""
    pushes_waiting: int
    """How many of those are waiting now."""
    pushes_dropped: Mapping[str, int]
    """How many coupons came without a push, by reason: `no_consent`, `phone_idle` (no phone of theirs
    was seen for 30 days), `unreachable`, `quiet_hours`, `day_cap`, `week_cap`, `quota`, `stale`, `holdout`,
    `member_closed`, `coupon_voided`, `coupon_withdrawn`, `coupon_used`, `coupon_undone`."""
    other_messages: Mapping[str, Mapping[str, int]]
    """Of each other channel (`email`, `sms`, `line`, `voice`, `messenger`) what came of its messages: how many were
    `sent`, `failed` for good or in time, may have arrived (`unknown`), waited for the end of quiet hours (`deferred`)
    or do so now (`waiting`), or were dropped (`dropped:` and the reason). What is 0 is left out."""
    decisions: Mapping[str, int]
    """How many events came to each decision: `issued`, or why there was no coupon (`already_issued`, `cap_reached`,
    `cooling_down`, `store_closed`, `too_old`, `before_start`, `after_end`, `first_fix`, `trust_too_low`,
    `not_verified`, `offer_over`, `outside_hours`, `lost_to_campaign`, `not_in_audience`, `audience_unknown`,
    `holdout`). Of its `follow_ups`: how many steps were done (`followed_up`), passed over (`not_so`,
    `not_so_unknown`) or were not to come any more (`follow_up_over`)."""
