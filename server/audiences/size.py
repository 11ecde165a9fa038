"""How many members an audience has, as the API tells it."""

import msgspec

from ids import MemberId


class UnknownCount(msgspec.Struct, frozen=True):
    """A condition that is unknown of some members."""

    at: str
    """Where it stands in the tree, such as `tree.of[1]`, with the audiences that the tree refers to in their places."""
    members: int
    """Of how many of the members of whom the whole is unknown."""


class AudienceSize(msgspec.Struct, frozen=True, kw_only=True):
    """How many members an audience has at a moment."""

    members: int
    """How many active members there are: those of the program, or whose home store is one of yours."""
    is_estimate: bool
    """True: to judge all of them would take long, so a part was, and the numbers are what it tells of all."""
    matching: int
    """How many of them are in the audience; of an estimate, about how many."""
    matching_at_least: int
    """So many or more are in it; of an estimate, in 95 of 100 such counts."""
    matching_at_most: int
    """So many or fewer are in it; of an estimate, in 95 of 100 such counts."""
    share: float
    """How large a part that is, from 0 to 1; 0 where there are no members."""
    unknown: int
    """Of how many it is unknown; they are not in it."""
    unknown_by: list[UnknownCount]
    """Which conditions are unknown of those, the most frequent first."""
    in_steps_of: int = 1
    """To owners 1. To managers of stores 10: they see no members, so a number that narrows down to a few would tell of
    one. All numbers are rounded down to a multiple of it, and fewer than ten are 0."""
    sample: list[MemberId] | None
    """Some who are in it. Null: only owners see members."""
