"""A candidate: an event, and a campaign whose trigger and stores it matches. Each pass of `grant_offers` decides on
some of those that are undecided yet.
"""

from collections.abc import Sequence
from datetime import tzinfo
from operator import attrgetter

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.triggers import TRIGGERS, Place, TriggerEvent
from coupons.issuing.rules import CouponTerms, Decision, EventRules, Refusal
from experiments.experiment import Variant
from ids import CouponId
from programs.opening_hours import is_open
from server.runtime.snapshot import Snapshot

# All of an event that the rules read, but for the numbers of its visit: of a broadcast's, all are the same.
ALIKE_FIELDS = (
    "trigger", "program_id", "store_id", "event_at", "now", "time_zone", "is_verified", "is_first_fix", "minutes",
    "trust_level", "former_trust_level", "campaign_id", "period_key",
)  # fmt: skip
_ALIKE = attrgetter(*ALIKE_FIELDS)


class Candidate(msgspec.Struct, kw_only=True):
    """What a campaign makes of an event.

    `event_index`: the event's place among those that are decided together. `place`: its store, None without one.
    `terms`: what the member would get; None where the rules refuse. `outcome` None: no pass has decided yet.
    `inputs`: what the pass read that decided, where `coupons.issuing.inputs` does not know it. `variant`: what the
    member gets in place of the campaign as it is. `coupon_id`: the coupon that was issued.
    """

    event_index: int
    event: TriggerEvent
    campaign: Campaign
    place: Place | None
    terms: CouponTerms | None = None
    outcome: Decision | None = None
    inputs: dict[str, object] | None = None
    variant: Variant | None = None
    coupon_id: CouponId | None = None

    @property
    def zone(self) -> tzinfo:
        """By whose calendar and clock it is judged."""
        return self.event.time_zone if self.place is None else self.place.time_zone


def find_candidates(snapshot: Snapshot, events: Sequence[TriggerEvent]) -> list[Candidate]:
    """In the order of events and, for each, of the snapshot's campaigns. What the rules refuse is decided already."""
    candidates = []
    decided: dict[object, Sequence[_Decided]] = {}
    for index, event in enumerate(events):
        alike = _ALIKE(event) if event.visits is None else index
        decisions = decided.get(alike)
        if decisions is None:
            decisions = decided[alike] = _decide(snapshot, event)
        for campaign, place, terms, refusal in decisions:
            candidates.append(
                Candidate(event_index=index, event=event, campaign=campaign, place=place, terms=terms, outcome=refusal)
            )
    return candidates


_Decided = tuple[Campaign, Place | None, CouponTerms | None, Refusal | None]


def _decide(snapshot: Snapshot, event: TriggerEvent) -> Sequence[_Decided]:
    campaigns = snapshot.campaigns_for(event)
    if not campaigns:
        return ()
    place = _find_place(snapshot, event)
    if place is None and TRIGGERS[event.trigger].needs_store:  # closed since the fence was matched
        return ()
    rules = EventRules(event, place)
    decided: list[_Decided] = []
    for campaign in campaigns:
        decision = rules.decide(campaign)
        if isinstance(decision, CouponTerms):
            decided.append((campaign, place, decision, None))
        else:
            decided.append((campaign, place, None, decision))
    return decided


def _find_place(snapshot: Snapshot, event: TriggerEvent) -> Place | None:
    store = None if event.store_id is None else snapshot.stores.get(event.store_id)
    if store is None:
        return None
    local = event.event_at.astimezone(store.time_zone)
    return Place(
        store_name=store.name,
        time_zone=store.time_zone,
        day_start_hour=store.day_start_hour,
        is_open=is_open(store.opening_hours, local),
    )
