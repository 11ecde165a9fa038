"""Languages that a campaign's words are in, as its form calls them. Pure."""

from collections.abc import Iterable, Sequence

from kit.languages import locale_of
from kit.locales import Locale

# What shoppers in Japan read besides the two; a campaign that was written by the API may be in any.
OFFERED = ("zh-Hans", "zh-Hant", "ko", "vi", "th", "id", "fil", "ne", "my", "pt", "es", "fr", "de")


def name_language(tag: str, locale: Locale) -> str:
    return locale_of(tag).get_display_name(locale) or tag


def offer_languages(shown: Iterable[str], locale: Locale) -> Sequence[tuple[str, str]]:
    """Those that can be added."""
    there = set(shown)
    return [(tag, name_language(tag, locale)) for tag in OFFERED if tag not in there]
