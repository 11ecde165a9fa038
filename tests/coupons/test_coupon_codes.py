from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupons.coupon_codes import CouponCode, make_coupon_code, read_coupon_code
from ids import CouponId, MemberId

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def test_a_code_has_one_spelling() -> None:
    """The last character of Base32 has bits to spare."""
    coupon = make_coupon_code(MemberId(UUID(int=1)), CouponId(UUID(int=2)))
    for character in ALPHABET:
        other = coupon[:-1] + character
        assert (read_coupon_code(other) == CouponCode(MemberId(UUID(int=1)), CouponId(UUID(int=2)))) is (
            other == coupon
        )


@given(st.uuids(), st.uuids())
def test_a_coupon_code_comes_back(member_id: MemberId, coupon_id: CouponId) -> None:
    code = make_coupon_code(member_id, coupon_id)
    assert len(code) == 55
    assert read_coupon_code(f" {code.lower()} ") == CouponCode(member_id, coupon_id)


@pytest.mark.parametrize("text", ["", "N1C", "N1K", "N1K" + "A" * 51, "N1K" + "A" * 53, "X" * 55, "N1K\x00"])
def test_what_is_no_code(text: str) -> None:
    assert read_coupon_code(text) is None


@given(st.text(max_size=80))
def test_any_text_may_be_scanned(text: str) -> None:
    assert read_coupon_code("N1K" + text) is None or len(text.strip()) == 52
