from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ids import new_id
from kit.pages import NEWEST, InvalidCursor, PageRequest, make_page, parse_page


def test_the_first_page_begins_at_the_newest() -> None:
    request = parse_page(None, 50)
    assert request == PageRequest(NEWEST, 50)
    assert request.fetch_count == 51
    assert new_id() < NEWEST


@given(st.lists(st.uuids(), unique=True), st.integers(1, 7))
def test_pages_put_together_are_the_whole_list(ids: list[UUID], limit: int) -> None:
    ordered = sorted(ids, reverse=True)
    seen: list[UUID] = []
    cursor = None
    while True:
        request = parse_page(cursor, limit)
        rows = [each for each in ordered if each < request.before or request.before == NEWEST][: request.fetch_count]
        page = make_page(rows, request, lambda each: each)
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
        assert len(page.items) == limit
    assert seen == ordered


@pytest.mark.parametrize("cursor", ["", "A", "AAAA", "!" * 22, "A" * 21, "A" * 43, "\u00e9" * 22])
def test_what_no_page_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        parse_page(cursor, 1)


def test_ids_sort_by_creation() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(set(made))
    assert {each.version for each in made} == {7}
