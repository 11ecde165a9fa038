"""Triggers: the kinds of events that campaigns answer, and what holds for each of them. Values only.

A new trigger is a line in `TRIGGERS`, a struct in `campaign_triggers` and a flow that makes its events. An event may
have no store (a birthday, a schedule): then nothing here or in `rules` asks for one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Literal
from uuid import UUID

import msgspec

from coupons.campaigns.visit_counts import VisitCounts
from ids import CampaignId, DeviceId, MemberId, ProgramId, StoreId

TriggerKind = Literal[
    "enter", "exit", "dwell", "stay", "cross", "visit", "first_visit", "nth_visit", "every_nth_visit", "stamps", "code",
    "broadcast", "schedule", "birthday", "lapsed", "points_expiring", "coupon_expiring", "rank_expiring",
    "rank_reached", "joined", "claimed", "follow_up",
]  # fmt: skip


class TriggerRule(msgspec.Struct, frozen=True, kw_only=True):
    """What sets one trigger apart.

    `needs_store`: its events happen at a store; one at a store that has closed for good earns nothing.
    `is_earned`: the member has worked for it, or time has come to it, so neither how late we hear of it nor a closed
    store takes the coupon away.
    `rings`: its coupon has a message; the member who claims one by a code has it in hand.
    `recorded_with`: what row tells of such an event; each decision on it refers to that row (`source_id`).
    `answer`: none, the caller hears it.
    `once`: who says what a member may earn once. `frequency`: the campaign's, with its cool-down. `event`: each event
    is once (an age of life, a card that was filled), and a distance between two would take away what was earned.
    `event_apart`: each event is once, and the campaign may keep a distance between two coupons (`rolling`).
    """

    needs_store: bool
    is_earned: bool
    rings: bool = True
    recorded_with: Literal["transition", "visit", "stamp_card", "run", "follow_up", "answer"]
    once: Literal["frequency", "event", "event_apart"]


_STEP = TriggerRule(needs_store=True, is_earned=False, recorded_with="transition", once="frequency")
_VISIT = TriggerRule(needs_store=True, is_earned=False, recorded_with="visit", once="frequency")
_NUMBERED_VISIT = TriggerRule(needs_store=True, is_earned=False, recorded_with="visit", once="event")
_TIME = TriggerRule(needs_store=False, is_earned=True, recorded_with="run", once="event_apart")
_STEP_OF_LIFE = TriggerRule(needs_store=False, is_earned=True, recorded_with="run", once="event")

TRIGGERS: Mapping[TriggerKind, TriggerRule] = {
    "enter": _STEP,
    "exit": _STEP,
    "dwell": _STEP,
    "stay": _STEP,
    "cross": _STEP,
    "visit": _VISIT,
    "first_visit": _NUMBERED_VISIT,
    "nth_visit": _NUMBERED_VISIT,
    "every_nth_visit": _NUMBERED_VISIT,
    "stamps": TriggerRule(needs_store=True, is_earned=True, recorded_with="stamp_card", once="event"),
    "code": TriggerRule(needs_store=False, is_earned=True, rings=False, recorded_with="answer", once="event_apart"),
    "broadcast": _TIME,
    "schedule": _TIME,
    "birthday": _TIME,
    "lapsed": _TIME,
    "points_expiring": _TIME,
    "coupon_expiring": _TIME,
    "rank_expiring": _TIME,
    "rank_reached": TriggerRule(needs_store=False, is_earned=True, recorded_with="run", once="frequency"),
    "joined": _STEP_OF_LIFE,
    "claimed": _STEP_OF_LIFE,
    "follow_up": TriggerRule(needs_store=False, is_earned=True, recorded_with="follow_up", once="frequency"),
}


# Some visits are asked for by their number; what happens is a visit.
COUNTED: frozenset[TriggerKind] = frozenset({"first_visit", "nth_visit", "every_nth_visit"})


def event_of(kind: TriggerKind) -> TriggerKind:
    """The kind of event that a campaign of this trigger hears of."""
    return "visit" if kind in COUNTED else kind


class TriggerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened to a member at `event_at`, and campaigns decide on it at `now`. Both aware, UTC.

    `store_id`: where it happened, None for a trigger without a store. `time_zone`: of the calendar and the clock of an
    event without a store, the one that the member lives by (server/messages/member_zones.py); a store brings its own.
    `is_verified`: the member has confirmed a phone number or an e-mail address.
    `push_to`: the phone on which it happened, which rings if it can; None: any phone of the member's.
    `trust_level`, `former_trust_level`: of a visit, after and before the evidence that this event reports
    (a place in visits.trust.TRUST_LEVELS). A campaign that the former was enough for has decided on this visit before.
    `minutes`: of a stay, how long it had been.
    `visits`: of a visit, the member's with this one, where a campaign asks for its number.
    `campaign_id`: only this campaign hears of it. `period_key`: the period of its coupon, where the event and not the
    campaign's frequency says what may be earned once (a round of a stamp card, a year's birthday).
    `source_id`: the row that tells of the event (`TriggerRule.recorded_with`).
    """

    trigger: TriggerKind
    member_id: MemberId
    program_id: ProgramId
    store_id: StoreId | None = None
    event_at: datetime
    now: datetime
    time_zone: tzinfo = UTC
    is_verified: bool
    push_to: DeviceId | None = None
    is_first_fix: bool = False
    minutes: int | None = None
    trust_level: int | None = None
    former_trust_level: int | None = None
    visits: VisitCounts | None = None
    campaign_id: CampaignId | None = None
    period_key: str | None = None
    source_id: UUID | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The store of an event as it was at the event's time. `day_start_hour`: when its business day begins."""

    store_name: str
    time_zone: tzinfo
    day_start_hour: int
    is_open: bool
