"""Mobile numbers in any form become one; what cannot be texted is refused by what it is."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from members.contact_faults import ContactFault, UnusableContact
from members.phone_numbers import REGIONS, parse_phone_number
from tests.support.japanese_keyboard import wide


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("090-1234-5678", "JP", "+819012345678"),
        (wide("090-1234-5678"), "JP", "+819012345678"),
        (
            wide("090") + "ー" + wide("1234") + "ー" + wide("5678"),
            "JP",
            "+819012345678",
        ),  # the prolonged sound mark for a hyphen
        ("090ｰ1234ｰ5678", "JP", "+819012345678"),
        ("\u202a090-1234-5678\u202c", "JP", "+819012345678"),  # copied from a phone's contacts
        ("\ufeff090\u30001234\u30005678\u200b", "JP", "+819012345678"),
        ("(090) 1234 5678", "JP", "+819012345678"),
        ("TEL 090-1234-5678", "JP", "+819012345678"),
        ("060-1234-5678", "JP", "+816012345678"),
        ("+81 90 1234 5678", "US", "+819012345678"),
        ("+81 (0)90-1234-5678", "US", "+819012345678"),
        ("0081 90 1234 5678", "DE", "+819012345678"),
        ("tel:+81-90-1234-5678", "JP", "+819012345678"),
        ("(201) 555-0123", "US", "+12015550123"),  # the plan does not tell mobile numbers from landlines
        ("+44 7400 123456", "JP", "+447400123456"),
    ],
)
def test_forms_of_numbers(typed: str, region: str, number: str) -> None:
    assert parse_phone_number(typed, region) == number


@pytest.mark.parametrize(
    ("typed", "region", "fault"),
    [
        ("060-1234-567", "JP", "too_short"),  # ten digits of it are a valid personal number
        ("090-1234-567", "JP", "too_short"),
        ("090-1234-56789", "JP", "too_long"),
        ("03-3210-7000", "JP", "landline"),
        ("0120-123-456", "JP", "toll_free"),
        ("0800-123-4567", "JP", "toll_free"),
        ("+800 1234 5678", "JP", "toll_free"),
        ("0570-012-345", "JP", "service_number"),
        ("020-4123-4567", "JP", "pager"),
        ("050-1234-5678", "JP", "internet_number"),
        ("0990-123456", "JP", "premium_rate"),
        ("+44 70 1234 5678", "JP", "personal_number"),
        ("+881 6 1234 5678", "JP", "satellite"),
        ("090-1234-ABCD", "JP", "letters"),
        (wide("090-1234-ABCD"), "JP", "letters"),
        ("1-800-FLOWERS", "US", "letters"),
        ("03-3210-7000 ext. 5", "JP", "extension"),
        ("090-1234-5678", "US", "not_a_number"),
        ("110", "JP", "not_a_number"),
        ("", "JP", "not_a_number"),
        ("hana@example.com", "JP", "not_a_number"),
        ("9" * 1000, "JP", "not_a_number"),
    ],
)
def test_what_cannot_be_texted(typed: str, region: str, fault: ContactFault) -> None:
    with pytest.raises(UnusableContact) as refused:
        parse_phone_number(typed, region)
    assert refused.value.fault == fault


@pytest.mark.parametrize("region", sorted(REGIONS - {"TA"}))  # Tristan da Cunha has no mobile network
def test_the_mobile_numbers_of_every_country_are_taken(region: str) -> None:
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    assert number is not None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    assert parse_phone_number(e164, "JP") == e164


@given(st.text(max_size=60), st.sampled_from(["JP", "US", "DE"]))
def test_anything_is_a_number_in_one_form_or_none(text: str, region: str) -> None:
    try:
        number = parse_phone_number(text, region)
    except UnusableContact:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert parse_phone_number(number, "JP") == number


@given(
    st.sampled_from(["070", "080", "090", "060", "050", "020", "0120", "03"]),
    st.from_regex(r"[0-9]{4}-?[0-9]{4}", fullmatch=True),
    st.sampled_from(["", "-"]),
)
def test_the_short_way_for_japanese_mobile_numbers_says_what_the_library_says(
    prefix: str, rest: str, dash: str
) -> None:
    """With a plus sign in front it is not taken."""

    def outcome(text: str) -> str:
        try:
            return parse_phone_number(text, "JP")
        except UnusableContact as unusable:
            return unusable.fault

    typed = f"{prefix}{dash}{rest}"
    assert outcome(typed) == outcome("+81 " + typed[1:])


@pytest.mark.parametrize("block", ["70", "80", "90"])
def test_the_short_way_covers_what_the_plan_has(block: str) -> None:
    for second in range(10):
        number = phonenumbers.parse(f"+81{block}{second}1234567")
        is_mobile = phonenumbers.number_type(number) == PhoneNumberType.MOBILE
        assert is_mobile == (second > 0)
