"""In how many parts a text message goes, and what they cost (3GPP TS 23.038 and 23.040). Pure.

A text of the GSM alphabet alone holds 160 of its characters in one part and 153 in each of several, since each of those
begins with what joins them again. Any other character, such as one of Japanese, makes it UCS-2: 70 code units of UTF-16
in one part and 67 in each of several. No part ends in the middle of a character.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

SmsAlphabet = Literal["gsm7", "ucs2"]

# Table 6.2.1 of TS 23.038, without its escape.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Table 6.2.1.1: an escape and a second septet each.
_EXTENDED = frozenset("\f^{}\\[~]|€")
# In one part, and in each of several.
_ROOM: dict[SmsAlphabet, tuple[int, int]] = {"gsm7": (160, 153), "ucs2": (70, 67)}
# What the dialect takes at most (error 21617).
MAX_CHARACTERS = 1600


class Segments(msgspec.Struct, frozen=True):
    """`units`: septets of the GSM alphabet, or code units of UTF-16. `count`: the parts, each of which is paid for."""

    alphabet: SmsAlphabet
    units: int
    count: int

    def price(self, per_segment: int) -> int:
        """Both in the minor unit of the program's currency."""
        return self.count * per_segment


def measure(text: str) -> Segments:
    """An empty text is one part: it is paid for all the same."""
    alphabet: SmsAlphabet = "gsm7" if _BASIC.issuperset(set(text) - _EXTENDED) else "ucs2"
    sizes = list(_sizes(text, alphabet))
    units, (alone, each) = sum(sizes), _ROOM[alphabet]
    return Segments(alphabet, units, 1 if units <= alone else _count_parts(sizes, each))


def _sizes(text: str, alphabet: SmsAlphabet) -> Iterator[int]:
    for character in text:
        is_double = character in _EXTENDED if alphabet == "gsm7" else ord(character) > 0xFFFF
        yield 2 if is_double else 1


def _count_parts(sizes: Iterable[int], room: int) -> int:
    parts, left = 1, room
    for size in sizes:
        if size > left:
            parts, left = parts + 1, room
        left -= size
    return parts
