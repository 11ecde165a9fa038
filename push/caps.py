"""How many messages a member gets on a day and on seven days, over all campaigns, and which come first. Pure.

A day is one of the member's calendar. The seven end with it, so that no two neighbouring days are counted apart.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from push.governor import MessageRules

WEEK_DAYS = 7
CapReason = Literal["day_cap", "week_cap"]


class Allotment(msgspec.Struct, frozen=True):
    """`refused`: of the wanted, in their order, why not; None for one that is sent. `days`: what is counted now."""

    refused: list[CapReason | None]
    days: list[date]


def allot(days: Sequence[date], today: date, rules: MessageRules, priorities: Sequence[int]) -> Allotment:
    """`days`: on which days the member has been sent messages, each as often as that. `priorities`: of the wanted.

    Of equal ones the first comes first.
    """
    kept = [day for day in days if day > today - timedelta(days=WEEK_DAYS)] if days else []
    refused: list[CapReason | None] = [None] * len(priorities)
    places: Sequence[int] = range(len(priorities))
    if len(places) > 1:  # hardly ever
        places = sorted(places, key=lambda place: -priorities[place])
    for place in places:
        refused[place] = _find_refusal(kept, today, rules)
        if refused[place] is None:
            kept.append(today)
    return Allotment(refused, kept)


def _find_refusal(days: Sequence[date], today: date, rules: MessageRules) -> CapReason | None:
    if days.count(today) >= rules.day_cap:
        return "day_cap"
    return "week_cap" if len(days) >= rules.week_cap else None
