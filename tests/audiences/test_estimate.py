"""What a part of the members tells of all: how large the part is, and where the truth lies."""

import random

import pytest

from audiences.estimate import AFFORDABLE_COST, FEWEST_JUDGED, MOST_JUDGED, Foreseen, estimate, parts_at_least, parts_of


@pytest.mark.parametrize(
    ("foreseen", "parts"),
    [
        (Foreseen(AFFORDABLE_COST, 1_000_000), 1),  # cheap, however many they are
        (Foreseen(2 * AFFORDABLE_COST, 1000), 1),  # so few that all are judged
        (Foreseen(2 * AFFORDABLE_COST, 1_000_000), 64),  # 15,625 are enough
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
