"""Values of attributes: what may be one, and the one form in which it is kept. Pure.

Whoever writes a profile (a member, the staff, a file, a till) brings values through `keep_value`.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, TypeAlias
from zoneinfo import available_timezones

import msgspec

from kit.names import has_turning
from kit.typed_text import clean_up
from members.attributes import MAX_NUMBER, MAX_TEXT_LENGTH, Attribute, StandardAttribute
from members.prefectures import PREFECTURES

MIN_YEAR, MAX_YEAR = 1900, 2200
TIME_ZONES = available_timezones() - {"localtime"}  # on some machines: whatever that machine is set to

_KANA = re.compile(r"[ァ-ヺー・ヽヾ]+(?: [ァ-ヺー・ヽヾ]+)*")
_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
# What somebody types for the long vowel, or copies: dashes and the wave.
_LONG_VOWEL = re.compile("(?<=[ァ-ヺ])[-\u2010-\u2015\u2212\u301c~]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # the category Cc
_SPACES = re.compile(r"\s+")
_POSTAL_CODE = re.compile("〒? ?([0-9]{3})[-\u2010-\u2015\u2212ー]?([0-9]{4})")
_LEAP_YEAR = 2000


class Birthday(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day of the year, with or without its year."""

    month: Annotated[int, msgspec.Meta(ge=1, le=12)]
    """The month."""
    day: Annotated[int, msgspec.Meta(ge=1, le=31)]
    """The day; 29 February goes without a year."""
    year: Annotated[int, msgspec.Meta(ge=MIN_YEAR, le=MAX_YEAR)] | None = None
    """The year of birth; null: unknown, and so is the age."""


# Of a program's own attribute; a day is kept as `2026-10-12`.
OwnValue: TypeAlias = str | int | float | bool | Sequence[str]
Value: TypeAlias = OwnValue | Birthday


class UnusableValue(Exception):
    """`reason` says what the value of the attribute `key` must be."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


class _Fault(Exception):
    """What the value must be."""


def keep_value(attribute: Attribute | StandardAttribute, value: object, today: date) -> Value:
    """The one form of it. Raises UnusableValue. `today`: a birthday after it has not been."""
    try:
        if attribute.kind == "birthday":
            return _keep_birthday(value, today)
        return _KEEPERS[attribute.kind](attribute, value)
    except _Fault as fault:
        raise UnusableValue(attribute.key, str(fault)) from None


def keep_own_value(attribute: Attribute, value: object, today: date) -> OwnValue:
    """The same for an attribute of the program's own: none of them is a birthday."""
    kept = keep_value(attribute, value, today)
    assert not isinstance(kept, Birthday)
    return kept


def to_katakana(text: str) -> str:
    """Hiragana and half-width kana as full-width katakana; whatever else there is stays."""
    return _LONG_VOWEL.sub("ー", unicodedata.normalize("NFKC", text).translate(_TO_KATAKANA))


def _keep_text(attribute: Attribute | StandardAttribute, value: object) -> str:
    longest = attribute.max_length if isinstance(attribute, StandardAttribute) else MAX_TEXT_LENGTH
    if not isinstance(value, str):
        raise _Fault("give a text")
    # A name is kept as its owner writes it: NFKC would change the shape of some characters.
    text = _tidy(value if attribute.key in ("name", "nickname") else clean_up(value))
    if not 1 <= len(text) <= longest:
        raise _Fault(f"give 1 to {longest} characters")
    if _CONTROL.search(text) or has_turning(text):
        raise _Fault("take the control characters out")
    return text


def _keep_kana(attribute: Attribute | StandardAttribute, value: object) -> str:
    if not isinstance(value, str):
        raise _Fault("give a text")
    kana = _tidy(to_katakana(value))
    if not _KANA.fullmatch(kana):
        raise _Fault("give the reading in katakana or hiragana")
    return _keep_text(attribute, kana)


def _keep_birthday(value: object, today: date) -> Birthday:
    if not isinstance(value, Birthday):
        raise _Fault("give a month and a day, and the year or none")
    if value.year is not None and not MIN_YEAR <= value.year <= today.year:
        raise _Fault(f"give a year from {MIN_YEAR} to {today.year}")
    try:
        born = date(_LEAP_YEAR if value.year is None else value.year, value.month, value.day)
    except ValueError:
        raise _Fault("give a day that the calendar has") from None
    if value.year is not None and born > today:
        raise _Fault("give a day that has been")
    return value


def _keep_number(_: Attribute | StandardAttribute, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Fault("give a number")
    if not (math.isfinite(value) and abs(value) <= MAX_NUMBER):
        raise _Fault(f"give a number from -{MAX_NUMBER} to {MAX_NUMBER}")
    return value


def _keep_date(_: Attribute | StandardAttribute, value: object) -> str:
    try:
        day = msgspec.convert(value, date)
    except msgspec.ValidationError:
        raise _Fault("give a day such as 2026-10-12") from None
    if not MIN_YEAR <= day.year <= MAX_YEAR:
        raise _Fault(f"give a day from {MIN_YEAR} to {MAX_YEAR}")
    return day.isoformat()


def _keep_yes_no(_: Attribute | StandardAttribute, value: object) -> bool:
    if not isinstance(value, bool):
        raise _Fault("give true or false")
    return value


def _keep_one(attribute: Attribute | StandardAttribute, value: object) -> str:
    if not isinstance(value, str) or value not in attribute.choice_keys:
        raise _Fault(f"give one of {_list_choices(attribute)}")
    return value


def _keep_many(attribute: Attribute | StandardAttribute, value: object) -> Sequence[str]:
    """In the order of the choices. An empty list says: none of them."""
    if not isinstance(value, list) or not set(map(str, value)) <= attribute.choice_keys:
        raise _Fault(f"give a list of {_list_choices(attribute)}")
    return [choice.key for choice in attribute.choices if choice.key in value]


def _keep_postal_code(_: Attribute | StandardAttribute, value: object) -> str:
    found = _POSTAL_CODE.fullmatch(clean_up(value)) if isinstance(value, str) else None
    if found is None:
        raise _Fault("give a Japanese postal code, such as 160-0022")
    return found[1] + found[2]


def _keep_prefecture(_: Attribute | StandardAttribute, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in PREFECTURES:
        raise _Fault("give the prefecture's code (JIS X 0401), 1 to 47")
    return value


def _keep_time_zone(_: Attribute | StandardAttribute, value: object) -> str:
    if not isinstance(value, str) or value not in TIME_ZONES:
        raise _Fault("give a time zone's IANA name, such as Asia/Tokyo")
    return value


_KEEPERS: Mapping[str, Callable[[Attribute | StandardAttribute, object], Value]] = {
    "text": _keep_text,
    "kana": _keep_kana,
    "number": _keep_number,
    "date": _keep_date,
    "yes_no": _keep_yes_no,
    "one_of": _keep_one,
    "many_of": _keep_many,
    "postal_code": _keep_postal_code,
    "prefecture": _keep_prefecture,
    "time_zone": _keep_time_zone,
}


def _tidy(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _list_choices(attribute: Attribute | StandardAttribute) -> str:
    """Not all of two hundred."""
    keys = [choice.key for choice in attribute.choices]
    return ", ".join(keys[:20]) + (", …" if len(keys) > 20 else "")
