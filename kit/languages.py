"""Languages by their BCP 47 tags, and which of several texts somebody is shown. Pure.

Texts of our own are written in two languages (kit.locales). What a program writes may be in any that Babel knows: in
one that it does not know, nobody could write a date or a number.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from babel import Locale, UnknownLocaleError

# A language, perhaps its script, perhaps its region: what texts are written in. Variants and extensions name none.
_TAG = re.compile(r"([a-z]{2,3})(?:-([A-Z][a-z]{3}))?(?:-([A-Z]{2}|[0-9]{3}))?")
_LAST = ("en", "ja")  # whose language there is none of reads English sooner than Japanese


def find_tag_fault(tag: str) -> str | None:
    """What to write instead; None: it is the tag of a language that is known."""
    if _TAG.fullmatch(tag) is None:
        respelled = _respell(tag)
        if respelled != tag and _TAG.fullmatch(respelled) and find_tag_fault(respelled) is None:
            return f"write {respelled}"
        return "write a BCP 47 tag such as ja, en or zh-Hant: a language, perhaps a script, perhaps a region"
    language = tag.partition("-")[0]
    locale = _find_locale(tag)
    if locale is None or language not in (locale.language, *_FORMER_NAMES.get(locale.language, ())):
        return "write the tag of a language that dates and numbers can be written in, such as ja, en or zh-Hant"
    return None


# Tags that CLDR files under another name.
_FORMER_NAMES = {"nb": ("no",), "he": ("iw",), "id": ("in",)}


def _respell(tag: str) -> str:
    language, *rest = tag.replace("_", "-").split("-")
    return "-".join([language.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def locale_of(tag: str) -> Locale:
    """By which Babel writes. Raises ValueError for a tag that is none."""
    locale = _find_locale(tag)
    if locale is None:
        raise ValueError(tag)
    return locale


@lru_cache(maxsize=1000)
def _find_locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def choose_language(wanted: str, available: Iterable[str]) -> str:
    """Of the tags of what there is, the one for whoever reads `wanted`: theirs, what it leads to without its region and
    its script (RFC 4647, lookup), another of the same language, else English, Japanese, or the first by name.

    Raises ValueError where there is none.
    """
    return _choose(wanted, tuple(available))


@lru_cache(maxsize=10_000)
def _choose(wanted: str, available: tuple[str, ...]) -> str:
    if wanted in available:
        return wanted
    known = {_full(tag): tag for tag in sorted(available, reverse=True)}
    parts = _full(wanted).split("_")
    for length in range(len(parts), 0, -1):
        found = known.get("_".join(parts[:length]))
        if found is not None:
            return found
    same = sorted(tag for full, tag in known.items() if full.split("_")[0] == parts[0])
    return next((tag for tag in (*same, *_LAST) if tag in available), min(available))


def _full(tag: str) -> str:
    """With the script that its region reads: zh-TW is zh_Hant_TW."""
    locale = _find_locale(tag)
    return tag.replace("-", "_") if locale is None else str(locale)
