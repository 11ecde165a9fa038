"""Reading a recorded trace and its places: CSV or GPX (either may be gzipped), and GeoJSON points."""

import csv
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast
from xml.etree import ElementTree as ET

from devtools.apt import SetupError
from geo.fix import Fix, find_fault
from geo.geofence import Circle
from geo.shapes import InvalidShape, check_circle

DEFAULT_RADIUS_M = 100.0
COLUMNS = ("recorded_at", "lat", "lon")


@dataclass(frozen=True)
class Trace:
    """Usable fixes in order of time, one an instant; and how many points were none (no time, no place on Earth)."""

    fixes: list[Fix]
    left_out: int


class _BadLine(ValueError):
    pass


def read_trace(path: Path) -> Trace:
    """Raises SetupError with one sentence where the file cannot be read or holds no fixes."""
    kind, read = ("GPX", _read_gpx) if _is_gpx(path) else ("CSV", _read_csv)
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            points = list(read(cast("IO[bytes]", file)))
    except OSError as error:
        raise SetupError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, EOFError, zlib.error, csv.Error, ET.ParseError) as error:
        raise SetupError(f"{path} is no {kind} trace: {error}") from error
    fixes = _keep_usable(points)
    if not fixes:
        raise SetupError(f"{path} holds no point that has both a time and a place")
    return Trace(fixes, len(points) - len(fixes))


def read_places(path: Path) -> list[Circle]:
    """The points of a FeatureCollection, with `radius_m` from their properties (100 where it is missing)."""
    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise SetupError(f"{path} is no GeoJSON: {error}") from error
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features:
        raise SetupError(f"{path} holds no places: it must be a GeoJSON FeatureCollection of points")
    circles = []
    for number, feature in enumerate(features, 1):
        try:
            circles.append(_read_circle(feature))
        except InvalidShape as error:
            raise SetupError(f"{path}, place {number}: {error.reason}") from error
        except (LookupError, TypeError, ValueError) as error:
            raise SetupError(f"{path}, place {number}: it must be a GeoJSON Point with numbers") from error
    return circles


def _is_gpx(path: Path) -> bool:
    return ".gpx" in [suffix.lower() for suffix in path.suffixes[-2:]]


def _keep_usable(points: Iterable[Fix | None]) -> list[Fix]:
    first_at: dict[datetime, Fix] = {}
    for point in points:
        if point is not None and find_fault(point) is None:
            first_at.setdefault(point.recorded_at, point)
    return sorted(first_at.values(), key=lambda fix: fix.recorded_at)


def _read_csv(file: IO[bytes]) -> Iterator[Fix]:
    """Columns recorded_at (ISO 8601, UTC where no zone is told), lat, lon, and accuracy_m if there is one."""
    rows = csv.DictReader(line.decode("utf-8-sig") for line in file)
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise _BadLine(f"its first line must name the columns {', '.join(COLUMNS)}")
    for row in rows:
        try:
            accuracy_m = float(row["accuracy_m"]) if row.get("accuracy_m") else None
            yield Fix(float(row["lat"]), float(row["lon"]), accuracy_m, _read_time(row["recorded_at"]))
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise _BadLine(f"line {rows.line_num} holds no time, latitude and longitude") from error


def _read_gpx(file: IO[bytes]) -> Iterator[Fix | None]:
    """The points of all tracks and segments. Elevation is not read; a point without a time is None: nobody knows
    when it was. GPX gives no accuracy in metres."""
    root = ET.parse(file).getroot()  # noqa: S314 - the user's own file
    if _name(root) != "gpx":
        raise _BadLine(f"its outermost element is <{_name(root)}>, not <gpx>")
    for point in root.iter():
        if _name(point) == "trkpt":
            yield _read_track_point(point)


def _read_track_point(point: ET.Element) -> Fix | None:
    time = next((child.text for child in point if _name(child) == "time"), None)
    try:
        recorded_at = _read_time(time or "")
        return Fix(float(point.attrib["lat"]), float(point.attrib["lon"]), None, recorded_at)
    except (KeyError, ValueError, OverflowError):
        return None


def _name(element: ET.Element) -> str:
    """Without its namespace, which tells GPX 1.0 from 1.1."""
    return element.tag.rpartition("}")[2]


def _read_time(text: str) -> datetime:
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _read_circle(feature: dict[str, dict[str, object]]) -> Circle:
    geometry = feature["geometry"]
    if geometry["type"] != "Point":
        raise TypeError("not a point")
    lon, lat = cast("list[float]", geometry["coordinates"])[:2]
    radius_m = (feature.get("properties") or {}).get("radius_m") or DEFAULT_RADIUS_M
    circle = Circle(float(lat), float(lon), float(str(radius_m)))
    check_circle(circle.lat, circle.lon, circle.radius_m)
    return circle
