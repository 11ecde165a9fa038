"""Recorded traces and places as people have them, and what they are told of a file that is none."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.traces import read_places, read_trace
from devtools.apt import SetupError
from geo.fix import Fix
from geo.geofence import Circle

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="a watch" xmlns="http://www.topografix.com/GPX/1/1"
     xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
  <metadata><time>2025-05-02T02:00:00Z</time></metadata>
  <wpt lat="35.1" lon="139.1"><time>2025-05-02T02:00:01Z</time><name>no fix</name></wpt>
  <trk><name>Morning</name>
    <trkseg>
      <trkpt lat="35.6896" lon="139.7006"><ele>41.7</ele><time>2025-05-02T03:10:00.500Z</time>
        <extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>88</gpxtpx:hr></gpxtpx:TrackPointExtension></extensions>
      </trkpt>
      <trkpt lat="35.6897" lon="139.7007"><ele>41.9</ele><time>2025-05-02T12:10:05+09:00</time></trkpt>
      <trkpt lat="35.6898" lon="139.7008"><ele>42.0</ele></trkpt>
    </trkseg>
    <trkseg><trkpt lat="35.6899" lon="139.7009"><time> 2025-05-02T03:10:20 </time></trkpt></trkseg>
  </trk>
  <trk><trkseg>
      <trkpt lat="35.6890" lon="139.7000"><time>2025-05-02T03:09:00Z</time></trkpt>
      <trkpt lat="35.6000" lon="139.6000"><time>2025-05-02T03:09:00Z</time></trkpt>
      <trkpt lat="135.6" lon="139.7"><time>2025-05-02T03:09:10Z</time></trkpt>
      <trkpt lat="35.6" lon="139.7"><time>yesterday</time></trkpt>
  </trkseg></trk>
</gpx>"""
FIXES = [
    (datetime(2025, 5, 2, 3, 9, tzinfo=UTC), 35.6890),
    (datetime(2025, 5, 2, 3, 10, 0, 500_000, tzinfo=UTC), 35.6896),
    (datetime(2025, 5, 2, 3, 10, 5, tzinfo=UTC), 35.6897),
    (datetime(2025, 5, 2, 3, 10, 20, tzinfo=UTC), 35.6899),
]


@pytest.mark.parametrize("name", ["track.gpx", "TRACK.GPX", "track.gpx.gz"])
def test_all_tracks_and_segments_of_a_gpx_file_are_one_trace(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(GPX.encode(), mtime=0) if name.endswith(".gz") else GPX.encode())
    trace = read_trace(path)
    assert [(fix.recorded_at, fix.lat) for fix in trace.fixes] == FIXES
    assert all(fix.accuracy_m is None and fix.recorded_at.utcoffset() == timedelta(0) for fix in trace.fixes)
    assert trace.left_out == 4  # without a time, a second one of an instant, no place on Earth, no time at all


@pytest.mark.parametrize("name", ["trace.csv", "trace.csv.gz", "trace.txt"])
def test_a_csv_file_may_tell_accuracy(tmp_path: Path, name: str) -> None:
    words = "\ufefflat,lon,accuracy_m,recorded_at,speed\n35.6,139.7,12.5,2025-05-02T12:00:05+09:00,1\n"
    words += "35.7,139.8,,2025-05-02T03:00:00,2\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(words.encode(), mtime=0) if name.endswith(".gz") else words.encode())
    assert read_trace(path).fixes == [
        Fix(35.7, 139.8, None, datetime(2025, 5, 2, 3, 0, 0, tzinfo=UTC)),
        Fix(35.6, 139.7, 12.5, datetime(2025, 5, 2, 3, 0, 5, tzinfo=UTC)),
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.gpx", b"", "is no GPX trace"),
        ("a.gpx", b"<gpx><trk>", "is no GPX trace"),
        ("a.gpx", b"<kml></kml>", "outermost element is <kml>, not <gpx>"),
        ("a.gpx", b"<gpx></gpx>", "no point that has both a time and a place"),
        ("a.gpx", b'<gpx><trk><trkseg><trkpt lat="1" lon="2"/></trkseg></trk></gpx>', "both a time and a place"),
        ("a.gpx.gz", b"<gpx></gpx>", "Not a gzipped file"),
        ("a.csv.gz", gzip.compress(b"recorded_at,lat,lon\n" * 50, mtime=0)[:-9], "is no CSV trace"),
        ("a.csv", b"", "must name the columns recorded_at, lat, lon"),
        ("a.csv", b"time,latitude,longitude\n2025-05-02T03:10:00Z,1,2\n", "must name the columns"),
        ("a.csv", b"recorded_at,lat,lon\n2025-05-02T03:10:00Z,1,2\n2025-05-02T03:10:00Z,north,2\n", "line 3 holds"),
        ("a.csv", b"recorded_at,lat,lon\n2025-05-02T03:10:00Z,1\n", "line 2 holds"),
        ("a.csv", b"recorded_at,lat,lon\n", "both a time and a place"),
        ("a.csv", b"\xff\xfe\x00", "is no CSV trace"),
        ("missing.csv", None, "No such file"),
        ("directory.gpx", "directory", "Is a directory"),
    ],
)
def test_a_bad_trace_is_named_in_one_sentence(
    tmp_path: Path, name: str, content: bytes | str | None, words: str
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    with pytest.raises(SetupError, match=words) as refused:
        read_trace(path)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def point(coordinates: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": coordinates}}


def places_file(directory: Path, *features: object) -> Path:
    path = directory / "places.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_places_are_points_with_a_radius(tmp_path: Path) -> None:
    bare = {"type": "Feature", "properties": None, "geometry": {"type": "Point", "coordinates": [2, 1, 40]}}
    assert read_places(places_file(tmp_path, point([139.7, 35.6], radius_m=80), bare)) == [
        Circle(35.6, 139.7, 80.0),
        Circle(1.0, 2.0, 100.0),
    ]


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ((), "holds no places"),
        ((point([1, 2]), point([139.7, 95.0])), "place 2: The latitude"),
        ((point([1, 2], radius_m=-5),), "place 1: The radius"),
        ((point([1, 2], radius_m="wide"),), "place 1: it must be a GeoJSON Point"),
        ((point([1]),), "place 1: it must be a GeoJSON Point"),
        (({"geometry": None},), "place 1: it must be a GeoJSON Point"),
        ((["x"],), "place 1: it must be a GeoJSON Point"),
        (({"geometry": {"type": "Polygon", "coordinates": [[[0, 0]]]}},), "place 1: it must be a GeoJSON Point"),
    ],
)
def test_bad_places_are_named_in_one_sentence(tmp_path: Path, features: tuple[object, ...], words: str) -> None:
    with pytest.raises(SetupError, match=words):
        read_places(places_file(tmp_path, *features))


@pytest.mark.parametrize("words", ["", "{", "[]", "null", '{"features": {}}', "[" * 100_000])
def test_places_that_are_no_geojson(tmp_path: Path, words: str) -> None:
    path = tmp_path / "places.geojson"
    path.write_text(words)
    with pytest.raises(SetupError, match=r"places\.geojson (is no GeoJSON|holds no places)"):
        read_places(path)
