"""A store's form: what was typed, and what the API's own bodies make of it."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from kit.locales import Locale
from programs.opening_hours_text import read_hours_text, write_hours_text
from programs.store import Store
from server.backoffice.change_store import NewStore, StoreChange
from server.web.store_fields import find_time_zone_fault, read_phone

FIELDS: Mapping[str, int] = {
    "code": 100,
    "name": 400,
    "time_zone": 100,
    "address": 1000,
    "phone": 100,
    "lat": 40,
    "lon": 40,
    "opening_hours": 2000,
    "day_start_hour": 10,
    "store_groups": 2000,
    "version": 20,
}
# What is said where the API's own bodies refuse a field: all else than these is out of bounds.
_FAULTS: Mapping[str, str] = {"code": "fault_code", "name": "fault_name"}
T = TypeVar("T")
Typed = Mapping[str, str]
_COMMAS = re.compile(r"[,、，]")  # noqa: RUF001 - what a Japanese keyboard types


class BadField(ValueError):
    """`word`: the name of one. `reason`: a sentence of the reader of hours, in English."""

    def __init__(self, field: str, word: str, reason: str = "") -> None:
        super().__init__(word)
        self.field, self.word, self.reason = field, word, reason


def read_new_store(typed: Typed) -> NewStore:
    """Raises BadField."""
    return _convert({**_read(typed), "code": typed["code"].strip()}, NewStore)


def read_store(typed: Typed) -> StoreChange:
    """Raises BadField."""
    return _convert(_read(typed), StoreChange)


def _convert(told: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(told, kind)
    except msgspec.ValidationError as error:
        path = re.search(r"\$\.(?:location\.)?(\w+)", str(error))
        field = path[1] if path else "name"
        raise BadField(field, _FAULTS.get(field, "fault_bounds")) from error


def _read(typed: Typed) -> dict[str, Any]:
    told: dict[str, Any] = {"name": typed["name"].strip(), "time_zone": typed["time_zone"].strip()}
    if not told["name"]:
        raise BadField("name", "fault_missing")
    if find_time_zone_fault(told["time_zone"]) is not None:
        raise BadField("time_zone", "fault_time_zone")
    told["address"] = typed["address"].strip() or None
    told["phone"] = typed["phone"].strip() or None
    if told["phone"] is not None and read_phone(told["phone"]) is None:
        raise BadField("phone", "fault_phone")
    if bool(typed["lat"].strip()) != bool(typed["lon"].strip()):
        raise BadField("lat" if not typed["lat"].strip() else "lon", "fault_place")
    if typed["lat"].strip():
        told["location"] = {name: _number(typed, name) for name in ("lat", "lon")}
    told["opening_hours"] = _hours(typed["opening_hours"])
    told["day_start_hour"] = _number(typed, "day_start_hour")
    told["store_groups"] = [group for each in _COMMAS.split(typed["store_groups"]) if (group := each.strip())]
    return told


def _number(typed: Typed, name: str) -> float:
    try:
        number = float(typed[name])
    except ValueError:
        raise BadField(name, "fault_number") from None
    return int(number) if number.is_integer() else number


def _hours(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return None
    try:
        week = read_hours_text(text)
    except ValueError as error:
        raise BadField("opening_hours", "fault_hours", str(error)) from error
    return {day: [[start.isoformat(), end.isoformat()] for start, end in spans] for day, spans in week.items()}


def type_store(store: Store, version: int, locale: Locale) -> dict[str, str]:
    """A store as its form shows it."""
    return {
        "code": store.code,
        "name": store.name,
        "time_zone": store.time_zone,
        "address": store.address or "",
        "phone": store.phone or "",
        "lat": "" if store.location is None else str(store.location.lat),
        "lon": "" if store.location is None else str(store.location.lon),
        "opening_hours": "" if store.opening_hours is None else write_hours_text(store.opening_hours, locale),
        "day_start_hour": str(store.day_start_hour),
        "store_groups": "、".join(store.store_groups) if locale == "ja" else ", ".join(store.store_groups),
        "version": str(version),
    }


def type_new_store(time_zone: str) -> dict[str, str]:
    return {**dict.fromkeys(FIELDS, ""), "time_zone": time_zone, "day_start_hour": "4"}
