"""Repeating schedules: RFC 5545's RRULE, of which a campaign takes what comes at most once a day. Pure.

python-dateutil counts the days. It is handed only what it cannot get lost in.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile

MAX_LENGTH = 200

_LONGEST_INTERVALS: Mapping[str, int] = {"DAILY": 366, "WEEKLY": 104, "MONTHLY": 24, "YEARLY": 4}
_DENSE = ("HOURLY", "MINUTELY", "SECONDLY")
_NUMBER = re.compile(r"-?[0-9]{1,3}")
_DAY = re.compile(r"(?P<place>[+-]?[1-5])?(?P<day>MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")
_LONGEST_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_TAKEN = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")


class BadRule(ValueError):
    """The message says what to write instead."""


def check_rule(text: str, first_at: datetime, zone: tzinfo | None) -> None:
    """Raises BadRule. `first_at`: a wall time. `zone`: of the clock, None where it is each member's own.

    A rule that names no day may take a second or two to be found out.
    """
    parts = _split(text)
    _check_frequency(parts)
    _check_numbers(parts)
    _check_days(parts)
    if next(iter(_open(parts, first_at, zone)), None) is None:
        raise BadRule("Write a rule that names some day from first_at on: this one names none.")


def is_bounded(text: str) -> bool:
    return bool({"COUNT", "UNTIL"} & _split(text).keys())


def occurrences(
    first_at: datetime, rule: str | None, zone: tzinfo | None, after: datetime, until: datetime
) -> list[datetime]:
    """The wall times after `after`, up to `until`, both wall times too. The rule has been checked."""
    if rule is None:
        found: Iterable[datetime] = [first_at]
    else:
        parts, begin = _skip_to(_split(rule), first_at, after)
        found = takewhile(lambda each: each <= until, _open(parts, begin, zone))
    return [each for each in found if after < each <= until]


def _skip_to(parts: dict[str, str], first_at: datetime, after: datetime) -> tuple[dict[str, str], datetime]:
    """The same rule, begun later by whole intervals and not after `after`: what lies decades behind is not counted
    through. One with a COUNT is counted from its beginning; it has at most 999.
    """
    interval, frequency = int(parts.get("INTERVAL", "1")), parts["FREQ"]
    if "COUNT" in parts or after <= first_at:
        return parts, first_at
    if frequency in ("DAILY", "WEEKLY"):
        step = timedelta(days=interval * (7 if frequency == "WEEKLY" else 1))
        return parts, first_at + (after - first_at) // step * step
    months = interval * (12 if frequency == "YEARLY" else 1)
    passed = (after.year - first_at.year) * 12 + after.month - first_at.month
    skipped = passed // months * months
    if skipped == 0:
        return parts, first_at
    if not {"BYDAY", "BYMONTHDAY"} & parts.keys():  # then the day is that of first_at, as RFC 5545 has it
        parts = parts | {"BYMONTHDAY": str(first_at.day)}
        if frequency == "YEARLY":
            parts.setdefault("BYMONTH", str(first_at.month))
    # From the 1st on: the first month of them may have no 31st.
    year, month = divmod(first_at.year * 12 + first_at.month - 1 + skipped, 12)
    begin = 1 if frequency == "YEARLY" else month + 1
    return parts, first_at.replace(year=year, month=begin, day=1)


def _open(parts: Mapping[str, str], first_at: datetime, zone: tzinfo | None) -> Iterable[datetime]:
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - only who reads a rule pays for the library

    if "UNTIL" in parts:
        parts = {**parts, "UNTIL": f"{_until(parts['UNTIL'], zone):%Y%m%dT%H%M%S}"}
    try:
        opened: Iterable[datetime] = rrulestr(
            ";".join(f"{name}={value}" for name, value in parts.items()), dtstart=first_at
        )
    except (ValueError, OverflowError) as error:
        raise BadRule("Write the rule as RFC 5545 has it, such as FREQ=WEEKLY;BYDAY=FR.") from error
    return opened


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for each in text.upper().removeprefix("RRULE:").split(";"):
        name, equals, value = each.partition("=")
        if not equals or not value or name in parts:
            raise BadRule("Write the rule as NAME=VALUE, parted by semicolons, each name once: FREQ=WEEKLY;BYDAY=FR.")
        if name not in _TAKEN:
            taken = ", ".join(_TAKEN)
            raise BadRule(f"Leave {name[:20]} out of the rule. It takes {taken}; first_at says at what time.")
        parts[name] = value
    return parts


def _check_frequency(parts: Mapping[str, str]) -> None:
    frequency = parts.get("FREQ", "")
    if frequency in _DENSE:
        raise BadRule(f"Write FREQ=DAILY or rarer: members would be written to several times a day by {frequency}.")
    if frequency not in _LONGEST_INTERVALS:
        raise BadRule("Begin the rule with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.")
    longest = _LONGEST_INTERVALS[frequency]
    _numbers(parts, "INTERVAL", 1, longest)
    _numbers(parts, "COUNT", 1, 999)
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise BadRule("Give COUNT or UNTIL, not both.")
    if "UNTIL" in parts and not _UNTIL.fullmatch(parts["UNTIL"]):
        raise BadRule("Write UNTIL as a day (20261231), or as a moment (20261231T145959Z).")


def _check_numbers(parts: Mapping[str, str]) -> None:
    months = _numbers(parts, "BYMONTH", 1, 12, is_list=True)
    days = _numbers(parts, "BYMONTHDAY", -31, 31, is_list=True)
    if days and parts["FREQ"] not in ("MONTHLY", "YEARLY"):
        raise BadRule("Give BYMONTHDAY with FREQ=MONTHLY or YEARLY only.")
    longest = max(_LONGEST_MONTHS.get(month, 31) for month in months or [1])
    if days and min(abs(day) for day in days) > longest:
        raise BadRule("Write a BYMONTHDAY that one of the months of BYMONTH has.")


def _check_days(parts: Mapping[str, str]) -> None:
    days = [_DAY.fullmatch(each) for each in parts["BYDAY"].split(",")] if "BYDAY" in parts else []
    if not all(days):
        raise BadRule("Write BYDAY with MO, TU, WE, TH, FR, SA, SU, or such as 2FR and -1FR for a Friday of the month.")
    is_placed = any(day["place"] for day in days if day)
    if is_placed and not (parts["FREQ"] == "MONTHLY" or (parts["FREQ"] == "YEARLY" and "BYMONTH" in parts)):
        raise BadRule("Give such as 2FR with FREQ=MONTHLY, or with FREQ=YEARLY and BYMONTH.")
    if days and parts["FREQ"] == "DAILY" and parts.get("INTERVAL", "1") != "1":
        raise BadRule("Write FREQ=WEEKLY where BYDAY and INTERVAL are given.")
    places = _numbers(parts, "BYSETPOS", -28, 28, is_list=True)
    if places and (parts["FREQ"] != "MONTHLY" or not days or is_placed or "BYMONTHDAY" in parts):
        last = "BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
        raise BadRule(f"Give BYSETPOS with FREQ=MONTHLY and BYDAY: the last working day of a month is {last}.")
    if places and max(abs(place) for place in places) > 4 * len(days):
        raise BadRule("Write a BYSETPOS that each month has: the days of BYDAY come four times at least.")
    if "WKST" in parts and not re.fullmatch("MO|TU|WE|TH|FR|SA|SU", parts["WKST"]):
        raise BadRule("Write WKST as MO, TU, WE, TH, FR, SA or SU.")


def _numbers(parts: Mapping[str, str], name: str, least: int, most: int, *, is_list: bool = False) -> list[int]:
    if name not in parts:
        return []
    texts = parts[name].split(",") if is_list else [parts[name]]
    numbers = [int(text) for text in texts if _NUMBER.fullmatch(text)]
    if len(numbers) < len(texts) or not all(least <= number <= most and number for number in numbers):
        raise BadRule(f"Write {name} with whole numbers from {least} to {most}{', but not 0' if least < 0 else ''}.")
    return numbers


def _until(text: str, zone: tzinfo | None) -> datetime:
    """The last wall time. A day is meant to its end."""
    try:
        if len(text) == 8:
            return datetime.strptime(text, "%Y%m%d").replace(hour=23, minute=59, second=59)  # noqa: DTZ007 - a wall time
        wall = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall time, or UTC
        if not text.endswith("Z"):
            return wall
        if zone is None:
            raise BadRule("Write UNTIL without Z where the clock is each member's own: as a day, or as a wall time.")
        return wall.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        if isinstance(error, BadRule):
            raise
        raise BadRule("Write UNTIL with a day that there is.") from error
