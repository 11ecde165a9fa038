"""Sums over the members of an arm, and what follows from them. Pure.

The database adds whole numbers (visits, minor units of money), so the sums are exact, and are centred before anything
is rounded: squares of large amounts lose nothing.
"""

import msgspec


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """Of `members`, what each did after (`y`) and before (`x`) they were first eligible: sums, squares, products."""

    members: int
    y: int
    yy: int
    x: int
    xx: int
    xy: int


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """Means, and sums of squares and products about the means."""

    members: int
    mean_y: float
    mean_x: float
    yy: float
    xx: float
    xy: float


def moments_of(sums: Sums) -> Moments:
    """Raises ZeroDivisionError where there are no members."""
    n = sums.members
    return Moments(
        members=n,
        mean_y=sums.y / n,
        mean_x=sums.x / n,
        yy=(n * sums.yy - sums.y * sums.y) / n,
        xx=(n * sums.xx - sums.x * sums.x) / n,
        xy=(n * sums.xy - sums.x * sums.y) / n,
    )
