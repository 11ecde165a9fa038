"""Cutting a body into records by its brackets and quotes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.salvage import read_elements, read_text, split_members

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(values=st.lists(VALUES, max_size=4), ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_what_is_json_is_read_as_it_is(values: list[object], ascii_only: bool, indent: int | None) -> None:
    written = json.dumps({"a": 1, "list": values}, ensure_ascii=ascii_only, indent=indent)
    assert list(read_elements(split_members(written)["list"])) == values


@given(body=st.binary(max_size=40) | st.text(st.sampled_from('[]{}",:\\ 1a'), max_size=20).map(str.encode))
def test_nothing_makes_it_fail(body: bytes) -> None:
    text = read_text(body)
    for written in (text, *split_members(text).values()):
        assert isinstance(list(read_elements(written)), list)


@pytest.mark.parametrize(
    ("written", "elements"),
    [
        ("[]", []),
        ("[ 1, ]", [1]),
        ("[1,,2]", [1, None, 2]),
        ("[1, 2", [1, 2]),
        ('[1, {"a": "b', [1, None]),
        ('[1, "a\\"], 2]', [1, None]),
        ('["],[", {"]": ["}"]}] [3]', ["],[", {"]": ["}"]}]),
    ],
)
def test_what_is_not_in_order_gives_what_it_holds(written: str, elements: list[object]) -> None:
    assert list(read_elements(written)) == elements


def test_a_string_that_does_not_end_takes_no_longer_than_its_length() -> None:
    """By the square of it, this would not end today."""
    assert list(read_elements('["' + '\\"' * 1_000_000)) == [None]
