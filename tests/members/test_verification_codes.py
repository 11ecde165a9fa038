"""One-time codes: six digits, bound to their verification, read however they are typed."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ids import VerificationId
from kit.ids import new_id
from kit.sealing import Keyring
from members.verification_codes import hash_code, is_code_correct, new_code, read_code

KEYRING = Keyring(bytes(32))


def test_codes_are_six_digits_of_all_kinds() -> None:
    codes = [new_code() for _ in range(2000)]
    assert all(read_code(code) == code for code in codes)
    firsts = Counter(code[0] for code in codes)
    assert set(firsts) == set("0123456789")
    assert len(set(codes)) > 1900


@given(st.from_regex(r"[0-9]{6}", fullmatch=True), st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_a_code_confirms_its_own_verification_only(code: str, other: str) -> None:
    verification_id = VerificationId(new_id())
    stored = hash_code(KEYRING, verification_id, code)
    assert is_code_correct(KEYRING, verification_id, other, stored) is (code == other)
    assert not is_code_correct(KEYRING, VerificationId(new_id()), code, stored)
    assert not is_code_correct(Keyring(bytes(31) + b"1"), verification_id, code, stored)


def wide(text: str) -> str:
    """As a Japanese keyboard types it: full-width."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("012345", "012345"),
        (" 012 345\n", "012345"),
        ("012-345", "012345"),
        (wide("012345"), "012345"),
        (wide("012-345"), "012345"),
        ("01234", None),
        ("0123456", None),
        ("01234a", None),
        ("", None),
        ("\ufeff01\u200b23\u22124\u30fc5", "012345"),
        ("01234½", None),
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str, read: str | None) -> None:
    assert read_code(typed) == read
