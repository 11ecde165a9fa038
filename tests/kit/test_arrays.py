"""Ids that are kept as numbers, and what is put in order by digits."""

from uuid import UUID

import numpy as np

from kit.arrays import IdOrder, Ids, sort_degrees
from kit.steps import run_through


def test_an_id_is_found_beside_others_that_begin_as_it_does() -> None:
    ids = [UUID(int=(half << 64) | number) for half in (7, 0, 2**64 - 1) for number in (5, 2**64 - 1, 0)]
    order = IdOrder.of(Ids.of(ids))
    assert [order.find(each) for each in ids] == list(range(9))
    for missing in (6, (7 << 64) | 6, (2**64 - 1 << 64) | 1, 8 << 64, 2**128 - 2):
        assert order.find(UUID(int=missing)) is None


def test_among_none_none_is_found() -> None:
    assert IdOrder.of(Ids.of([])).find(UUID(int=0)) is None


def test_degrees_are_put_in_their_order() -> None:
    """Also where they fill all digits, and at the ends of the map."""
    degrees = np.random.default_rng(1).permutation(np.linspace(-180, 180, 70_000))
    assert degrees[run_through(sort_degrees(degrees))].tolist() == sorted(degrees.tolist())
    assert run_through(sort_degrees(np.empty(0))).tolist() == []
