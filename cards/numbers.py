"""Card numbers: 13 digits that a person can read out. Pure but for the random source.

A number is an EAN-13 of the range that GS1 leaves to shops (prefix 29): two digits, ten random ones, a check digit.
The check digit (GS1 General Specifications, section 7.9) finds every single wrong digit.
A number only identifies; it never proves that the card is there.
"""

import secrets

from kit.scanned_text import clean_scanned

_PREFIX = "29"
_RANDOM_DIGITS = 10
_GUARDS = frozenset("ABCD")


def new_number() -> str:
    body = _PREFIX + f"{secrets.randbelow(10**_RANDOM_DIGITS):0{_RANDOM_DIGITS}d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """The check digit of an EAN-13's first twelve digits: weights 1 and 3 from the left."""
    return str(-(sum(map(int, body[::2])) + 3 * sum(map(int, body[1::2]))) % 10)


def parse_number(text: str) -> str | None:
    """The 13 digits, of a number typed with or without spaces and hyphens; None if it is not a card number.

    A scanner of NW-7 may send the start and stop letters too.
    """
    digits = clean_scanned(text).replace("-", "")
    if digits[:1].upper() in _GUARDS and digits[-1:].upper() in _GUARDS:
        digits = digits[1:-1]
    if len(digits) != 13 or not (digits.isascii() and digits.isdigit()) or not digits.startswith(_PREFIX):
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None


def spell_number(number: str) -> str:
    """As it stands on the card: `2912 3456 7890 6`."""
    return " ".join((number[:4], number[4:8], number[8:12], number[12:]))
