"""Opening hours as people write them, to a week. Pure.

Read are the common part of OpenStreetMap's `opening_hours` (`Mo-Fr 09:00-17:00; Sa off`), the same in Japanese, and our
own JSON with times such as `9:00`, `24:00` and `26:00`. Only what means the same to everybody: a day that two rules
claim, hours of public holidays and all that depends on the date are refused, in words that say how to write it.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import time
from typing import NamedTuple

from kit.locales import Locale
from programs.opening_hours import DAYS, Day, Week

MAX_SPANS = 10
_DAY_MINUTES = 24 * 60
_EXAMPLE = "such as Mo-Fr 09:00-17:00; Sa,Su 10:00-15:00; We off, or 24/7"
_HOLIDAY = "PH"
_SHORT_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# In this order: a longer word before the day that ends it.
_JAPANESE = (
    ("24時間(?:営業)?", "24/7"),
    ("毎日|年中無休|無休", "Mo-Su"),
    ("定休日?|休業日?|休み|休", " off"),
    ("祝日?", _HOLIDAY),
    *((f"{kanji}(?:曜日?)?", day) for kanji, day in zip("月火水木金土日", _SHORT_DAYS, strict=True)),
    (r"(\d{1,2})時(\d{2})分", r"\1:\2"),
    (r"(\d{1,2})時半", r"\1:30"),
    (r"(\d{1,2})時", r"\1:00"),
    ("から|[~\u301c\u2010-\u2015\u2212\u30fc]", "-"),
    ("[、・]", ","),
    ("[。\n]", ";"),
)
_WORDS = {
    **{name: short for short, long in zip(_SHORT_DAYS, _LONG_DAYS, strict=True) for name in (long, long[:3], long[:2])},
    "ph": _HOLIDAY,
    "off": "off",
    "closed": "off",
}  # fmt: skip
_DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)"
_DAYS = f"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*"
_SPAN = r"\d{1,2}:\d\d(?::\d\d)?-\d{1,2}:\d\d(?::\d\d)?"
_RULE = re.compile(rf"(?:({_DAYS}):?\s*)?(off|24/7|{_SPAN}(?:,{_SPAN})*)", re.ASCII)
_SEPARATOR = re.compile(rf"\s*(;)\s*|(?<=[0-9f])(?:\s*(,)\s*|\s)(?={_DAY})")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?", re.ASCII)

Spans = list[tuple[time, time]]


class _Rule(NamedTuple):
    days: tuple[str, ...]
    spans: Spans
    # After a semicolon a rule takes the place of what an earlier one says of more days.
    is_override: bool
    # It names none. Whatever stands before another rule, that one is the exception.
    is_of_every_day: bool


def read_hours_text(text: str) -> dict[Day, Spans]:
    """Raises ValueError with a sentence for whoever wrote it."""
    plain = _normalise(text)
    hours: dict[str, Spans] = {}
    earlier: list[_Rule] = []
    for rule in _read_rules(plain):
        for other in earlier:
            both = set(rule.days) & set(other.days)
            if both and not (set(rule.days) < set(other.days) and (rule.is_override or other.is_of_every_day)):
                raise ValueError(f"opening_hours: {min(both)} stands twice; write all times of a day at once.")
        earlier.append(rule)
        hours |= dict.fromkeys(rule.days, rule.spans)
    if _HOLIDAY in hours and any(hours.get(day) != hours[_HOLIDAY] for day in _SHORT_DAYS):
        raise ValueError(
            "opening_hours: other hours on public holidays (PH) cannot be kept. Leave PH out: on a holiday the hours of"
            " its day of the week count."
        )
    return {day: hours[short] for day, short in zip(DAYS, _SHORT_DAYS, strict=True) if hours.get(short)}


def read_hours_table(table: Mapping[str, object]) -> dict[Day, Spans]:
    """The same of `{"mon": [["9:00", "26:00"]]}`. Raises ValueError."""
    week: dict[Day, Spans] = {}
    for name, spans in table.items():
        short = _WORDS.get(unicodedata.normalize("NFKC", name).strip().lower())
        if short not in _SHORT_DAYS:
            raise ValueError(f"opening_hours: {name!r} is no day; write {', '.join(DAYS)}.")
        day = DAYS[_SHORT_DAYS.index(short)]
        if day in week:
            raise ValueError(f"opening_hours: {day} stands twice; write all times of a day at once.")
        week[day] = _read_spans(day, spans)
    return week


def write_hours_text(week: Week, locale: Locale) -> str:
    """As `read_hours_text` reads it again. Days side by side with the same times are a range."""
    names = "月火水木金土日" if locale == "ja" else _SHORT_DAYS
    told = [",".join(f"{_write_clock(start)}-{_write_end(start, end)}" for start, end in week.get(d, ())) for d in DAYS]
    parts: list[str] = []
    place = 0
    while place < len(DAYS):
        last = place
        while last + 1 < len(DAYS) and told[last + 1] == told[place]:
            last += 1
        if told[place]:
            days = names[place] if last == place else f"{names[place]}-{names[last]}"
            parts.append(f"{days} {told[place]}")
        place = last + 1
    return "; ".join(parts) or f"{names[0]}-{names[-1]} off"


def _write_clock(at: time) -> str:
    return at.isoformat() if at.second else at.isoformat("minutes")


def _write_end(start: time, end: time) -> str:
    """Of a whole day: 24:00, which no clock shows."""
    return "24:00" if start == end == time() else _write_clock(end)


def _normalise(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    for pattern, written in _JAPANESE:
        plain = re.sub(pattern, written, plain)
    plain = re.sub(r"[A-Za-z]{2,}", lambda word: _WORDS.get(word[0].lower(), word[0]), _part_days(plain))
    plain = re.sub(r"\s*([-,])\s*", r"\1", plain)
    return re.sub(rf"(?<={_DAY})(?={_DAY})", ",", re.sub(r"[ \t\r\u3000]+", " ", plain)).strip(" ;,")


def _part_days(text: str) -> str:
    """Days that stand side by side, as in Japanese, are a list."""
    return re.sub(rf"({_DAY})(?={_DAY})", r"\1,", text)


def _read_rules(plain: str) -> list[_Rule]:
    parts = _SEPARATOR.split(plain)
    texts, signs = parts[::3], [";", *(";" if sign else "," for sign in parts[1::3])]
    return [_read_rule(text, sign == ";") for text, sign in zip(texts, signs, strict=True)]


def _read_rule(text: str, is_override: bool) -> _Rule:
    found = _RULE.fullmatch(text)
    if found is None:
        raise ValueError(f"opening_hours: {text!r} cannot be read; write days and times {_EXAMPLE}.")
    if found[2] == "off":
        spans: Spans = []
    elif found[2] == "24/7":
        spans = [(time(), time())]
    else:
        spans = _read_spans(found[1] or "every day", [span.split("-") for span in found[2].split(",")])
    return _Rule(_list_days(found[1]) if found[1] else _SHORT_DAYS, spans, is_override, not found[1])


def _list_days(text: str) -> tuple[str, ...]:
    days: list[str] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not last:
            days.append(first)
            continue
        if _HOLIDAY in (first, last):
            raise ValueError(f"opening_hours: {part} is no range of days; write PH for itself, as in Mo-Su,PH.")
        begin, end = _SHORT_DAYS.index(first), _SHORT_DAYS.index(last)
        days += [_SHORT_DAYS[place % 7] for place in range(begin, end + 1 if begin <= end else end + 8)]
    return tuple(dict.fromkeys(days))


def _read_spans(day: str, spans: object) -> Spans:
    if not isinstance(spans, list) or len(spans) > MAX_SPANS:
        raise ValueError(f'opening_hours, {day}: write at most {MAX_SPANS} spans, such as [["09:00", "21:00"]].')
    return [_read_span(day, span) for span in spans]


def _read_span(day: str, span: object) -> tuple[time, time]:
    match span:
        case [str(), str()]:
            start, end = (_read_clock(day, text) for text in span)
        case _:
            raise ValueError(f'opening_hours, {day}: a span is a start and an end, such as ["09:00", "21:00"].')
    if start >= _DAY_MINUTES:
        raise ValueError(f"opening_hours, {day}: {span[0]} is on the next day; write these times there, from 00:00 on.")
    if end > _DAY_MINUTES and end - _DAY_MINUTES > start:
        raise ValueError(f"opening_hours, {day}: {span[0]} to {span[1]} is more than a day; write it in two spans.")
    return _to_time(start), _to_time(end)


def _read_clock(day: str, text: str) -> float:
    """In minutes from midnight; past 24:00 it is the next day, as 26:00 is."""
    found = _CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is not None and int(found[2]) < 60 and int(found[3] or 0) < 60:
        minutes = int(found[1]) * 60 + int(found[2]) + int(found[3] or 0) / 60
        if minutes <= 2 * _DAY_MINUTES:
            return minutes
    raise ValueError(f"opening_hours, {day}: {text!r} is no time of day; write it as 21:00, or 26:00 for 2 at night.")


def _to_time(minutes: float) -> time:
    seconds = round(minutes * 60) % (_DAY_MINUTES * 60)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
