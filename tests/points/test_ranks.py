"""Ranks follow from the dated amounts alone: reached, held, lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ids import ProgramId
from kit.ids import new_id
from points.ranks import DatedAmount, Period, Rank, RankRules, evaluate_rank

SILVER, GOLD = Rank("silver", {"en": "Silver"}, 100), Rank("gold", {"en": "Gold"}, 300)
BASE = Rank("member", {"en": "Member"}, 0)
NOW = datetime(2026, 5, 15, 3, tzinfo=UTC)


def rules(period: Period = "year", *ranks: Rank, zone: str = "Asia/Tokyo") -> RankRules:
    days = 30 if period == "rolling" else None
    return RankRules(
        program_id=ProgramId(new_id()),
        measure="points",
        period=period,
        rolling_days=days,
        time_zone=zone,
        ranks=ranks or (SILVER, GOLD),
        version=1,
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_below_the_lowest_there_is_none() -> None:
    standing = evaluate_rank(rules(), [DatedAmount(NOW, 99)], NOW)
    assert (standing.rank, standing.next_rank, standing.missing, standing.valid_until) == (None, SILVER, 1, None)


def test_a_year_counts_by_the_programs_calendar_and_holds_the_next() -> None:
    # New Year in Tokyo is 15:00 UTC on the day before.
    reached = [DatedAmount(utc("2025-12-31T15:00"), 100)]
    standing = evaluate_rank(rules(), reached, NOW)
    assert (standing.rank, standing.gathered, standing.valid_until) == (SILVER, 100, utc("2027-12-31T15:00"))
    early = evaluate_rank(rules(), [DatedAmount(utc("2025-12-31T14:59"), 100)], NOW)
    assert (early.rank, early.gathered, early.valid_until) == (SILVER, 0, utc("2026-12-31T15:00"))
    assert evaluate_rank(rules(), reached, utc("2027-12-31T14:59")).rank == SILVER
    assert evaluate_rank(rules(), reached, utc("2027-12-31T15:00")).rank is None


def test_the_better_of_this_period_and_the_last() -> None:
    amounts = [DatedAmount(NOW - timedelta(days=40), 300), DatedAmount(NOW, 150)]
    standing = evaluate_rank(rules("month"), amounts, NOW)
    assert (standing.rank, standing.gathered, standing.missing) == (GOLD, 150, None)
    assert evaluate_rank(rules("month"), amounts, NOW + timedelta(days=30)).rank == SILVER


def test_a_rank_for_everybody_never_ends() -> None:
    for period in ("year", "month", "rolling"):
        standing = evaluate_rank(rules(period, BASE, SILVER), [], NOW)
        assert (standing.rank, standing.valid_until, standing.missing) == (BASE, None, 100)


def test_rolling_holds_until_too_much_has_grown_old() -> None:
    amounts = [
        DatedAmount(NOW - timedelta(days=20), 60),
        DatedAmount(NOW - timedelta(days=5), 60),
        DatedAmount(NOW, 30),
    ]
    standing = evaluate_rank(rules("rolling"), amounts, NOW)
    # Without the 60 of twenty days ago 90 are left.
    assert (standing.rank, standing.gathered, standing.valid_until) == (SILVER, 150, NOW + timedelta(days=10))
    assert evaluate_rank(rules("rolling"), amounts, NOW + timedelta(days=10)).rank is None


dated = st.builds(
    DatedAmount, st.integers(0, 800 * 86_400).map(lambda ago_s: NOW - timedelta(seconds=ago_s)), st.integers(1, 150)
)


@pytest.mark.parametrize("period", ["year", "month", "rolling"])
@given(amounts=st.lists(dated, max_size=12))
def test_a_rank_holds_until_its_end_and_not_beyond(period: Period, amounts: list[DatedAmount]) -> None:
    standing = evaluate_rank(rules(period), amounts, NOW)
    if standing.valid_until is None:
        assert standing.rank is None
        return
    assert standing.rank is not None
    assert standing.valid_until > NOW
    just_before = evaluate_rank(rules(period), amounts, standing.valid_until - timedelta(microseconds=1))
    after = evaluate_rank(rules(period), amounts, standing.valid_until)
    assert just_before.rank is not None
    assert just_before.rank.threshold >= standing.rank.threshold
    assert after.rank is None or after.rank.threshold < standing.rank.threshold
