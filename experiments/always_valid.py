"""Bounds that hold at every look at once, however often and whenever one looks. Pure.

An asymptotic confidence sequence, from Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas: "Time-uniform central limit theory
and asymptotic confidence sequences", Annals of Statistics 52 (2024), Theorem 2.2: about a mean with the standard error
s after n observations, s * sqrt(2 (n rho^2 + 1) / (n rho^2) * ln(sqrt(n rho^2 + 1) / alpha)). `rho` makes the bounds
narrowest after so many members; it is fixed beforehand, since one that follows the data would spoil the promise. No
library of Python that is kept up has it.
"""

from math import log, sqrt

NARROWEST_AT = 5_000


def widen(standard_error: float, members: int, alpha: float) -> float:
    """The half width after so many members of both arms together."""
    times = members * _rho_squared(alpha)
    return standard_error * sqrt(2 * (times + 1) / times * log(sqrt(times + 1) / alpha))


def _rho_squared(alpha: float) -> float:
    """Close to the best for `NARROWEST_AT`; the exact one is a value of Lambert's W."""
    return (-2 * log(alpha) + log(-2 * log(alpha)) + 1) / NARROWEST_AT
