"""Phone numbers: written in any form, kept in one (ITU-T E.164). Pure."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

# Calling or texting these costs the sender much, and the owner of the number earns by it.
_COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})
# Satellite telephones and international networks: a text to one costs dollars.
_NOWHERE = frozenset({None, "001"})
REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
MAX_LENGTH = 40


def parse_phone_number(text: str, region: str) -> str | None:
    """The number in E.164 (`+819012345678`); None if it is none that can be texted.

    `region` (ISO 3166-1 alpha-2) is where a number without a country code is from.
    """
    if len(text) > MAX_LENGTH:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    if phonenumbers.number_type(number) in _COSTLY or phonenumbers.region_code_for_number(number) in _NOWHERE:
        return None
    written: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return written
