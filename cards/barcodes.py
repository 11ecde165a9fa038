"""A card's number as the bars of a barcode. Pure.

    EAN-13     the number is one (cards.numbers); its check digit is GS1's
    Code 128   the 13 digits; the symbology adds its own check character (modulo 103)
    NW-7       the 13 digits between A and A (Codabar, JIS X 0503); the last checks the others (modulus 10, weight 3)

What can be photographed identifies; it never redeems and never spends.
"""

from collections.abc import Mapping
from typing import Literal

import barcode

Symbology = Literal["ean13", "code128", "nw7"]

# As the library calls them, and what is encoded.
_FORMS: Mapping[Symbology, tuple[str, str]] = {"ean13": ("ean13", ""), "code128": ("code128", ""), "nw7": ("nw-7", "A")}


def encode_number(number: str, symbology: Symbology) -> str:
    """The modules from left to right, `1` for dark, without the quiet zones. `number` is a card's 13 digits."""
    name, guard = _FORMS[symbology]
    (modules,) = barcode.get(name, guard + number + guard).build()
    return str(modules)
