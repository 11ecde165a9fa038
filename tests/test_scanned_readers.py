"""Every reader of what a till scans or types takes what the clean-up makes, and reads it as the original."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.numbers import parse_number
from cards.rotating_codes import read_code
from cards.totp import read_totp_code, totp_prefix
from coupons.coupon_codes import make_coupon_code, read_coupon_code
from ids import CouponId, MemberId, StoreId
from kit.ids import new_id
from kit.scanned_text import clean_scanned
from kit.sealing import Keyring
from members import verification_codes
from purchases.receipts import read_receipt_number
from tests.support.card_keys import NOW, Issuer
from tests.support.scanning import as_read
from tests.support.store_display import make_display_code
from visits.store_codes import make_printed_code, read_store_code

_KEYRING = Keyring(bytes(32))
_STORE = StoreId(UUID("01a20044-7a8a-7175-9221-fa6027398268"))
# Each reader with something that it reads, as it was made.
READERS: dict[str, tuple[Callable[[str], object], str]] = {
    "number": (parse_number, "2912345678906"),
    "number as it is spelt": (parse_number, "2912-3456-7890-6"),
    "rotating code": (read_code, Issuer().phone().make_code(NOW)),
    "totp": (read_totp_code, totp_prefix(MemberId(new_id()), new_id()) + "01234567"),
    "coupon": (partial(read_coupon_code, _KEYRING), make_coupon_code(_KEYRING, MemberId(new_id()), CouponId(new_id()))),
    "printed store QR": (read_store_code, make_printed_code(_KEYRING, _STORE, 1)),
    "display": (read_store_code, make_display_code(bytes(32), _STORE, 1, datetime(2026, 11, 21, tzinfo=UTC))),
    "receipt": (read_receipt_number, "20261121-0042/a"),
    "verification code": (verification_codes.read_code, "012345"),
}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=25)
@given(drawn=st.data())
def test_whatever_was_added_the_reader_reads_it(name: str, drawn: st.DataObject) -> None:
    read, text = READERS[name]
    expected = read(text)
    assert expected is not None
    received = drawn.draw(as_read(text))
    assert read(received) == read(clean_scanned(received)) == expected


@pytest.mark.parametrize("name", READERS)
@given(text=st.text(st.characters(codec=None), max_size=80))
def test_of_anything_else_it_reads_what_it_reads_of_the_cleaned_text(name: str, text: str) -> None:
    read, _ = READERS[name]
    assert read(text) == read(clean_scanned(text))
