"""Whether the arms are as large as their shares say: a chi-square test of the sample ratio. Pure.

Arms that are not mean that somebody is lost or added on the way (Fabijan et al.: "Diagnosing sample ratio mismatch in
online controlled experiments", KDD 2019): then no figure of the experiment can be trusted. Members are compared with
the shares that held when they were assigned; the statistics of several shares add up.
"""

from collections.abc import Mapping, Sequence

import msgspec

from experiments.allocation import PLACES, Allocation
from experiments.distributions import chi_square_tail
from experiments.experiment import CAMPAIGN, PROGRAM_HOLDOUT

# What chance alone does once in a thousand experiments.
SUSPICIOUS_BELOW = 0.001
# Of a smaller expectation the statistic is no chi-square.
_MIN_EXPECTED = 5


class Counted(msgspec.Struct, frozen=True):
    """How many members were assigned to each arm by the same shares."""

    allocation: Allocation | None
    program_percent: int
    members: Mapping[str, int]


class SampleRatio(msgspec.Struct, frozen=True):
    p_value: float
    is_suspicious: bool


def check_sample_ratio(counted: Sequence[Counted]) -> SampleRatio | None:
    """None where too few were assigned, or all to one arm."""
    statistic, degrees = 0.0, 0
    for each in counted:
        total = sum(each.members.values())
        expected = {arm: share * total for arm, share in expected_shares(each.allocation, each.program_percent).items()}
        if len(expected) < 2 or min(expected.values()) < _MIN_EXPECTED:
            continue
        statistic += sum((each.members.get(arm, 0) - hoped) ** 2 / hoped for arm, hoped in expected.items())
        degrees += len(expected) - 1
    if not degrees:
        return None
    p_value = chi_square_tail(statistic, degrees)
    return SampleRatio(p_value, p_value < SUSPICIOUS_BELOW)


def expected_shares(allocation: Allocation | None, program_percent: int) -> dict[str, float]:
    """By arm, those only that can get somebody. `allocation` None: there was no experiment."""
    rest = 1 - program_percent / 100
    shares = {PROGRAM_HOLDOUT: program_percent / 100} if program_percent else {}
    if allocation is None:
        return shares | {CAMPAIGN: rest}
    for piece in allocation:
        shares[piece.arm] = shares.get(piece.arm, 0.0) + rest * piece.places / PLACES
    return shares
