"""What fills a campaign's words for one reader, as a language says it: dates, numbers and plurals by Babel. Pure."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

import msgspec
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit

from coupons.offers import Offer, choose_text
from coupons.placeholders import Known, SaidWords, ValueKind
from kit.languages import choose_language, locale_of
from kit.locales import Locale
from kit.names import TURNING

_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3600, 60
# What would say something else if it were cut.
_WHOLE = frozenset({"offer.title", "offer.body", "link", "expires", "valid_for", "points"})
# A common kanji of names that takes four bytes and two units of UTF-16: no character takes more of either.
WIDEST = "𠮷"


class LabelledValue(msgspec.Struct, frozen=True):
    """Choices, each by its label in one language or several."""

    labels: Sequence[Mapping[Locale, str]]


# Of an attribute. True: yes; a no is no value.
ReaderValue = str | int | float | date | LabelledValue | Literal[True]


class ReaderWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the reader and of their coupon. `values`: by placeholder, of what is theirs alone; what needs a
    consent that they have not given is not among them.

    `zone`: whose clock they live by. `store`, `link` None: there is none. `offer`: in the languages that it has.
    """

    program: str
    store: str | None
    offer: Offer
    issued_at: datetime
    expires_at: datetime
    zone: tzinfo
    link: str | None = None
    points: int | None = None
    values: Mapping[str, ReaderValue] = {}


def say(words: ReaderWords, language: str, names: Iterable[str], max_length: int | None = None) -> SaidWords:
    """Of these placeholders, the values as a text of this language takes them; names and texts of people in so many
    characters at most. Only what is asked for is worked out: a coupon at a door is written with the least of it.
    """
    texts: dict[str, str] = {}
    numbers: dict[str, int | float] = {}
    for name in names:
        value = _find_value(words, name, language, max_length)
        said = None if value is None else _say_value(value, language)
        if said and name not in _WHOLE:
            said = cut(said, max_length)
        if said:
            texts[name] = said
        if isinstance(value, int | float) and value is not True:
            numbers[name] = value
    return SaidWords(language=language, texts=texts, numbers=numbers)


def _find_value(words: ReaderWords, name: str, language: str, max_length: int | None) -> ReaderValue | None:
    match name:
        case "store":
            return words.store
        case "program":
            return words.program
        case "link":
            return words.link
        case "points":
            return words.points
        case "expires":
            return say_moment(words.expires_at, words.issued_at, words.zone, language)
        case "valid_for":
            return say_duration(words.expires_at - words.issued_at, language)
        case "offer.title" | "offer.body":
            store = None if words.store is None else cut(clean(words.store), max_length)
            offer = choose_text(words.offer, language, store)
            return offer.title if name == "offer.title" else offer.body
        case _:
            return words.values.get(name)


def _say_value(value: ReaderValue, language: str) -> str:
    if value is True:
        return "✓"
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, date):
        return format_date(value, "long", locale=locale_of(language))
    if isinstance(value, LabelledValue):
        labels = [_label_in(language, each) for each in value.labels]
        return format_list(labels, locale=locale_of(language)) if labels else ""
    return say_number(value, language)


def _label_in(language: str, label: Mapping[Locale, str]) -> str:
    tags: dict[str, str] = dict(label.items())
    return clean(tags[choose_language(language, tags)])


def cut(value: str, max_length: int | None) -> str:
    return value if max_length is None or len(value) <= max_length else value[: max_length - 1] + "…"


def clean(value: str) -> str:
    """On one line, without what steers a terminal, a header or the direction of writing."""
    kept = (" " if unicodedata.category(each) == "Cc" else each for each in value if each not in TURNING)
    return " ".join("".join(kept).split())


def say_number(number: float, language: str) -> str:
    return format_decimal(number, locale=locale_of(language))


