"""The statistics: against SciPy on whole rows, against a known effect, and where nothing can be told."""

from typing import Any

import numpy as np
import pytest

from bench.simulated_members import Population
from experiments.allocation import Piece
from experiments.always_valid import NARROWEST_AT, widen
from experiments.effects import MIN_MEMBERS, Effect, Stratum, compare
from experiments.moments import Sums, moments_of
from experiments.sample_ratio import Counted, check_sample_ratio


@pytest.fixture
def stats() -> Any:
    """SciPy's. Every process imports this file, and one of them needs it, which takes a second."""
    from scipy import stats  # noqa: PLC0415

    return stats


def sums(y: list[int], x: list[int]) -> Sums:
    pairs = list(zip(y, x, strict=True))
    return Sums(
        members=len(y),
        y=sum(y),
        yy=sum(each * each for each in y),
        x=sum(x),
        xx=sum(each * each for each in x),
        xy=sum(a * b for a, b in pairs),
    )


def effect_of(*strata: tuple[Sums, Sums]) -> Effect:
    effect = compare([Stratum(moments_of(treated), moments_of(control)) for treated, control in strata])
    assert effect is not None
    return effect


def test_without_a_past_it_is_welchs_interval(stats: Any) -> None:
    """Of yen by the million, whose squares no float holds."""
    rng = np.random.default_rng(3)
    treated = [int(each) for each in rng.integers(10**9, 10**9 + 5000, 80)]
    control = [int(each) for each in rng.integers(10**9, 10**9 + 900, 300)]
    found = effect_of((sums(treated, [0] * 80), sums(control, [0] * 300)))
    judge = stats.ttest_ind(treated, control, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((judge.low, judge.high), rel=1e-9)
    assert found.variance_left == 1
    assert found.always_high - found.always_low > found.high - found.low


def test_the_past_is_taken_off(stats: Any) -> None:
    """As the residuals of the slope that both arms have together show it."""
    rng = np.random.default_rng(4)
    x = rng.poisson(5, 400)
    y = 2 * x + rng.poisson(2, 400) + np.where(np.arange(400) < 150, 1, 0)
    arms = [(y[:150], x[:150]), (y[150:], x[150:])]
    found = effect_of(tuple(sums(a.tolist(), b.tolist()) for a, b in arms))  # type: ignore[arg-type]
    within = [(a - a.mean(), b - b.mean()) for a, b in arms]
    slope = sum((a * b).sum() for a, b in within) / sum((b * b).sum() for _, b in within)
    judge = stats.ttest_ind(*(a - slope * b for a, b in arms), equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((judge.low, judge.high), rel=1e-9)
    assert found.variance_left < 0.2
    assert 0.5 < found.difference < 1.5


def test_a_change_of_the_shares_passes_for_no_effect() -> None:
    """First few are held out and everybody comes often; then half are, and nobody does. Nothing was brought."""
    busy, quiet = [3, 5] * 100, [0, 2] * 100
    found = effect_of((sums(busy * 9, busy * 9), sums(busy, busy)), (sums(quiet, quiet), sums(quiet, quiet)))
    assert found.difference == pytest.approx(0, abs=1e-12)
    pooled = effect_of((sums([*busy * 9, *quiet], [0] * 2000), sums([*busy, *quiet], [0] * 400)))
    assert pooled.low > 0.5


def test_few_members_tell_nothing() -> None:
    enough = sums([1, 2] * MIN_MEMBERS, [0] * 2 * MIN_MEMBERS)
    few = sums([1] * (MIN_MEMBERS - 1), [0] * (MIN_MEMBERS - 1))
    assert compare([Stratum(moments_of(enough), moments_of(few))]) is None
    assert compare([]) is None


def test_where_nobody_does_anything_the_bounds_are_nought() -> None:
    nothing = sums([0] * 100, [0] * 100)
    found = effect_of((nothing, nothing))
    assert (found.difference, found.low, found.high, found.always_low, found.lift) == (0, 0, 0, 0, None)


def test_the_lift_is_a_share_of_the_control() -> None:
    found = effect_of((sums([3, 5] * 200, [0] * 400), sums([1, 3] * 200, [0] * 400)))
    assert found.lift == pytest.approx(1.0)
    assert found.lift_low is not None
    assert found.lift_high is not None
    # Both means are uncertain: wider than the difference's bounds as a share of the control's mean.
    assert found.lift_high - found.lift_low > (found.high - found.low) / 2


@pytest.mark.parametrize("effect", [0.0, 0.2])
def test_95_per_cent_of_the_intervals_hold_the_effect(effect: float) -> None:
    """Of 2,000 simulations 93.5 to 96.5 %: three standard deviations."""
    found = [compare([each]) for each in Population(effect, seed=11).draw(300, 2000).strata(300)]
    held = [each.low <= effect <= each.high for each in found if each is not None]
    assert len(held) == 2000
    assert 0.935 <= sum(held) / 2000 <= 0.965


def test_always_valid_bounds_hold_at_all_looks_at_once() -> None:
    """And those for one look do not: that is what they are for. `./run bench experiments` looks more often."""
    drawn = Population(0.0, seed=12).draw(2000, 200)
    always, once = np.ones(200, bool), np.ones(200, bool)
    for members in range(200, 2001, 200):
        found = [compare([each]) for each in drawn.strata(members)]
        always &= np.array([each is not None and each.always_low <= 0 <= each.always_high for each in found])
        once &= np.array([each is not None and each.low <= 0 <= each.high for each in found])
    assert always.mean() >= 0.95
    assert once.mean() < 0.9


def test_bounds_are_narrowest_where_they_say() -> None:
    widths = {members: widen(1.0, members, 0.05) for members in (100, 1_000, NARROWEST_AT, 25_000, 10**6)}
    assert min(widths, key=lambda members: widths[members]) == NARROWEST_AT
    assert widths[NARROWEST_AT] == pytest.approx(3.035, abs=0.001)


HALVES = (Piece("holdout", 1000), Piece("a", 4500), Piece("b", 4500))


@pytest.mark.parametrize(
    ("counted", "suspicious"),
    [
        ([Counted(HALVES, 0, {"holdout": 105, "a": 440, "b": 455})], False),
        ([Counted(HALVES, 0, {"holdout": 105, "a": 380, "b": 515})], True),
        # Nobody came into an arm that should have some.
        ([Counted(HALVES, 0, {"holdout": 105, "b": 895})], True),
        # A tenth is held out of everything first.
        ([Counted(HALVES, 10, {"program_holdout": 100, "holdout": 95, "a": 400, "b": 405})], False),
        ([Counted(None, 10, {"program_holdout": 20, "campaign": 980})], True),
        # Each by the shares that held: together they would be suspicious.
        (
            [
                Counted(HALVES, 0, {"holdout": 95, "a": 460, "b": 445}),
                Counted(None, 50, {"program_holdout": 505, "campaign": 495}),
            ],
            False,
        ),
        ([Counted(HALVES, 0, {"a": 3})], None),
        ([Counted(None, 0, {"campaign": 1000})], None),
        ([], None),
    ],
)  # fmt: skip
def test_arms_are_as_large_as_their_shares(counted: list[Counted], suspicious: bool | None) -> None:
    ratio = check_sample_ratio(counted)
    assert (None if ratio is None else ratio.is_suspicious) is suspicious


def test_the_sample_ratio_is_scipys(stats: Any) -> None:
    members = {"holdout": 120, "a": 430, "b": 450}
    ratio = check_sample_ratio([Counted(HALVES, 0, members)])
    assert ratio is not None
    assert ratio.p_value == pytest.approx(stats.chisquare([120, 430, 450], [100, 450, 450]).pvalue)
