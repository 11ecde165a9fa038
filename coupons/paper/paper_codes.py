"""Codes on paper: what is printed, scanned or typed. Pure.

    [N1P] batch (20 bits) serial (20 bits) MAC (45 bits), a check character      18 characters of Crockford's Base32

Nothing of a code is stored: it is derived from the number of its batch, its serial and a key of the installation, so
that a batch can be printed again, and no table gives a code away. Batch and serial are no secrets; the MAC is one. The
last character finds every single wrong one and nearly every swap (ISO 7064's hybrid system, for 32 characters), so that
who mistypes is told so, and is not taken for one who guesses. N1P stands in the QR code only: by it a till tells it
from others.

A public code is a word that staff choose. It is no secret: what bounds it are its campaign's caps.
"""

import hmac
import re
from typing import Literal, TypeAlias

import msgspec

from kit.scanned_text import clean_scanned
from kit.sealing import Keyring

MAX_BATCH_NUMBER = 2**20 - 1
MAX_CODES = 1_000_000
PUBLIC_CODE = r"[A-Z0-9]{4,16}"

_PREFIX = "N1P"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_BASE = len(_ALPHABET)
_MAC_BITS = 45
_BODY = 17
_PURPOSE = "paper-coupon-code"


class PaperCode(msgspec.Struct, frozen=True):
    """Of a batch the code with this serial, from 0."""

    batch_number: int
    serial: int


Misread: TypeAlias = Literal["mistyped", "unknown"]


def make_paper_code(keyring: Keyring, code: PaperCode) -> str:
    """The same whenever it is made, in three groups for the eye."""
    number = code.batch_number << (20 + _MAC_BITS) | code.serial << _MAC_BITS | _mac(keyring, code)
    body = "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_BODY)))
    text = body + _ALPHABET[_check([_VALUES[character] for character in body])]
    return f"{text[:6]}-{text[6:12]}-{text[12:]}"


def make_qr_text(printed: str) -> str:
    return _PREFIX + printed.replace("-", "")


def read_paper_code(keyring: Keyring, text: str) -> PaperCode | Misread:
    """`mistyped`: no code that was ever printed can look like that."""
    values = [_VALUES.get(character, -1) for character in _strip(text)]
    if len(values) != _BODY + 1 or min(values) < 0 or _check(values[:-1]) != values[-1]:
        return "mistyped"
    number = 0
    for value in values[:-1]:
        number = number << 5 | value
    code = PaperCode(number >> (20 + _MAC_BITS), number >> _MAC_BITS & 2**20 - 1)
    given = (number & 2**_MAC_BITS - 1).to_bytes(6)
    return code if hmac.compare_digest(given, _mac(keyring, code).to_bytes(6)) else "unknown"


def read_public_code(text: str) -> str | None:
    """In the one spelling by which it is looked up; None for what is none."""
    word = clean_scanned(text).upper().replace("-", "")
    return word if re.fullmatch(PUBLIC_CODE, word) else None


def _strip(text: str) -> str:
    body = clean_scanned(text).upper().replace("-", "")
    return body.removeprefix(_PREFIX) if len(body) == len(_PREFIX) + _BODY + 1 else body


def _mac(keyring: Keyring, code: PaperCode) -> int:
    named = code.batch_number.to_bytes(4) + code.serial.to_bytes(4)
    return int.from_bytes(keyring.mac(_PURPOSE, named)[:6]) >> (48 - _MAC_BITS)


def _check(values: list[int]) -> int:
    """ISO 7064, hybrid system, for 32 characters."""
    product = _BASE
    for value in values:
        product = ((product + value) % _BASE or _BASE) * 2 % (_BASE + 1)
    return (_BASE + 1 - product) % _BASE
