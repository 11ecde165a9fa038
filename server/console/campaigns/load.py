"""A month of campaigns: which is on at which day, and how many messages could want one member on that day. Pure.

The load is of a member whom all campaigns are for, and who does all that they ask for: the worst day there can be. What
the governor lets through of it (`push.caps`) stands beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from coupons.campaigns.campaign import Campaign
from coupons.campaigns.follow_ups import SendMessage
from coupons.campaigns.recurrence import occurrences
from coupons.campaigns.timed_triggers import Broadcast, Schedule
from coupons.campaigns.triggers import TRIGGERS
from ids import CampaignId
from push.caps import allot
from push.governor import MessageRules

_DAY = timedelta(days=1)


class DayLoad(msgspec.Struct, frozen=True, kw_only=True):
    """`on`: the campaigns that can give something on it. `wanted`: how many messages could want a member, of which
    `following` come after coupons of days before; `sent`: how many of all the governor lets through.
    """

    day: date
    on: Sequence[CampaignId]
    wanted: int
    following: int
    sent: int


def read_month(
    campaigns: Sequence[Campaign],
    first: date,
    days: int,
    zone: ZoneInfo,
    rules: MessageRules | None,
    sent_by_hand: Mapping[date, Iterable[CampaignId]],
) -> list[DayLoad]:
    """`rules` None: all that is wanted is sent. `sent_by_hand`: on which days broadcasts went out."""
    told: list[date] = []
    loads = []
    for day in (first + _DAY * place for place in range(days)):
        by_hand = set(sent_by_hand.get(day, ()))
        on = [each for each in campaigns if each.id in by_hand or is_on(each, day, zone)]
        following = sum(_count_following(each, day, zone, sent_by_hand) for each in campaigns if each.follow_ups)
        wanting = count_messages(on) + following
        sent = wanting
        if rules is not None:
            allotted = allot(told, day, rules, [0] * wanting)
            told, sent = list(allotted.days), sum(refusal is None for refusal in allotted.refused)
        loads.append(DayLoad(day=day, on=[each.id for each in on], wanted=wanting, following=following, sent=sent))
    return loads


def _count_following(
    campaign: Campaign, day: date, zone: ZoneInfo, sent_by_hand: Mapping[date, Iterable[CampaignId]]
) -> int:
    """The messages of its steps that are due that day, of coupons that it could give so long before."""
    if campaign.state != "running":  # paused they rest, ended they are over
        return 0
    count, waited_h = 0, 0
    for step in campaign.follow_ups:
        waited_h += step.after_hours
        given = day - timedelta(hours=waited_h)
        if isinstance(step.action, SendMessage):
            count += campaign.id in sent_by_hand.get(given, ()) or is_on(campaign, given, zone)
    return count


def is_on(campaign: Campaign, day: date, zone: ZoneInfo) -> bool:
    """Whether something that happens on the day could earn it, or could have. One that is not started is not."""
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
    if campaign.state != "running" or campaign.starts_at >= end:
        return False
    if campaign.ends_at is not None and campaign.ends_at <= begin:
        return False
    if day in campaign.except_days or not _has_hours(campaign, day):
        return False
    if isinstance(campaign.trigger, Broadcast):
        return False
    if isinstance(campaign.trigger, Schedule):
        first_at, rule = datetime.fromisoformat(campaign.trigger.first_at), campaign.trigger.rule
        before = datetime.combine(day, time()) - timedelta(seconds=1)
        return bool(occurrences(first_at, rule, zone, before, before + _DAY))
    return True


def _has_hours(campaign: Campaign, day: date) -> bool:
    return not campaign.hours or any(each.is_of(day) for each in campaign.hours)


def count_messages(on: Sequence[Campaign]) -> int:
    """Each gives a member one coupon a day at most; of those of a group that answer the same, one gives."""
    ringing = [each for each in on if TRIGGERS[each.trigger.kind].rings]
    alone = sum(each.exclusive_group is None for each in ringing)
    groups = {(each.exclusive_group, each.trigger.kind) for each in ringing if each.exclusive_group is not None}
    return alone + len(groups)
