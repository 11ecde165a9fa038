"""The clean-up before every reader of what a till scans or types."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.scanned_text import clean_scanned
from tests.support.scanning import ADDED, DASHES, as_read, widen


def wide(text: str) -> str:
    return "".join(map(widen, text))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("2912345678906", "2912345678906"),
        (f"{wide('2912')}\u3000{wide('345678906')}", "2912345678906"),
        (f"]E0{wide('29123456-7890')}\u30fc{wide('6')}", "29123456-7890-6"),
        ("\x02]E02912345678906\x03\r\n", "2912345678906"),
        ("]C1\x1d20261121\u22120042\x03", "20261121-0042"),
        ("\ufeffN1K\u200bABC", "N1KABC"),
        ("1234\r\n5678\n90", "1234567890"),
        ("1\ufe0f\u20e32", "1\u20e32"),  # a keycap's frame is seen: it is the reader's to refuse
        ("]", "]"),
        ("]E", "]E"),
        ("a]E0b", "a]E0b"),
        ("]E0]C1x", "x"),
        (wide("1/2"), "1/2"),
        ("カード", "カ-ド"),
        ("\ud800", "\ud800"),
        ("", ""),
    ],
)
def test_what_was_added_goes_and_all_else_stays(text: str, cleaned: str) -> None:
    assert clean_scanned(text) == cleaned


@given(
    st.text(st.characters(codec=None)) | st.text(st.sampled_from([*ADDED, *DASHES, *"]E0C1", "\u0301", "\uff9e", "e"]))
)
@example("e\u200b\u0301")
@example("\u1112\u115f\u1161")
@example("]E\u00a00]E0")
def test_a_second_time_changes_nothing(text: str) -> None:
    once = clean_scanned(text)
    assert clean_scanned(once) == once


def test_no_character_of_a_kind_is_left_behind() -> None:
    for first in range(0, sys.maxunicode + 1, 0x1000):  # each character between two digits
        cleaned = clean_scanned("1".join(["", *map(chr, range(first, first + 0x1000)), ""]))
        kinds = {character: unicodedata.category(character) for character in set(cleaned)}
        left = {character for character, kind in kinds.items() if kind in {"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"}}
        assert left <= {"-"}, [hex(ord(character)) for character in left]


@given(
    st.from_regex(r"[A-Za-z0-9/.-]{1,40}", fullmatch=True).flatmap(lambda text: st.tuples(st.just(text), as_read(text)))
)
def test_whatever_adds_to_it_the_same_text_comes_out(texts: tuple[str, str]) -> None:
    text, read = texts
    assert clean_scanned(read) == text
