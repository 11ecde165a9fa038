"""Who falls into which arm: as many as the shares say, the same for ever, and nobody moves who need not."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.allocation import PLACES, Allocation, Piece, allocate, arm_at, is_within, place_of, share_out
from ids import MemberId
from kit.ids import new_id

SALT = bytes(range(16))
SHARES = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 1000), min_size=1).filter(lambda s: any(s.values()))


def width(allocation: Allocation) -> Counter[str]:
    counted: Counter[str] = Counter()
    for piece in allocation:
        counted[piece.arm] += piece.places
    return counted


def arms(allocation: Allocation) -> list[str]:
    """Of every place."""
    return [arm for piece in allocation for arm in [piece.arm] * piece.places]


@given(st.integers(0, 90), st.lists(SHARES, min_size=1, max_size=6))
def test_who_moves_has_to(percent: int, steps: list[dict[str, int]]) -> None:
    """As many places change hands as arms grow by, and none more; each arm has its share to a place."""
    allocation: Allocation = ()
    for shares in steps:
        former, wanted = allocation, share_out({"holdout": percent}, shares)
        allocation = allocate(former, wanted)
        assert width(allocation) == Counter(wanted)
        assert sum(wanted.values()) == PLACES
        rest, total = PLACES - percent * 100, sum(shares.values())
        assert all(abs(wanted[arm] - rest * share / total) < 1 for arm, share in shares.items())
        if former:
            moved = sum(before != after for before, after in zip(arms(former), arms(allocation), strict=True))
            grown = width(allocation) - width(former)
            assert moved == sum(grown.values())


@pytest.mark.parametrize(
    ("place", "arm"), [(0, "a"), (2_499, "a"), (2_500, "b"), (4_999, "b"), (5_000, "a"), (9_999, "a")]
)
def test_an_arm_has_its_pieces(place: int, arm: str) -> None:
    assert arm_at((Piece("a", 2_500), Piece("b", 2_500), Piece("a", 5_000)), place) == arm


def test_a_place_is_of_the_salt_and_the_member() -> None:
    """What it is must never change: members would be assigned anew."""
    member = MemberId(UUID("01a20044-7a8a-7175-9221-fa6027398268"))
    assert place_of(SALT, member) == 8_478
    assert place_of(SALT[::-1], member) != 8_478


def test_places_are_even_and_of_two_salts_independent() -> None:
    members = [MemberId(new_id()) for _ in range(10_000)]
    held = [is_within(10, SALT, each) for each in members]
    also = [is_within(50, SALT[::-1], each) for each in members]
    both = sum(a and b for a, b in zip(held, also, strict=True))
    # Five standard deviations each.
    assert abs(sum(held) - 1_000) < 5 * 30
    assert abs(both - 500) < 5 * 22
    assert all(is_within(20, SALT, each) for each, within in zip(members, held, strict=True) if within)
    assert not any(is_within(0, SALT, each) for each in members)


def test_without_a_share_nothing_is_shared() -> None:
    with pytest.raises(ValueError, match="share"):
        share_out({"holdout": 10}, {"a": 0})
