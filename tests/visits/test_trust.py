"""What evidence proves, what makes it doubtful, and how a visit's trust rises."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.trust import (
    TILL_EVIDENCE,
    TRUST_LEVELS,
    TRUST_OF_EVIDENCE,
    Doubt,
    EvidenceKind,
    OtherStoreEvidence,
    Trust,
    TrustRise,
    assess_trust,
    find_trust_rises,
    is_impossible_travel,
    level,
    reaches,
)

NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
KINDS = st.sampled_from(sorted(TRUST_OF_EVIDENCE))
DOUBTS = st.sets(st.sampled_from(get_args(Doubt)))
TRUST = st.sampled_from(TRUST_LEVELS)


@pytest.mark.parametrize(
    ("kind", "doubts", "trust"),
    [
        ("rotating_code", (), "high"),
        ("totp_code", (), "high"),
        ("rotating_store_qr", (), "good"),
        ("store_qr", (), "fair"),
        ("dwell", (), "modest"),
        ("card_number", (), "low"),
        ("rotating_store_qr", ("jump",), "modest"),
        ("rotating_store_qr", ("jump", "impossible_travel"), "doubtful"),
        ("store_qr", ("impossible_travel",), "low"),
        ("store_qr", ("mocked",), "doubtful"),
        ("rotating_store_qr", ("mocked",), "doubtful"),
        ("dwell", ("jump",), "doubtful"),
        # A cashier saw somebody.
        ("rotating_code", ("impossible_travel",), "fair"),
        ("card_number", ("impossible_travel",), "low"),
    ],
)
def test_the_table(kind: EvidenceKind, doubts: tuple[Doubt, ...], trust: Trust) -> None:
    assert assess_trust(kind, doubts) == trust


def test_every_kind_proves_something_and_the_order_is_the_one_of_the_design() -> None:
    assert set(TRUST_OF_EVIDENCE) == {
        kind for group in get_args(EvidenceKind) for kind in (get_args(group) or (group,))
    }
    order = ["rotating_code", "rotating_store_qr", "store_qr", "dwell", "card_number"]
    levels = [level(TRUST_OF_EVIDENCE[kind]) for kind in order]  # type: ignore[index]
    assert levels == sorted(set(levels), reverse=True)


@given(kind=KINDS, doubts=DOUBTS, more=DOUBTS)
def test_a_doubt_never_raises_and_location_alone_is_never_high(
    kind: EvidenceKind, doubts: set[Doubt], more: set[Doubt]
) -> None:
    assert (
        level(assess_trust(kind, doubts | more)) <= level(assess_trust(kind, doubts)) <= level(TRUST_OF_EVIDENCE[kind])
    )
    if kind in TILL_EVIDENCE:
        assert reaches(assess_trust(kind, doubts), "low")
    else:
        assert not reaches(assess_trust(kind, doubts), "high")
        assert "mocked" not in doubts or assess_trust(kind, doubts) == "doubtful"


@given(former=st.none() | TRUST, trusts=st.lists(TRUST, min_size=1, max_size=4))
def test_whatever_the_order_a_visit_comes_to_its_best_evidence_and_crosses_each_threshold_once(
    former: Trust | None, trusts: list[Trust]
) -> None:
    best = max([*trusts, *([former] if former else [])], key=level)
    for order in permutations(trusts):
        told = [rise for rise in find_trust_rises(former, order) if rise is not None]
        assert (told[-1].trust if told else former) == best
        for least in TRUST_LEVELS:
            crossed = sum(rise.newly_reaches(least) for rise in told)
            before = former is not None and reaches(former, least)
            assert crossed == (reaches(best, least) and not before)


def test_what_made_the_visit_was_nothing_before() -> None:
    assert find_trust_rises(None, ["low", "low", "high"]) == [TrustRise(None, "low"), None, TrustRise("low", "high")]
    assert find_trust_rises("high", ["good"]) == [None]


@pytest.mark.parametrize(
    ("distance_m", "seconds", "expected"),
    [
        (1000.0, 0, False),  # next door: clocks differ by more
        (1001.0, 0, True),
        (16_000.0, 60, False),
        (16_001.0, 60, True),
        (16_001.0, -60, True),
        (400_000.0, 3600, False),  # Tokyo to Osaka in an hour: a plane
        (9_600_000.0, 3600, True),
    ],
)
def test_impossible_travel(distance_m: float, seconds: int, expected: bool) -> None:
    assert is_impossible_travel(NOON, OtherStoreEvidence(NOON + timedelta(seconds=seconds), distance_m)) is expected
