"""Ids that are kept as numbers."""

from uuid import UUID

from kit.arrays import IdOrder, Ids


def test_an_id_is_found_beside_others_that_begin_as_it_does() -> None:
    ids = [UUID(int=(half << 64) | number) for half in (7, 0, 2**64 - 1) for number in (5, 2**64 - 1, 0)]
    order = IdOrder(Ids.of(ids))
    assert [order.find(each) for each in ids] == list(range(9))
    for missing in (6, (7 << 64) | 6, (2**64 - 1 << 64) | 1, 8 << 64, 2**128 - 2):
        assert order.find(UUID(int=missing)) is None


def test_among_none_none_is_found() -> None:
    assert IdOrder(Ids.of([])).find(UUID(int=0)) is None
