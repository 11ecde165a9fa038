"""Counting what a rehearsal comes to, and what that tells of all members."""

from collections import Counter, defaultdict
from datetime import datetime
from math import ceil, sqrt
from typing import Literal

import msgspec

from audiences.estimate import estimate
from coupons.redemptions.benefits import most_discount, most_points
from ids import CampaignId, MemberId, StoreId
from outbox.kinds import ChannelKind
from server.issuing.candidates import Candidate
from server.messages.offers_of_variants import benefit_of
from server.rehearsals.rehearsal import Estimate

_Z = 1.959964  # of a standard normal, 95 % lie within


class MessageFate(msgspec.Struct, frozen=True):
    """`price`: of one that goes out, in the minor unit of the tariff; None: it is not paid by the message."""

    state: Literal["sent", "pending", "deferred", "dropped"]
    reason: str | None
    channel: ChannelKind
    price: int | None = None


class Overlap(msgspec.Struct):
    """With one running campaign: who would have coupons of both, and how often at one occasion."""

    members: set[MemberId] = set()
    events: int = 0


class Tally:
    """`store_ids`: only what happened there is counted; None: all. `beside`: what other campaigns have given, and when
    it was earned."""

    def __init__(
        self,
        store_ids: frozenset[StoreId] | None,
        beside: dict[MemberId, list[tuple[CampaignId, datetime]]],
    ) -> None:
        self._store_ids = store_ids
        self._beside = beside
        self.events = 0
        self.outcomes: Counter[str] = Counter()
        self.coupons_of: Counter[MemberId] = Counter()
        self.at_store: Counter[StoreId] = Counter()
        self.members_at: defaultdict[StoreId, set[MemberId]] = defaultdict(set)
        self.at_hour: Counter[int] = Counter()
        self.overlaps: defaultdict[CampaignId, Overlap] = defaultdict(Overlap)
        self.messages: Counter[MessageFate] = Counter()
        self.discount: int | None = 0
        self.points: int | None = 0

    @property
    def coupons(self) -> int:
        return self.outcomes["issued"]

    def count(self, candidate: Candidate, fate: MessageFate | None) -> None:
        event, outcome = candidate.event, candidate.outcome
        if self._store_ids is not None and event.store_id not in self._store_ids:
            return
        assert outcome is not None
        self.events += 1
        self.outcomes[outcome] += 1
        if outcome != "issued":
            return
        self.coupons_of[event.member_id] += 1
        if event.store_id is not None:
            self.at_store[event.store_id] += 1
            self.members_at[event.store_id].add(event.member_id)
        self.at_hour[event.event_at.astimezone(candidate.zone).hour] += 1
        if fate is not None:
            self.messages[fate] += 1
        self._count_beside(event.member_id, event.event_at)
        self._count_worth(candidate)

    def _count_beside(self, member_id: MemberId, event_at: datetime) -> None:
        for campaign_id, earned_at in self._beside.get(member_id, ()):
            overlap = self.overlaps[campaign_id]
            overlap.members.add(member_id)
            overlap.events += earned_at == event_at

    def _count_worth(self, candidate: Candidate) -> None:
        grant = candidate.campaign.grant
        own = None if candidate.variant is None else benefit_of(candidate.variant)
        benefit = grant.benefit if own is None else own
        discount, points = most_discount(benefit), most_points(benefit)
        self.discount = None if self.discount is None or discount is None else self.discount + grant.uses * discount
        self.points = None if self.points is None or points is None else self.points + grant.uses * points


class Scale(msgspec.Struct, frozen=True):
    """From the members who were gone through to all of them."""

    judged: int
    members: int

    @property
    def share(self) -> float:
        return self.judged / self.members if self.members else 1.0

    def of_all(self, count: int) -> int:
        return round(count / self.share) if self.judged else 0

    def members_of_all(self, found: int) -> Estimate:
        """Of members each is counted once: Wilson's interval."""
        if self.judged >= self.members:
            return Estimate(count=found, at_least=found, at_most=found)
        count, interval = estimate(found, self.judged, self.members)
        return Estimate(count=count, at_least=interval.at_least, at_most=interval.at_most)

    def sum_of_all(self, counts: Counter[MemberId]) -> Estimate:
        """A sum over members, of whom most have none: the normal interval of a sample without replacement.

        A sample in which all have the same shows no spread: it is never narrower than Wilson's interval of who has any.
        """
        found = sum(counts.values())
        if self.judged >= self.members or self.judged < 2:
            return Estimate(count=self.of_all(found), at_least=found, at_most=self.of_all(found))
        mean = found / self.judged
        squares = sum(count * count for count in counts.values())
        variance = (squares - self.judged * mean * mean) / (self.judged - 1)
        half = _Z * self.members * sqrt(max(variance, 0.0) / self.judged * (1 - self.share))
        count, having = self.of_all(found), self.members_of_all(len(counts))
        each = found / len(counts) if counts else 1.0
        return Estimate(
            count=count,
            at_least=max(found, int(min(count - half, each * having.at_least))),
            at_most=ceil(max(count + half, each * having.at_most)),
        )