def say_moment(moment: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """The day with its weekday and the time, with the year where it is another than `now`'s: "Mon, Nov 30, 23:59"."""
    locale, local = locale_of(language), moment.astimezone(zone)
    skeleton = "MMMEd" if local.year == now.astimezone(zone).year else "yMMMEd"
    day = format_skeleton(skeleton, local, tzinfo=zone, locale=locale)
    joined = "{1} {0}" if locale.language in ("ja", "zh", "ko") else "{1}, {0}"
    return joined.replace("{1}", day).replace("{0}", f"{local:%H:%M}")


def say_duration(duration: timedelta, language: str) -> str:
    """In the largest unit that leaves none over, rounded down to a minute: "7 days", "36 hours"."""
    seconds = max(int(duration.total_seconds()), 0)
    for unit, size in (("day", _DAY_S), ("hour", _HOUR_S), ("minute", _MINUTE_S)):
        if (seconds and seconds % size == 0) or unit == "minute":
            break
    locale = locale_of(language)
    said = format_unit(seconds // size, f"duration-{unit}", length="long", locale=locale)
    # CLDR writes 7 日; nobody else does.
    return said.replace(" ", "") if locale.language in ("ja", "zh") else said


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A value that is the reader's own: its placeholder, and how long it can be.

    `labels`: of what is chosen, one of them or, where `is_many`, several.
    """

    name: str
    kind: Literal["text", "number", "date", "flag", "choice"]
    max_length: int = 0
    labels: Sequence[Mapping[Locale, str]] = ()
    is_many: bool = False


class Fillable(msgspec.Struct, frozen=True, kw_only=True):
    """All that can fill a campaign's words. `offers`: of the campaign and of its variants.

    `max_name_length`: of a program's and a store's name.
    """

    has_store: bool
    has_points: bool
    has_link: bool
    max_name_length: int
    offers: Sequence[Offer]
    fields: Sequence[Field] = ()

    def known(self) -> dict[str, Known]:
        certain = ["program", "offer.title", "offer.body", "expires", "valid_for"]
        certain += ["store"] if self.has_store else []
        certain += ["link"] if self.has_link else []
        known = {name: Known() for name in certain}
        if self.has_points:
            known["points"] = Known("number")
        for field in self.fields:
            kind: ValueKind = "number" if field.kind == "number" else "flag" if field.kind == "flag" else "text"
            known[field.name] = Known(kind, is_certain=False)
        return known

    def longest(self, language: str, link: str | None, max_length: int | None) -> dict[str, str]:
        """By placeholder, as long as a value can be in this language, cut as `say` cuts it."""
        name = cut(WIDEST * self.max_name_length, max_length)
        offers = [choose_text(offer, language, name) for offer in self.offers]
        longest = {
            "program": name,
            "store": name,
            "link": link or "",
            "offer.title": max((clean(offer.title) for offer in offers), key=_bytes_of),
            "offer.body": max((clean(offer.body) for offer in offers), key=_bytes_of),
            "expires": _longest_moment(language),
            "valid_for": say_duration(timedelta(seconds=3650 * _DAY_S - _MINUTE_S), language),
            "points": say_number(-(10**12), language),
        }
        return longest | {field.name: cut(_longest_value(field, language), max_length) for field in self.fields}


def _longest_value(field: Field, language: str) -> str:
    if field.kind == "number":
        return say_number(-(10**15 - 1) - 0.125, language) + "0000"
    if field.kind == "date":
        return _longest_date(language)
    if field.kind == "choice":
        labels = [_label_in(language, each) for each in field.labels]
        ordered = sorted(labels, key=_bytes_of, reverse=True)
        chosen = ordered if field.is_many else ordered[:1]
        return format_list(chosen, locale=locale_of(language)) if chosen else ""
    return WIDEST * field.max_length


def _bytes_of(text: str) -> int:
    return len(text.encode())


@lru_cache(maxsize=100)
def _longest_moment(language: str) -> str:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    days = (datetime(2027, 1, 1, 23, 59, tzinfo=UTC) + timedelta(days=day) for day in range(365))
    return max((say_moment(day, now, UTC, language) for day in days), key=_bytes_of)


@lru_cache(maxsize=100)
def _longest_date(language: str) -> str:
    days = (date(2027, month, day) for month in range(1, 13) for day in (20, 28))
    return max((format_date(day, "long", locale=locale_of(language)) for day in days), key=_bytes_of)
