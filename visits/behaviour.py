"""How a member comes: how often, since when, how regularly, to how many stores. Pure."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from statistics import median

import msgspec


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """How a member comes."""

    visit_count: int
    """How many visits there are; one a store and business day."""
    first_visit_on: date | None
    """The business day of the first visit; null: there is none."""
    last_visit_on: date | None
    """The business day of the last visit; null: there is none."""
    visit_cycle_days: float | None
    """The median of the days between two days with a visit; null before the second."""
    store_count: int
    """How many stores the member has visited."""


def describe_behaviour(visit_count: int, store_count: int, days: Sequence[int]) -> Behaviour:
    """`days`: the business days with a visit, each once and in order, counted from 0001-01-01 as day 1."""
    gaps = [later - earlier for earlier, later in pairwise(days)]
    return Behaviour(
        visit_count=visit_count,
        first_visit_on=date.fromordinal(days[0]) if days else None,
        last_visit_on=date.fromordinal(days[-1]) if days else None,
        visit_cycle_days=float(median(gaps)) if gaps else None,
        store_count=store_count,
    )
