"""A mapping under changes equals a plain one, however many come and go."""

from hypothesis import given
from hypothesis import strategies as st

import kit.overlay
from kit.overlay import MAX_OVERLAY_SIZE, OverlaidMapping
from kit.steps import run_through

edits = st.dictionaries(st.integers(0, 9), st.one_of(st.none(), st.integers()), max_size=5)


@given(st.dictionaries(st.integers(0, 9), st.integers()), st.lists(edits, max_size=8), st.integers(0, 6))
def test_it_equals_a_plain_mapping(first: dict[int, int], course: list[dict[int, int | None]], largest: int) -> None:
    kit.overlay.MAX_OVERLAY_SIZE = largest
    try:
        plain, current = dict(first), OverlaidMapping(first)
        for changes in course:
            earlier, before = current, dict(plain)
            current = run_through(current.change_in_steps(changes))
            plain = {key: value for key, value in {**plain, **changes}.items() if value is not None}
            assert dict(current) == plain
            assert len(current) == len(plain)
            assert [current.get(key) for key in range(10)] == [plain.get(key) for key in range(10)]
            assert dict(earlier) == before
    finally:
        kit.overlay.MAX_OVERLAY_SIZE = MAX_OVERLAY_SIZE


def test_a_few_changes_share_the_base_and_many_make_a_new_one() -> None:
    base = {number: str(number) for number in range(25_000)}
    few = run_through(OverlaidMapping(base).change_in_steps({1: "one", 2: None}))
    assert few._base is base
    many = OverlaidMapping(base).change_in_steps(dict.fromkeys(range(MAX_OVERLAY_SIZE + 1)))
    assert sum(1 for _ in many) == 3, "in steps"
