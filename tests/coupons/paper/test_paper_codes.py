"""Codes on paper: what is printed is read again however it is typed, and a slip is told from a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupons.paper.paper_codes import (
    MAX_BATCH_NUMBER,
    MAX_CODES,
    PaperCode,
    make_paper_code,
    make_qr_text,
    read_paper_code,
    read_public_code,
)
from kit.sealing import Keyring

KEYRING, ANOTHERS = Keyring(b"k" * 32), Keyring(b"j" * 32)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
codes = st.builds(PaperCode, st.integers(1, MAX_BATCH_NUMBER), st.integers(0, MAX_CODES - 1))


@given(codes)
def test_it_is_read_as_it_was_made_and_by_nobody_else(code: PaperCode) -> None:
    printed = make_paper_code(KEYRING, code)
    assert len(printed) == 20
    for typed in (printed, make_qr_text(printed), printed.lower(), printed.replace("0", "o").replace("1", "l")):
        assert read_paper_code(KEYRING, typed) == code
    assert read_paper_code(KEYRING, printed.replace("-", " ー ")) == code
    assert read_paper_code(ANOTHERS, printed) == "unknown"
    assert read_public_code(printed) is None


@given(codes, st.integers(0, 17), st.integers(1, 31))
def test_every_single_wrong_character_is_a_slip(code: PaperCode, place: int, by: int) -> None:
    body = make_paper_code(KEYRING, code).replace("-", "")
    wrong = ALPHABET[(ALPHABET.index(body[place]) + by) % 32]
    assert read_paper_code(KEYRING, body[:place] + wrong + body[place + 1 :]) == "mistyped"


@given(codes, st.integers(0, 2**45 - 1))
def test_a_guess_with_a_right_check_character_is_unknown(code: PaperCode, guess: int) -> None:
    """Whoever knows how codes are made, and not the key, has to guess 45 bits."""
    body = make_paper_code(KEYRING, code).replace("-", "")
    guessed = "".join(ALPHABET[guess >> 5 * place & 31] for place in range(9))
    if guessed == body[8:17]:
        return
    answers = [read_paper_code(KEYRING, body[:8] + guessed + last) for last in ALPHABET]
    assert sorted(map(str, answers)) == ["mistyped"] * 31 + ["unknown"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("spring26", "SPRING26"),
        ("\uff33PRING\uff0d\uff12\uff16", "SPRING26"),  # full width
        ("abc", None),
        ("A" * 17, None),
        ("春の珈琲", None),
        ("", None),
    ],
)
def test_a_public_code_has_one_spelling(typed: str, expected: str | None) -> None:
    assert read_public_code(typed) == expected


@pytest.mark.parametrize("text", ["", "N1P", "0" * 18, "U" * 18, "0" * 400, "N1K" + "A" * 18])
def test_rubbish_is_a_slip(text: str) -> None:
    assert read_paper_code(KEYRING, text) == "mistyped"
