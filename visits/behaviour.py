"""How a member comes: how often, since when, how regularly, to which stores. Pure."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from statistics import median
from uuid import UUID

import msgspec


class Behaviour(msgspec.Struct, frozen=True):
    """`visit_cycle_days`: the median of the days between two days with a visit; None before the second."""

    visit_count: int
    first_visit_on: date | None
    last_visit_on: date | None
    visit_cycle_days: float | None
    store_count: int


def describe_behaviour(visits: Sequence[tuple[UUID, date]]) -> Behaviour:
    """From (store_id, business_day) pairs, each once."""
    days = sorted({day for _, day in visits})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return Behaviour(
        len(visits),
        days[0] if days else None,
        days[-1] if days else None,
        float(median(gaps)) if gaps else None,
        len({store_id for store_id, _ in visits}),
    )
