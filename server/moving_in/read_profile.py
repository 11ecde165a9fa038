"""The part of a row that is a profile: from cells to attributes in the form in which they are kept. Pure.

A value that is no value of its attribute is left out, and told.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from typing import TypeAlias

from imports.columns import write_fault
from imports.values import UnreadableCell, plain, read_birthday, read_count, read_day, read_postal_code, read_yes_no
from kit.text_files import simplify_heading
from members.attribute_values import Birthday, UnusableValue, Value, keep_value
from members.attributes import STANDARD_ATTRIBUTES, Attribute, AttributeKind, StandardAttribute
from members.prefectures import PREFECTURES

# Of a column that holds one of the program's own attributes.
OWN = "own:"
# What tills write besides the labels of the choices.
_ALSO = {
    "gender": {
        **dict.fromkeys(("男", "m", "1", "man"), "male"),
        **dict.fromkeys(("女", "f", "2", "woman"), "female"),
        **dict.fromkeys(("0", "9", "不明", "無回答", "未回答"), "undisclosed"),
    },
    "job": {
        **dict.fromkeys(("会社員公務員", "会社役員"), "employee"),
        **dict.fromkeys(("自営業", "自由業"), "self_employed"),
        **dict.fromkeys(("パート", "アルバイト"), "part_time"),
        **dict.fromkeys(("主婦", "専業主婦", "主夫"), "homemaker"),
        "学生": "student",
        "年金受給者": "retired",
    },
    "locale": {"日本語": "ja", "英語": "en", "japanese": "ja", "english": "en"},
}
_PARTS = {"name": ("family_name", "given_name"), "kana": ("family_kana", "given_kana")}
# The attribute of a column whose name is another.
_KEYS = {"address": "prefecture"}
_SHORT_NAMES = re.compile(r"(?<=.)[都府県]$")
# A name is hardly anybody else's; an own attribute may be anything.
_SELDOM_TWICE = frozenset({"name", "kana", "nickname"})
_MOST_KEPT = 50_000
_PARTED = re.compile("[,、;\uff1b|]")
_FORMULA = ("=", "+", "-", "@")
Read: TypeAlias = Callable[[str], object]


class ProfileReader:
    """`attributes`: the program's own."""

    def __init__(self, attributes: Iterable[Attribute], today: date) -> None:
        own = [each for each in attributes if each.removed_at is None and "import" in each.writers]
        self._own = {OWN + each.key: each for each in own}
        self._today = today
        self._kept: dict[tuple[str, str], tuple[str, Value | None]] = {}
        self._readers: dict[str, tuple[Attribute | StandardAttribute, Read]] = {
            column: (STANDARD_ATTRIBUTES[_KEYS.get(column, column)], read) for column, read in _READERS.items()
        }
        for key in ("gender", "job", "income_band", "locale"):
            words = _by_word(STANDARD_ATTRIBUTES[key]) | _ALSO.get(key, {})
            self._readers[key] = STANDARD_ATTRIBUTES[key], partial(_choose, words)
        for column, attribute in self._own.items():
            self._readers[column] = attribute, _own_reader(attribute)

    def _keep(self, column: str, text: str) -> tuple[str, Value | None]:
        """Of what comes again and again it is remembered. Raises UnusableValue, UnreadableCell."""
        attribute, read = self._readers[column]
        value = read(text)
        kept = attribute.key, None if value is None else keep_value(attribute, value, self._today)
        if column not in _SELDOM_TWICE:
            if len(self._kept) == _MOST_KEPT:
                self._kept.clear()
            self._kept[column, text] = kept
        return kept

    @property
    def columns(self) -> dict[str, str]:
        """What a heading may be for an own attribute, simplified, and the column that it is."""
        return {
            simplify_heading(word): column
            for column, attribute in self._own.items()
            for word in (*attribute.label.values(), attribute.key)
        }

    def read(
        self, single: Mapping[str, str], headings: Mapping[str, str], remarks: list[str]
    ) -> tuple[dict[str, Value], dict[str, Value], str | None]:
        """The standard attributes, the own ones and the locale. `single`: the row's texts by column."""
        standard: dict[str, Value] = {}
        own: dict[str, Value] = {}
        for column, text in _join_names(single).items():
            if column not in self._readers or (column == "address" and "prefecture" in single):
                continue
            try:
                key, value = self._kept.get((column, text)) or self._keep(column, text)
                if value is not None:
                    (own if column in self._own else standard)[key] = value
            except (UnusableValue, UnreadableCell) as fault:
                words = fault.reason if isinstance(fault, UnusableValue) else fault
                remarks.append(write_fault(headings, column, f"{words}; it is left out"))
        locale = standard.pop("locale", None)
        return standard, own, None if locale is None else str(locale)


def _join_names(single: Mapping[str, str]) -> Mapping[str, str]:
    """A name in two columns is one."""
    joined = {
        whole: " ".join(single[part] for part in parts if part in single)
        for whole, parts in _PARTS.items()
        if whole not in single and any(part in single for part in parts)
    }
    return {**single, **joined} if joined else single


def _own_reader(attribute: Attribute) -> Read:
    words = _by_word(attribute)
    readers: dict[AttributeKind, Read] = {
        "text": _read_text,
        "number": _read_number,
        "date": _read_date,
        "yes_no": read_yes_no,
        "one_of": partial(_choose, words),
        "many_of": partial(_choose_several, words),
    }
    return readers[attribute.kind]


def _choose(words: Mapping[str, str], text: str) -> str:
    choice = words.get(simplify_heading(text))
    if choice is None:
        raise UnreadableCell("it is none of the choices")
    return choice


def _choose_several(words: Mapping[str, str], text: str) -> list[str]:
    return [_choose(words, part) for part in _PARTED.split(text) if part.strip()]


def _by_word(attribute: Attribute | StandardAttribute) -> dict[str, str]:
    return {
        simplify_heading(word): choice.key
        for choice in attribute.choices
        for word in (*choice.label.values(), choice.key)
    }


def _read_text(text: str) -> str:
    if text.startswith(_FORMULA) and len(text) > 1:
        raise UnreadableCell("it looks like a formula")
    return text


def _read_number(text: str) -> int | float:
    try:
        return read_count(text)
    except UnreadableCell:
        pass
    try:
        return float(plain(text).replace(",", ""))
    except ValueError:
        raise UnreadableCell("write a number") from None


def _read_date(text: str) -> str | None:
    day = read_day(text)
    return None if day is None else day.isoformat()


def _read_birthday(text: str) -> Birthday | None:
    born = read_birthday(text)
    return None if born is None else Birthday(born[1], born[2], born[0])


_PREFECTURE_OF = {
    word: code
    for code, names in PREFECTURES.items()
    for word in (names["ja"], _SHORT_NAMES.sub("", names["ja"]), names["en"].casefold(), str(code), f"{code:02d}")
}


def _read_prefecture(text: str) -> int:
    code = _PREFECTURE_OF.get(plain(text).casefold())
    if code is None:
        raise UnreadableCell("it is no prefecture of Japan")
    return code


def _find_prefecture(address: str) -> int | None:
    """Of an address nothing else is kept. None where it does not begin with one."""
    begin = plain(address)[:4]
    return next((_PREFECTURE_OF[begin[:length]] for length in (3, 4) if begin[:length] in _PREFECTURE_OF), None)


_READERS: dict[str, Read] = {
    "name": _read_text,
    "kana": _read_text,
    "nickname": _read_text,
    "city": _read_text,
    "birthday": _read_birthday,
    "postal_code": read_postal_code,
    "prefecture": _read_prefecture,
    "address": _find_prefecture,
}
