"""What an arm brought against another one: the difference of means, its interval, and the lift. Pure.

The unit is the member, which is what is assigned. Who was assigned counts, whatever became of it (intention to treat).

- Variance: CUPED (Deng, Xu, Kohavi, Walker: "Improving the sensitivity of online controlled experiments by utilizing
  pre-experiment data", WSDM 2013). A member's behaviour before they were eligible is taken off, times the slope `theta`
  that all arms have together.
- Strata: members who were assigned while the shares were the same are compared with each other, and the differences
  are weighed by how many they are. So a change of the shares does not pass for an effect.
- Interval: Welch's, with Student's t and Satterthwaite's degrees of freedom.
- Lift: the difference as a share of the control's mean; its interval by the delta method, as both are uncertain.
- Bounds that hold however often one looks: `experiments.always_valid`.
"""

from collections.abc import Sequence
from math import sqrt

import msgspec

from experiments.always_valid import widen
from experiments.distributions import student_quantile
from experiments.moments import Moments

CONFIDENCE = 0.95
# Of fewer a mean is no normal variable yet, and an interval would promise too much.
MIN_MEMBERS = 50


class Stratum(msgspec.Struct, frozen=True):
    """Those of two arms who were assigned by the same shares."""

    treated: Moments
    control: Moments

    @property
    def members(self) -> int:
        return self.treated.members + self.control.members

    @property
    def arms(self) -> tuple[Moments, Moments]:
        return self.treated, self.control


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """A difference a member, in the unit of the measure, with 95 % bounds.

    `low`, `high`: for one look at the end. `always_low`, `always_high`: for looks at any time, all of them together.
    `lift`: as a share of the control's mean; None where that is 0. `variance_left`: of the variance without CUPED.
    """

    difference: float
    low: float
    high: float
    always_low: float
    always_high: float
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    variance_left: float


class _Arm(msgspec.Struct, frozen=True):
    """A mean over the strata, its variance, and the part of it that Satterthwaite's formula divides by."""

    mean: float
    variance: float
    by_degrees: float


def compare(strata: Sequence[Stratum]) -> Effect | None:
    """None where an arm has too few members to tell."""
    strata = [each for each in strata if min(arm.members for arm in each.arms) >= 2]
    if any(sum(each.arms[place].members for each in strata) < MIN_MEMBERS for place in (0, 1)):
        return None
    theta = _slope(strata)
    treated, control = _adjust(strata, 0, theta), _adjust(strata, 1, theta)
    difference, variance = treated.mean - control.mean, treated.variance + control.variance
    by_degrees = treated.by_degrees + control.by_degrees
    quantile = student_quantile((1 + CONFIDENCE) / 2, variance**2 / by_degrees) if by_degrees else 0.0
    radius = quantile * sqrt(variance)
    always = widen(sqrt(variance), sum(each.members for each in strata), 1 - CONFIDENCE)
    plain = sum(_adjust(strata, place, 0.0).variance for place in (0, 1))
    lift, lift_radius = _lift(treated, control, quantile)
    return Effect(
        difference=difference,
        low=difference - radius,
        high=difference + radius,
        always_low=difference - always,
        always_high=difference + always,
        lift=lift,
        lift_low=None if lift is None else lift - lift_radius,
        lift_high=None if lift is None else lift + lift_radius,
        variance_left=variance / plain if plain else 1.0,
    )


def _slope(strata: Sequence[Stratum]) -> float:
    xx = sum(arm.xx for each in strata for arm in each.arms)
    return sum(arm.xy for each in strata for arm in each.arms) / xx if xx else 0.0


def _adjust(strata: Sequence[Stratum], place: int, theta: float) -> _Arm:
    total = sum(each.members for each in strata)
    mean = variance = by_degrees = 0.0
    for each in strata:
        arm, weight = each.arms[place], each.members / total
        mean_x = sum(one.members * one.mean_x for one in each.arms) / each.members
        # Never below 0 but by rounding.
        spread = max(arm.yy - 2 * theta * arm.xy + theta**2 * arm.xx, 0.0)
        part = weight**2 * spread / (arm.members - 1) / arm.members
        mean += weight * (arm.mean_y - theta * (arm.mean_x - mean_x))
        variance += part
        by_degrees += part**2 / (arm.members - 1)
    return _Arm(mean, variance, by_degrees)


def _lift(treated: _Arm, control: _Arm, quantile: float) -> tuple[float | None, float]:
    if control.mean <= 0:
        return None, 0.0
    ratio = treated.mean / control.mean
    return ratio - 1, quantile * sqrt(treated.variance + ratio**2 * control.variance) / control.mean
