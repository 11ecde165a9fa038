"""Recorded traces as people have them: CSV and GPX, and a JSON object a line. Pure.

A fix is read as the phones' uploads are: a time with its offset, a place in WGS 84, an accuracy if there is one. What
is wrong is refused with its line, or its place in the file.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import msgspec
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from geo.fix import Fix, find_fault
from kit.text_files import BYTE_ORDER_MARK, UnreadableText, decode, find_delimiter

TraceFormat: TypeAlias = Literal["csv", "gpx", "ndjson"]
MAX_FIXES = 50_000
MAX_PERSONS = 100
MAX_NAME = 100
_ALSO: Mapping[str, str] = {
    "time": "recorded_at", "timestamp": "recorded_at", "datetime": "recorded_at", "latitude": "lat",
    "longitude": "lon", "lng": "lon", "long": "lon", "accuracy": "accuracy_m", "device": "person", "member": "person",
}  # fmt: skip
_NEEDED = ("recorded_at", "lat", "lon")
_FAULTS: Mapping[str, str] = {
    "lat_out_of_range": "lat: write degrees from -90 to 90",
    "lon_out_of_range": "lon: write degrees from -180 to 180",
    "accuracy_invalid": "accuracy_m: write metres from 0 to 100,000, or nothing",
    "time_invalid": "recorded_at: write a time since 2000 with its offset, such as 2026-11-28T09:00:00+09:00",
}


class PersonTrace(msgspec.Struct, frozen=True):
    """Somebody's fixes in the order of time. `person`: what the file calls them; "" where it calls nobody anything."""

    person: str
    fixes: list[Fix]


def read_traces(body: bytes, form: TraceFormat) -> list[PersonTrace]:
    """Raises UnreadableText. In the order in which persons come first."""
    found: dict[str, list[Fix]] = {}
    for count, (person, fix) in enumerate(_READERS[form](body)):
        if count == MAX_FIXES:
            raise UnreadableText(f"Send {MAX_FIXES:,} fixes at most.")
        found.setdefault(person, []).append(fix)
        if len(found) > MAX_PERSONS:
            raise UnreadableText(f"Send traces of {MAX_PERSONS} persons at most.")
    if not found:
        raise UnreadableText("Send a file with at least one fix in it.")
    return [PersonTrace(person, sorted(fixes, key=lambda fix: fix.recorded_at)) for person, fixes in found.items()]


def _read_csv(body: bytes) -> Iterator[tuple[str, Fix]]:
    text = decode(body)[0].removeprefix(BYTE_ORDER_MARK)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=find_delimiter(text.partition("\n")[0]), strict=True)
    try:
        names = [_name_of(heading) for heading in next(rows, [])]
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            raise UnreadableText(
                f"Name the columns recorded_at, lat and lon in the first line: {missing[0]} is missing."
            )
        for row in rows:
            if row:
                yield _read_fields(dict(zip(names, row, strict=False)), f"Line {rows.line_num}")
    except csv.Error as error:
        raise UnreadableText(f"Line {rows.line_num}: {error}.") from error


def _read_ndjson(body: bytes) -> Iterator[tuple[str, Fix]]:
    for number, line in enumerate(body.removeprefix(BYTE_ORDER_MARK.encode()).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UnreadableText(f"Line {number}: write one JSON object a line.") from error
        if not isinstance(told, dict):
            raise UnreadableText(f"Line {number}: write one JSON object a line.")
        fields = {_name_of(name): "" if value is None else str(value) for name, value in told.items()}
        yield _read_fields(fields, f"Line {number}")


def _read_gpx(body: bytes) -> Iterator[tuple[str, Fix]]:
    """All tracks and segments are one person's. GPX gives no accuracy in metres."""
    try:
        root = fromstring(body)
    except (DefusedXmlException, ValueError, SyntaxError, LookupError) as error:
        raise UnreadableText("Send a whole GPX file, without entities of its own.") from error
    if _bare(root.tag) != "gpx":
        raise UnreadableText(f"Send a GPX file: this one begins with <{_bare(root.tag)[:40]}>.")
    points = (each for each in root.iter() if _bare(each.tag) == "trkpt")
    for number, point in enumerate(points, start=1):
        time = next((child.text for child in point if _bare(child.tag) == "time"), None)
        fields = {"lat": point.get("lat", ""), "lon": point.get("lon", ""), "recorded_at": time or ""}
        yield _read_fields(fields, f"Track point {number}")


_READERS = {"csv": _read_csv, "ndjson": _read_ndjson, "gpx": _read_gpx}


def _read_fields(fields: Mapping[str, str], where: str) -> tuple[str, Fix]:
    accuracy = fields.get("accuracy_m", "").strip()
    fix = Fix(
        lat=_number(fields, "lat", where),
        lon=_number(fields, "lon", where),
        accuracy_m=_number(fields, "accuracy_m", where) if accuracy else None,
        recorded_at=_time(fields.get("recorded_at", ""), where),
    )
    fault = find_fault(fix)
    if fault is not None:
        raise UnreadableText(f"{where}, {_FAULTS[fault]}.")
    person = fields.get("person", "").strip()
    if len(person) > MAX_NAME:
        raise UnreadableText(f"{where}, person: write {MAX_NAME} characters at most.")
    return person, fix


def _number(fields: Mapping[str, str], name: str, where: str) -> float:
    try:
        return float(fields.get(name, ""))
    except ValueError:
        raise UnreadableText(f"{where}, {name}: write a number.") from None


def _time(text: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise UnreadableText(f"{where}, {_FAULTS['time_invalid']}.")


def _name_of(heading: str) -> str:
    name = heading.strip().casefold()
    return _ALSO.get(name, name)


def _bare(tag: object) -> str:
    """Without its namespace, which tells GPX 1.0 from 1.1."""
    return str(tag).rpartition("}")[2]
