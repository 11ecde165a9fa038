"""Mobile numbers: written in any form, kept in one (ITU-T E.164). Pure.

A number is there to be texted, so it must be one that can be: a mobile number, or one of a country whose plan does not
tell mobile numbers from landlines (the United States).
"""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from kit.typed_text import clean_up
from members.contact_faults import ContactFault, UnusableContact

_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_FAULTS: dict[int, ContactFault] = {
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "service_number",
    PhoneNumberType.UAN: "service_number",  # one number for all branches of a company: 0570 in Japan
    PhoneNumberType.VOICEMAIL: "service_number",
    PhoneNumberType.PAGER: "pager",  # in Japan (020) also machines
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",  # it follows its owner from line to line: +44 70
    PhoneNumberType.VOIP: "internet_number",
}
# Satellite telephones and international networks: a text to one costs dollars.
_NOWHERE = frozenset({None, "001"})
REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
MAX_LENGTH = 40
# What most people in Japan have, in the forms in which most write it. phonenumbers takes a hundred times as long, and
# says the same of all of them (tests/members/test_phone_numbers.py).
_JAPANESE_MOBILE = re.compile(r"0([789]0)-?([1-9]\d{3})-?(\d{4})", re.ASCII)


def parse_phone_number(text: str, region: str) -> str:
    """The number in E.164 (`+819012345678`). Raises UnusableContact.

    `region` (ISO 3166-1 alpha-2) is where a number without a country code is from.
    """
    typed = clean_up(text)
    if region == "JP" and (found := _JAPANESE_MOBILE.fullmatch(typed)):
        return f"+81{found[1]}{found[2]}{found[3]}"
    if len(typed) > MAX_LENGTH:
        raise UnusableContact("not_a_number")
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        raise UnusableContact("not_a_number") from None
    if number.extension:
        raise UnusableContact("extension")
    if _has_letters(typed):
        raise UnusableContact("letters")
    _require_mobile(number)
    written: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return written


def is_abroad(number: str, region: str) -> bool:
    """Whether a number in E.164 is of another country's plan than the region's."""
    return not number.startswith(f"+{phonenumbers.country_code_for_region(region)}")


def _has_letters(typed: str) -> bool:
    """Behind its first digit: phonenumbers would read the letters as on a keypad. "TEL" in front is fine."""
    first = next((place for place, char in enumerate(typed) if char.isdecimal()), len(typed))
    return any(char.isascii() and char.isalpha() for char in typed[first:])


def _require_mobile(number: PhoneNumber) -> None:
    if _is_mobile(number):
        if phonenumbers.region_code_for_number(number) in _NOWHERE:
            raise UnusableContact("satellite")
        return
    digits = number.national_number or 0
    if any(_is_mobile(_with(number, digits * 10 + digit)) for digit in range(10)):
        raise UnusableContact("too_short")  # also where what is left is a number of another kind: 060-1234-567
    if not phonenumbers.is_valid_number(number):
        raise UnusableContact("too_long" if _is_mobile(_with(number, digits // 10)) else "not_a_number")
    raise UnusableContact(_FAULTS.get(phonenumbers.number_type(number), "not_a_number"))


def _is_mobile(number: PhoneNumber) -> bool:
    return phonenumbers.number_type(number) in _MOBILE


def _with(number: PhoneNumber, national_number: int) -> PhoneNumber:
    """The same number with other digits behind the country code and the leading zeros."""
    other = PhoneNumber()
    other.merge_from(number)
    other.national_number = national_number
    return other
