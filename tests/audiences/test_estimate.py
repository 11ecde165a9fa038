"""What a part of the members tells of all: how large the part is, and where the truth lies."""

import random

import pytest

from audiences.estimate import (
    AFFORDABLE_COST,
    FEWEST_JUDGED,
    MOST_JUDGED,
    Foreseen,
    end_of_part,
    estimate,
    parts_at_least,
    parts_for_sample,
    parts_of,
)


@pytest.mark.parametrize(
    ("foreseen", "parts"),
    [
        (Foreseen(AFFORDABLE_COST, 1_000_000), 1),  # cheap, however many they are
        (Foreseen(2 * AFFORDABLE_COST, 1000), 1),  # so few that all are judged
        (Foreseen(2 * AFFORDABLE_COST, 1_000_000), 64),  # 15,625 are enough
        (Foreseen(160 * AFFORDABLE_COST, 1_000_000), 128),  # phones, looked up one by one: 7812
        (Foreseen(1000 * AFFORDABLE_COST, 1_000_000), 256),  # dear: 3906
    ],
)
def test_the_part_follows_what_one_member_costs(foreseen: Foreseen, parts: int) -> None:
    assert parts_of(foreseen) == parts
    assert parts == 1 or FEWEST_JUDGED / 2 < foreseen.members / parts <= MOST_JUDGED


def test_a_plan_that_was_mistaken_ends_in_a_part_too() -> None:
    assert parts_of(Foreseen(1, 1_000_000)) == 1
    assert parts_at_least(Foreseen(1, 1_000_000)) == 64


@pytest.mark.parametrize("share", [0.0, 0.001, 0.12, 0.5, 0.97, 1.0])
def test_the_truth_lies_within_in_most_counts(share: float) -> None:
    luck, members, judged, counts = random.Random(7), 100_000, 2000, 300
    truth, covered = round(share * members), 0
    for _ in range(counts):
        found = sum(each < truth for each in luck.sample(range(members), judged))
        about, interval = estimate(found, judged, members)
        assert interval.at_least <= about <= interval.at_most
        assert interval.at_least >= found
        assert interval.at_most <= members - judged + found
        covered += interval.at_least <= truth <= interval.at_most
    assert covered / counts > 0.9


def test_of_nobody_nothing_is_known() -> None:
    about, interval = estimate(0, 0, 10)
    assert (about, interval.at_least, interval.at_most) == (0, 0, 10)


@pytest.mark.parametrize(
    ("matching", "members", "parts"),
    [
        (0, 1_000_000, 1),
        (255, 300, 1),
        (256, 300, 2),
        (500_000, 1_000_000, 2048),
        (8000, 1_000_000, 1),  # a part with enough of them would be 31,250
        (10_000, 1_000_000, 64),
    ],
)
def test_a_sample_comes_from_a_small_part_with_enough_of_them(matching: int, members: int, parts: int) -> None:
    assert parts_for_sample(matching, members) == parts


def test_a_part_is_the_beginning_of_the_hashes() -> None:
    assert [end_of_part(parts) for parts in (2, 4, 2**31)] == [0, -(2**30), 2 - 2**31]
