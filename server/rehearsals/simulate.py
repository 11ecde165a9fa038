"""Going through what happened in the order of time: the passes of `grant_offers`, over a book in place of tables."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

import msgspec

from coupons.campaigns.triggers import TRIGGERS
from ids import CampaignId, MemberId
from kit.steps import Steps
from push.caps import allot
from push.governor import Recipient
from server.issuing.candidates import Candidate
from server.issuing.choose_best import find_contests, settle_contest, wish_of
from server.issuing.govern_messages import make_push
from server.issuing.hold_out import assign_to, take_arm
from server.messages.readers import NOBODY
from server.rehearsals.book import Book
from server.rehearsals.past_events import sort_key
from server.rehearsals.prices import Pricing
from server.rehearsals.staging import Stage
from server.rehearsals.tally import MessageFate, Tally

_AT_ONCE = 50


class Sample(msgspec.Struct):
    """What was read of the members who are gone through, and what the rules and audiences made of it.

    `messages`: when which messages of other campaigns were counted to which of the member's days.
    """

    candidates: list[Candidate] = []
    recipients: dict[MemberId, Recipient] = {}
    arms: dict[tuple[MemberId, CampaignId], str] = {}
    messages: dict[MemberId, list[tuple[datetime, date]]] = {}
    pricing: Pricing = msgspec.field(default_factory=Pricing)


def simulate(stage: Stage, sample: Sample, book: Book, tally: Tally) -> Steps[None]:
    """Decide on every candidate, and count those of the campaign that is rehearsed."""
    messages = _Messages(sample, stage.campaign.id)
    ordered = sorted(sample.candidates, key=lambda each: (*sort_key(each.event), each.event.member_id))
    for place, (_, group) in enumerate(groupby(ordered, key=lambda each: each.event_index)):
        if place % _AT_ONCE == 0:
            yield
        _decide(stage, sample, book, tally, list(group), messages)


def _decide(
    stage: Stage, sample: Sample, book: Book, tally: Tally, candidates: Sequence[Candidate], messages: "_Messages"
) -> None:
    """On one event, as the live passes do."""
    for contest in find_contests(candidates):
        settle_contest(
            contest, [book.find_hindrance(wish_of(each, each.terms)) for each in contest if each.terms is not None]
        )
    for each in candidates:
        if each.outcome is None:
            _hold_out(stage, sample.arms, each)
    for each in candidates:
        fate = None
        if each.outcome is None and each.terms is not None:
            coupon = wish_of(each, each.terms)
            each.outcome = book.find_hindrance(coupon) or "issued"
            if each.outcome == "issued":
                book.note(coupon)
                fate = messages.send(each)
                each.coupon_id = coupon.id
        if each.campaign.id == stage.campaign.id:
            tally.count(each, fate)


def _hold_out(stage: Stage, arms: Mapping[tuple[MemberId, CampaignId], str], candidate: Candidate) -> None:
    wanted = assign_to(stage.snapshot, candidate)
    if wanted is not None:
        take_arm(stage.snapshot, candidate, arms.get((wanted.member_id, wanted.campaign_id), wanted.arm))


class _Messages:
    """What becomes of a coupon's message, by the governor's own steps; the caps count what is sent here too."""

    def __init__(self, sample: Sample, priced: CampaignId) -> None:
        """`priced`: the campaign whose words are written as they would be."""
        self._recipients = sample.recipients
        self._pricing = sample.pricing
        self._priced = priced
        self._days: dict[MemberId, list[tuple[datetime, date]]] = defaultdict(list)
        for member_id, counted in sample.messages.items():
            self._days[member_id] += counted

    def send(self, candidate: Candidate) -> MessageFate | None:
        event, terms = candidate.event, candidate.terms
        recipient = self._recipients.get(event.member_id)
        if not TRIGGERS[event.trigger].rings or recipient is None or terms is None:
            return None
        is_priced = candidate.campaign.id == self._priced
        reader = self._pricing.readers.get(event.member_id, NOBODY) if is_priced else NOBODY
        push = make_push(candidate, terms, wish_of(candidate, terms).id, recipient, reader)
        price = self._pricing.price(push) if is_priced else None
        if push.state != "pending":
            return MessageFate(push.state, push.reason, push.channel, price)
        today = event.now.astimezone(recipient.zone).date()
        days = [day for at, day in self._days[event.member_id] if at <= event.now]
        reason = allot(days, today, recipient.rules, [push.priority]).refused[0]
        if reason is not None:
            return MessageFate("dropped", reason, push.channel)
        self._days[event.member_id].append((event.now, today))
        return MessageFate("sent", None, push.channel, price)
