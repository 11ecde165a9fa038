"""E-mail addresses in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.email_addresses import parse_email_address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("hana@example.com", "hana@example.com"),
        (" Hana.Sato+Card@Example.COM ", "hana.sato+card@example.com"),
        ("hana@日本語.jp", "hana@xn--wgv71a119e.jp"),
        ("hana", None),
        ("hana@", None),
        ("@example.com", None),
        ("hana@localhost", None),
        ("hana@example..com", None),
        ("hana@-example.com", None),
        ("hana@10.0.0.1", None),
        ("ha na@example.com", None),
        ("hana@example.com\nBcc: all@example.com", None),
        ("<hana@example.com>", None),
        ("hana..sato@example.com", None),
        ("a@b@example.com", None),
        ("h" * 65 + "@example.com", None),
        ("hana@" + "a." * 130 + "com", None),
        ("hana@" + "a" * 70 + ".com", None),
    ],
)
def test_forms_of_addresses(typed: str, address: str | None) -> None:
    assert parse_email_address(typed) == address


@given(st.text(max_size=80) | st.emails())
def test_anything_is_an_address_in_one_form_or_none(text: str) -> None:
    address = parse_email_address(text)
    if address is not None:
        assert address.isascii()
        assert not any(char.isspace() or char in "<>,;:" for char in address)
        assert parse_email_address(address) == address
