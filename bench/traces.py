"""Reading a recorded trace and its places: CSV (gzipped too) or GPX, and GeoJSON points."""

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from devtools.apt import SetupError
from geo.index import Circle
from geo.matching import Fix, find_fault

DEFAULT_RADIUS_M = 100.0


def read_trace(path: Path) -> list[Fix]:
    """The usable fixes in order of time, one an instant. Raises SetupError where there is none."""
    try:
        fixes = sorted((_read_gpx(path) if path.suffix == ".gpx" else _read_csv(path)), key=lambda fix: fix.recorded_at)
    except (OSError, ValueError, KeyError, ET.ParseError) as error:
        raise SetupError(f"cannot read {path}: {error}") from error
    kept = list({fix.recorded_at: fix for fix in reversed(fixes) if find_fault(fix) is None}.values())[::-1]
    if not kept:
        raise SetupError(f"{path} holds no fixes")
    return kept


def read_places(path: Path) -> list[Circle]:
    """The points of a FeatureCollection, with `radius_m` from their properties (100 where it is missing)."""
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return [_circle(feature) for feature in features]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(f"cannot read {path}: {error}") from error


def _read_csv(path: Path) -> Iterator[Fix]:
    """Columns recorded_at (ISO 8601, UTC), lat, lon, and accuracy_m if there is one."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            accuracy = row.get("accuracy_m")
            yield Fix(
                float(row["lat"]), float(row["lon"]), float(accuracy) if accuracy else None, _time(row["recorded_at"])
            )


def _read_gpx(path: Path) -> Iterator[Fix]:
    for point in ET.parse(path).iter():  # noqa: S314 - the user's own file
        if point.tag.rpartition("}")[2] == "trkpt":
            time = next((child.text for child in point if child.tag.rpartition("}")[2] == "time"), None)
            if time is not None:
                yield Fix(float(point.attrib["lat"]), float(point.attrib["lon"]), None, _time(time))


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _circle(feature: dict[str, dict[str, object]]) -> Circle:
    coordinates = feature["geometry"]["coordinates"]
    if not isinstance(coordinates, list):
        raise TypeError("a place is a GeoJSON Point")
    radius_m = feature.get("properties", {}).get("radius_m") or DEFAULT_RADIUS_M
    return Circle(float(coordinates[1]), float(coordinates[0]), float(str(radius_m)))
