"""How a program's card shows itself: its colour, and what a shopper may read before joining. Pure."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from kit.locales import Locale

# As browsers may be led there; a text with a space or a line break in it is a text.
_ADDRESS = re.compile(r"https://[!-~]+")


class CardTerms(msgspec.Struct, frozen=True):
    """The terms of use, in each language the text itself or the `https://` address where it stands."""

    ja: str | None = None
    """In Japanese; null: who reads Japanese is shown the other."""
    en: str | None = None
    """In English; null: who reads English is shown the other."""


class CardSettings(msgspec.Struct, frozen=True):
    """How the program's card shows itself."""

    colour: str | None = None
    """`#` and six hexadecimal digits. Null: that of the card in Google Wallet, else Noren's own."""
    terms: CardTerms = CardTerms()
    """What the shopper agrees to by joining."""
    privacy_url: str | None = None
    """Where the program's privacy policy stands; null: it has told none."""


class ShownTerms(msgspec.Struct, frozen=True):
    """`kind`: whether `content` is to be read here or at the address that it is."""

    kind: Literal["text", "address"]
    content: str
    language: Locale


def first_colour(own: str | None, other: str | None) -> str | None:
    """Card and wallet each take their own colour, else the other's."""
    return own if own is not None else other


def choose_terms(terms: CardTerms, language: Locale) -> ShownTerms | None:
    """In the reader's language, else in the one that there is."""
    held: Mapping[Locale, str | None] = {"ja": terms.ja, "en": terms.en}
    other: Locale = "en" if language == "ja" else "ja"
    for each in (language, other):
        content = held[each]
        if content is not None:
            return ShownTerms("address" if _ADDRESS.fullmatch(content) else "text", content, each)
    return None
