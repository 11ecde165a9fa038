"""What counting an audience would take, and what is told of all members by a part of them. Pure.

A part is one of 2, 4, 8, … parts of equal size that a hash of the members' ids makes: the same members each time, and
none chosen by anything that an audience asks for.
"""

from math import ceil, floor, sqrt

import msgspec

# What PostgreSQL's planner says of a statement that takes some 0.2 s: a page in order is 1. A million members by their
# facts are 40,000; a set of as many coupons beside them 25,000 more, which take five times as long as it thinks.
AFFORDABLE_COST = 50_000.0
# What it says of members who are looked up one by one, beside their facts, is more than they cost: pages are in memory.
_AFFORDABLE_LOOKED_UP = 80_000.0
# Fewer tell too little, more take too long however cheap each one is.
FEWEST_JUDGED, MOST_JUDGED = 4096, 16_384
# So many of a part are in an audience that there are twenty of them for certain.
_FEWEST_SAMPLED = 128
_HASHES = 2**32
_Z = 1.959964  # of a standard normal, 95 % lie within


class Foreseen(msgspec.Struct, frozen=True):
    """By the planner: what the count costs, of how many members."""

    cost: float
    members: float


class Interval(msgspec.Struct, frozen=True):
    at_least: int
    at_most: int


def parts_of(foreseen: Foreseen) -> int:
    """Into how many parts members are to be divided, one of which is judged; 1: all are."""
    return 1 if foreseen.cost <= AFFORDABLE_COST else parts_at_least(foreseen)


def parts_at_least(foreseen: Foreseen) -> int:
    """The same where all take too long, whatever was foreseen. 1: they are so few that all are judged nevertheless."""
    each = max(foreseen.cost, AFFORDABLE_COST) / max(foreseen.members, 1.0)
    judged = min(max(_AFFORDABLE_LOOKED_UP / each, FEWEST_JUDGED), MOST_JUDGED)
    parts = 1
    while foreseen.members / parts > judged:
        parts *= 2
    return parts


def parts_for_sample(matching: int, members: int) -> int:
    """Into how many parts members may be divided so that one of them has a sample of the `matching`. 1: where that part
    would be large, reading all in their order takes less.
    """
    parts = 1
    while matching >= 2 * parts * _FEWEST_SAMPLED:
        parts *= 2
    return parts if members <= parts * MOST_JUDGED else 1


def end_of_part(parts: int) -> int:
    """The hash (32 bits, with a sign) before which one of so many parts lies."""
    return _HASHES // parts - _HASHES // 2


def estimate(found: int, judged: int, members: int) -> tuple[int, Interval]:
    """Of how many members something is true that is true of `found` out of `judged`, and between which numbers it lies
    in 95 of 100 such counts (Wilson's interval).
    """
    if judged == 0:
        return 0, Interval(0, members)
    share = found / judged
    spread = _Z * _Z / judged
    middle = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * sqrt(share * (1 - share) / judged + spread / (4 * judged))
    at_least = max(found, floor((middle - half) * members))
    at_most = min(members - (judged - found), ceil((middle + half) * members))
    return min(max(round(share * members), at_least), at_most), Interval(at_least, at_most)
