"""A coupon's code: made of the ids and of what only we can make, and read in one spelling."""

from base64 import b32encode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupons.coupon_codes import CouponCode, make_coupon_code, read_coupon_code
from ids import CouponId, MemberId
from kit.sealing import Keyring

KEYRING = Keyring(bytes(32))
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
MEMBER, COUPON = MemberId(UUID(int=1)), CouponId(UUID(int=2))


def test_every_character_counts() -> None:
    code = make_coupon_code(KEYRING, MEMBER, COUPON)
    assert read_coupon_code(KEYRING, code) == CouponCode(MEMBER, COUPON)
    for place in range(len(code)):
        for character in ALPHABET:
            if character != code[place]:
                assert read_coupon_code(KEYRING, code[:place] + character + code[place + 1 :]) is None


def test_it_is_nobodys_who_knows_the_ids() -> None:
    ids = MEMBER.bytes + COUPON.bytes
    for mac in (b"", bytes(13), ids[:13]):
        assert read_coupon_code(KEYRING, "N1K" + b32encode(ids + mac).rstrip(b"=").decode()) is None
    assert read_coupon_code(KEYRING, make_coupon_code(Keyring(bytes(31) + b"x"), MEMBER, COUPON)) is None


@given(st.uuids(), st.uuids())
def test_a_coupon_code_comes_back(member_id: MemberId, coupon_id: CouponId) -> None:
    code = make_coupon_code(KEYRING, member_id, coupon_id)
    assert len(code) == 75
    assert code == make_coupon_code(KEYRING, member_id, coupon_id)
    assert read_coupon_code(KEYRING, f" {code.lower()} ") == CouponCode(member_id, coupon_id)


@pytest.mark.parametrize("text", ["", "N1C", "N1K", "N1K" + "A" * 71, "N1K" + "A" * 72, "N1K" + "A" * 73, "N1K\x00"])
def test_what_is_no_code(text: str) -> None:
    assert read_coupon_code(KEYRING, text) is None


@given(st.text(max_size=100))
def test_any_text_may_be_scanned(text: str) -> None:
    assert read_coupon_code(KEYRING, "N1K" + text) is None
