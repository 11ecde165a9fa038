from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.codes import (
    CardCode,
    CouponCode,
    make_card_code,
    make_coupon_code,
    read_card_code,
    read_coupon_code,
)
from kit.sealing import Keyring

KEYRING = Keyring(bytes(range(32)))
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@given(st.uuids(), st.integers(1, 65_535))
def test_a_card_code_comes_back_however_a_scanner_writes_it(member_id: UUID, generation: int) -> None:
    code = make_card_code(KEYRING, member_id, generation)
    assert len(code) == 58
    assert set(code[3:]) <= set(ALPHABET), "what a QR code packs best"
    for read in (code, code.lower(), f" {code}\r\n"):
        assert read_card_code(KEYRING, read) == CardCode(member_id, generation)


@given(st.uuids(), st.integers(3, 57), st.sampled_from(ALPHABET))
def test_a_changed_card_code_is_not_taken(member_id: UUID, position: int, character: str) -> None:
    code = make_card_code(KEYRING, member_id, 1)
    changed = code[:position] + character + code[position + 1 :]
    assert (read_card_code(KEYRING, changed) == CardCode(member_id, 1)) is (changed == code)


def test_a_code_has_one_spelling() -> None:
    """The last character of Base32 has bits to spare."""
    card, coupon = make_card_code(KEYRING, UUID(int=1), 1), make_coupon_code(UUID(int=1), UUID(int=2))
    for character in ALPHABET:
        other = card[:-1] + character
        assert (read_card_code(KEYRING, other) == CardCode(UUID(int=1), 1)) is (other == card)
        other = coupon[:-1] + character
        assert (read_coupon_code(other) == CouponCode(UUID(int=1), UUID(int=2))) is (other == coupon)


def test_only_our_secret_makes_cards() -> None:
    code = make_card_code(Keyring(bytes(32)), UUID(int=1), 1)
    assert read_card_code(KEYRING, code) == "forged"


@given(st.uuids(), st.uuids())
def test_a_coupon_code_comes_back(member_id: UUID, coupon_id: UUID) -> None:
    code = make_coupon_code(member_id, coupon_id)
    assert len(code) == 55
    assert read_coupon_code(f" {code.lower()} ") == CouponCode(member_id, coupon_id)


@pytest.mark.parametrize(
    "text", ["", "N1C", "N1K", "N1C" + "A" * 54, "N1C" + "A" * 56, "N1C" + "1" * 55, "X" * 58, "N1K\x00"]
)
def test_what_is_no_code(text: str) -> None:
    assert read_card_code(KEYRING, text) == "not_a_code"
    assert read_coupon_code(text) is None


@given(st.text(max_size=80))
def test_any_text_may_be_scanned(text: str) -> None:
    assert read_card_code(KEYRING, text) in ("not_a_code", "forged")
    assert read_coupon_code("N1K" + text) is None or len(text.strip()) == 52


def test_codes_of_cards_and_coupons_do_not_stand_in_for_each_other() -> None:
    assert read_coupon_code(make_card_code(KEYRING, UUID(int=1), 1)) is None
    assert read_card_code(KEYRING, make_coupon_code(UUID(int=1), UUID(int=2))) == "not_a_code"
