"""What a store is described by, and how its fields are read, whichever way they come in."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import time
from typing import Annotated
from zoneinfo import available_timezones

import msgspec

from kit.pages import MAX_LIMIT
from programs.opening_hours import Day, OpeningHours
from server.problems import Problem
from server.web.fields import Body, Latitude, LocalTime, Longitude

PHONE_FAULT = "Give the store's phone in digits, spaces, hyphens and brackets, such as 03-1234-5678."
_TIME_ZONES = available_timezones() - {"localtime"}  # on some machines: whatever that machine is set to

TimeZone = Annotated[str, msgspec.Meta(description="IANA name", examples=["Asia/Tokyo"])]

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
TypedPhone = Annotated[str, msgspec.Meta(min_length=1, max_length=100, examples=["03-1234-5678"])]
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{1,38}")
# Hyphens, dashes, the minus, and the mark for a long vowel that stands on the same key of a Japanese keyboard.
_DASHES = re.compile("[\u2010-\u2015\u2212\u30fc]")

_NO_BAR = r"[^|\uff5c]"
StoreGroup = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=40,
        pattern=rf"^{_NO_BAR}*[^|\uff5c\s]{_NO_BAR}*(?!\n)$",
        description="not only spaces, and no bar",
    ),
]
StoreGroups = Annotated[list[StoreGroup], msgspec.Meta(max_length=20, examples=[["Kanto"]])]

Hours = Annotated[
    dict[Day, Annotated[list[tuple[LocalTime, LocalTime]], msgspec.Meta(max_length=10)]],
    msgspec.Meta(
        description="spans a day; a span that ends at or before its start runs past midnight; a missing day is closed",
        examples=[{"mon": [["09:00", "21:00"]], "fri": [["18:00", "02:00"]]}],
    ),
]


class Position(Body, frozen=True):
    """A point on the map."""

    lat: Latitude
    """Latitude, WGS 84 degrees."""
    lon: Longitude
    """Longitude, WGS 84 degrees."""


class PlaceSearch(Position, frozen=True):
    """Stores around a place. In a body: where somebody is must not stand in a URL, which is logged on the way."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = 20
    """How many at most."""


def read_hours(hours: Hours) -> OpeningHours:
    return {
        day: [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans]
        for day, spans in hours.items()
    }


def read_store_groups(groups: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order of their names; full-width letters and spaces at the edge make no difference."""
    return tuple(sorted({unicodedata.normalize("NFKC", group).strip() for group in groups} - {""}))


def find_time_zone_fault(name: str) -> str | None:
    """What is wrong with a time zone's name, as a sentence for whoever sent it."""
    return None if name in _TIME_ZONES else "Give time_zone as an IANA name, such as Asia/Tokyo."


def read_phone(text: str) -> str | None:
    """As it is shown, in plain digits and hyphens; None for what nobody could dial."""
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text)).strip()
    return plain if _PHONE.fullmatch(plain) else None


def require_phone(text: str) -> str:
    """Raises Problem."""
    phone = read_phone(text)
    if phone is None:
        raise Problem("invalid-request", PHONE_FAULT)
    return phone


def require_time_zone(name: str) -> str:
    """The name itself. Raises Problem."""
    fault = find_time_zone_fault(name)
    if fault is not None:
        raise Problem("invalid-request", fault)
    return name
