"""What the API says in English, in the page's language: the flows' own sentences, found again by their form. Pure.

They keep their words at the API; a page reads them in Japanese where somebody has put them into it, else in English,
and then the page says so (`lang`).
"""

import re
from collections.abc import Sequence

import msgspec

from kit.locales import Locale

# By the form of the English sentence: the Japanese one, with its parts as \1, \2.
Forms = Sequence[tuple[str, str]]


class Said(msgspec.Struct, frozen=True):
    """`lang`: the language that the text is in."""

    text: str
    lang: Locale


def find_japanese(english: str, forms: Forms) -> str | None:
    for form, japanese in forms:
        found = re.fullmatch(form, english, re.DOTALL)
        if found is not None:
            return found.expand(japanese)
    return None
