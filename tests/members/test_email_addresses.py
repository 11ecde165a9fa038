"""E-mail addresses in one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.contact_faults import ContactFault, UnusableContact
from members.email_addresses import parse_email_address
from tests.support.japanese_keyboard import wide


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("hana@example.com", "hana@example.com"),
        (" Hana.Sato+Card@Example.COM ", "hana.sato+card@example.com"),
        (wide("hana_sato@Example.com"), "hana_sato@example.com"),
        (wide("hana") + "ー" + wide("sato@example") + "。" + wide("com"), "hana-sato@example.com"),
        ("\u202ahana@example.com\u202c", "hana@example.com"),
        ("hana\u200b@example.com\ufeff", "hana@example.com"),
        ("hana@日本語.jp", "hana@xn--wgv71a119e.jp"),
        ("hana@コーヒー.jp", "hana@xn--tck2c4fb.jp"),
        ("hana@faß.de", "hana@xn--fa-hia.de"),  # another domain than fass.de
        ("hana@XN--FA-HIA.de", "hana@xn--fa-hia.de"),
        ("hana@fass.de", "hana@fass.de"),
        (
            "hana@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com",
            "hana@xn--mgba3gch31f060k.com",
        ),  # the joiner is a part of the name
        ("hana@r3---sn.example.com", "hana@r3---sn.example.com"),
        ("hana..sato@docomo.ne.jp", "hana..sato@docomo.ne.jp"),  # dots that two carriers once gave out
        ("hana.@docomo.ne.jp", "hana.@docomo.ne.jp"),
        ("h...a..@ezweb.ne.jp", "h...a..@ezweb.ne.jp"),
        ("hana..@c.ezweb.ne.jp", "hana..@c.ezweb.ne.jp"),
    ],
)
def test_forms_of_addresses(typed: str, address: str) -> None:
    assert parse_email_address(typed) == address


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("hana", "not_an_address"),
        ("", "not_an_address"),
        ("hana@", "domain"),
        ("@example.com", "local_part"),
        ("hana@localhost", "domain"),
        ("hana@example..com", "domain"),
        ("hana@-example.com", "domain"),
        ("hana@10.0.0.1", "domain"),
        ("hana@☕.example", "domain"),
        ("hana@xn--zzzz--.de", "domain"),
        ("hana@a_b.example.com", "domain"),
        ("ha na@example.com", "local_part"),
        ("はな@example.com", "local_part"),
        ("hana@example.com\nBcc: all@example.com", "local_part"),
        ("<hana@example.com>", "domain"),
        ("hana..sato@example.com", "local_part"),
        ("hana.@xdocomo.ne.jp", "local_part"),
        (".hana@docomo.ne.jp", "local_part"),
        ("a@b@example.com", "local_part"),
        ("h" * 65 + "@example.com", "local_part"),
        ("hana@" + "a." * 130 + "com", "address_too_long"),
        ("hana@" + "a" * 70 + ".com", "domain"),
    ],
)
def test_what_is_no_address(typed: str, fault: ContactFault) -> None:
    with pytest.raises(UnusableContact) as refused:
        parse_email_address(typed)
    assert refused.value.fault == fault


@given(st.text(max_size=80) | st.emails())
def test_anything_is_an_address_in_one_form_or_none(text: str) -> None:
    try:
        address = parse_email_address(text)
    except UnusableContact:
        return
    assert address.isascii()
    assert not any(char.isspace() or char in "<>,;:" for char in address)
    assert parse_email_address(address) == address
