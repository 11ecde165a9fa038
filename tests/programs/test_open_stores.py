"""Stores in columns under changes equal a plain mapping, however many come and go."""

from collections.abc import Mapping
from datetime import time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ids import StoreId
from kit.steps import run_through
from programs import open_stores
from programs.open_stores import MAX_OVERLAY_SIZE, OpenStores, StoreColumns
from programs.opening_hours import OpeningHours
from programs.store import OpenStore

WEEKS: list[OpeningHours | None] = [None, {}, {"mon": [(time(9), time(21))], "fri": [(time(18), time(2))]}]

keys = st.integers(0, 9).map(lambda number: StoreId(UUID(int=number)))
stores = st.builds(
    OpenStore,
    st.text(max_size=3),
    st.sampled_from(["", "喫茶店", "Café 24"]),
    st.sampled_from([ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Paris")]),
    st.sampled_from(WEEKS),
    st.integers(0, 23),
)
edits = st.dictionaries(keys, st.one_of(st.none(), stores), max_size=5)

Stores = Mapping[StoreId, OpenStore]


@settings(max_examples=40)
@given(st.dictionaries(keys, stores), st.lists(edits, max_size=8), st.integers(0, 6))
def test_they_equal_a_plain_mapping(
    first: Stores, course: list[Mapping[StoreId, OpenStore | None]], largest: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(open_stores, "MAX_OVERLAY_SIZE", largest)
        plain, current = dict(first), OpenStores(StoreColumns.of(first))
        for changes in course:
            earlier, before = current, dict(plain)
            current = run_through(current.change_in_steps(changes))
            plain = {key: store for key, store in {**plain, **changes}.items() if store is not None}
            assert dict(current) == plain
            assert len(current) == len(plain)
            everyone = [StoreId(UUID(int=number)) for number in range(11)]
            assert [current.get(key) for key in everyone] == [plain.get(key) for key in everyone]
            assert dict(earlier) == before


def test_a_few_changes_share_the_columns_and_many_make_new_ones() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    known = {StoreId(UUID(int=number)): OpenStore(str(number), "Shop", tokyo, None, 4) for number in range(700)}
    base = OpenStores(StoreColumns.of(known))
    few = run_through(base.change_in_steps(dict.fromkeys(list(known)[:2])))
    assert few.columns is base.columns
    many = run_through(base.change_in_steps(dict.fromkeys(list(known)[: MAX_OVERLAY_SIZE + 1])))
    assert len(many.columns) == len(many) == 700 - MAX_OVERLAY_SIZE - 1
