"""A recorded trace and the places that belong to it, read from the user's files."""

import csv
import gzip
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO

_GZIP_MAGIC = b"\x1f\x8b"


class BadFile(Exception):
    """One line: which file, where in it, and what is wrong."""


class RecordedFix(NamedTuple):
    recorded_at: datetime
    lat: float
    lon: float
    accuracy_m: float | None


class Place(NamedTuple):
    name: str
    lat: float
    lon: float
    radius_m: float


def read_fixes(path: Path) -> list[RecordedFix]:
    """Oldest first. CSV with the columns recorded_at (ISO 8601 with an offset), lat, lon and, if it likes, accuracy_m.

    Raises BadFile.
    """
    with _blaming(path), _open_text(path) as file:
        rows = csv.DictReader(file)
        missing = {"recorded_at", "lat", "lon"} - set(rows.fieldnames or ())
        if missing:
            raise BadFile(f"{path}: no column {', '.join(sorted(missing))} in its first line")
        fixes = [_fix(row, f"{path}: line {rows.line_num}") for row in rows]
    if not fixes:
        raise BadFile(f"{path}: no fixes in it")
    # A phone's queue is in the order of its clock.
    return sorted(fixes, key=lambda fix: fix.recorded_at)


def read_places(path: Path) -> list[Place]:
    """A GeoJSON FeatureCollection of points with the properties name and radius_m. Raises BadFile."""
    with _blaming(path), _open_text(path) as file:
        document = json.load(file)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise BadFile(f"{path}: not a GeoJSON FeatureCollection with features")
    return [_place(feature, f"{path}: feature {number}") for number, feature in enumerate(features, 1)]


@contextmanager
def _blaming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error, EOFError, json.JSONDecodeError, zlib.error) as error:
        raise BadFile(f"{path}: cannot be read: {error}") from error


def _open_text(path: Path) -> TextIO:
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP_MAGIC
    return gzip.open(path, "rt", encoding="utf-8") if is_gzip else path.open(encoding="utf-8-sig", newline="")


def _fix(row: Mapping[str, str | None], where: str) -> RecordedFix:
    try:
        recorded_at = datetime.fromisoformat(row["recorded_at"] or "")
        accuracy = row.get("accuracy_m")
        accuracy_m = _number(accuracy) if accuracy else None
        lat, lon = _number(row["lat"]), _number(row["lon"])
    except ValueError as error:
        raise BadFile(f"{where}: {error}") from error
    if recorded_at.tzinfo is None:
        raise BadFile(f"{where}: recorded_at has no UTC offset, such as Z")
    return RecordedFix(recorded_at.astimezone(UTC), lat, lon, accuracy_m)


def _place(feature: Any, where: str) -> Place:
    try:
        lon, lat = (float(number) for number in feature["geometry"]["coordinates"][:2])
        properties = feature["properties"]
        place = Place(str(properties["name"]), lat, lon, float(properties["radius_m"]))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise BadFile(f"{where}: not a point with the properties name and radius_m") from error
    if not (feature["geometry"].get("type") == "Point" and -90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadFile(f"{where}: not a point on the Earth")
    if not (place.name and 10 <= place.radius_m <= 50_000):
        raise BadFile(f"{where}: it needs a name and a radius_m of 10 to 50,000")
    return place


def _number(text: str | None) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"'{text}' is no number")
    return number
