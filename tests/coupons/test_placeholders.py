"""What stands in braces in words: read, refused with what to do about it, filled once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupons.placeholders import Known, SaidWords, fill, fill_longest, find_fault, names_in

KNOWN = {
    "store": Known(),
    "points": Known("number"),
    "name": Known(is_certain=False),
    "attributes.visits": Known("number", is_certain=False),
    "attributes.has_dog": Known("flag", is_certain=False),
}


@pytest.mark.parametrize(
    "text",
    [
        "no braces, {{twice}} the brace",
        "Welcome to {store}{store}",
        "{if name}Dear {name}, {end}come in",
        "{if name}{name}様{else}お客様{end}、ようこそ",
        "{if name}{if attributes.visits}{name}: {attributes.visits}{end}{end}",
        "{count points | one: # point | other: # points}",
        "{if attributes.has_dog}Bring it.{end}",
        "\uff5b笑\uff5d",
    ],
)
def test_what_can_be_filled_passes(text: str) -> None:
    assert find_fault(text, KNOWN) is None


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("{nme}", "leave out {nme}: only {attributes.has_dog}, "),
        ("{Store}", "leave out {Store}"),
        ("{ store }", "leave out { store }"),
        ("{店名}", "leave out {店名}"),
        ("{}", "leave out {}"),
        ("{store.name}", "leave out {store.name}"),
        ("\uff5bstore\uff5dへ", "with narrow braces"),
        ("a { b", "a { stands alone"),
        ("a } b", "a } stands alone"),
        ("{store", "a { stands alone"),
        ("{{store}", "a } stands alone"),
        ("{name}様", "put {name} between {if name} and {end}"),
        ("{if name}a{else}{name}{end}", "put {name} between {if name} and {end}"),
        ("{attributes.has_dog}", "by {if attributes.has_dog} only"),
        ("{if name}a", "end {if name} with {end}"),
        ("{if name}a{else}b{else}c{end}", "one {else}"),
        ("a{end}", "leave out {end}"),
        ("a{else}b", "leave out {else}"),
        ("{if}a{end}", "leave out {}"),
        ("{if nobody}a{end}", "leave out {nobody}"),
        ("{if name == 'x'}a{end}", "leave out {name == 'x'}"),
        ("{if store}" * 6 + "{end}" * 6, "no more than 5"),
        ("{count store | other: #}", "it is no number"),
        ("{count points | one: #}", "the form other"),
        ("{count points | several: # | other: #}", "write the forms"),
        ("{count points}", "the form other"),
    ],
)
def test_what_cannot_is_refused_with_what_to_do(text: str, advice: str) -> None:
    assert advice in (find_fault(text, KNOWN) or "")


def test_where_nothing_can_be_filled_it_says_so() -> None:
    assert find_fault("{store}", {}) == "leave out {store}: nothing fills it here"


@pytest.mark.parametrize(
    ("text", "language", "filled"),
    [
        ("{store}へ", "ja", "銀座へ"),
        ("{if name}{name}様{else}お客様{end}", "ja", "佐藤様"),
        ("{if nickname}a{else}b{end}{if nickname}c{end}", "ja", "b"),
        ("{{store}} {store}", "en", "{store} 銀座"),
        ("{count points | one: # point | other: # points}", "en", "1 point"),
        ("{count many | one: # балл | few: # балла | many: # баллов | other: # балла}", "ru", "22 балла"),
        ("{count many | one: # point | other: # points}", "en", "22 points"),
        ("plain", "en", "plain"),
    ],
)
def test_filling(text: str, language: str, filled: str) -> None:
    words = SaidWords(
        language=language,
        texts={"store": "銀座", "name": "佐藤", "points": "1", "many": "22"},
        numbers={"points": 1, "many": 22},
    )
    assert fill(text, words) == filled


@given(st.text())
def test_a_value_is_never_read_again(value: str) -> None:
    words = SaidWords(language="en", texts={"name": value, "store": "x"})
    assert fill("{if name}{name}{end}|{store}|{name}", words) == f"{value}|x|{value}"


@given(st.text(st.sampled_from(list("{}ifelscount name|:# \uff5b"))))
def test_any_text_is_filled_or_refused(text: str) -> None:
    if find_fault(text, {"name": Known()}) is None:
        fill(text, SaidWords(language="en", texts={"name": "x"}))
        assert names_in(text) <= {"name"}


def test_the_longer_way_is_the_longest() -> None:
    longest = {"name": "x" * 10, "points": "1,000"}
    assert fill_longest("{if name}{name}{else}you{end}", longest, len) == "x" * 10
    assert fill_longest("{if name}a{else}dear customer{end}", longest, len) == "dear customer"
    assert fill_longest("{count points | one: # | other: # points}", longest, len) == "1,000 points"
