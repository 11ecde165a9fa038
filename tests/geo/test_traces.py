"""Traces as people have them: read alike from three formats, and refused with the place where they are wrong."""

import pytest

from geo import traces
from geo.traces import TraceFormat, read_traces
from kit.text_files import UnreadableText

CSV = (
    "Time,Latitude,lng,accuracy,device\n2026-11-28T12:01:00+09:00,35.69,139.70,12,a\n"
    "2026-11-28T03:00:00Z,35.68,139.71,,a\n\n2026-11-28T03:00:00Z,0,-1e1,0,b\n"
)
NDJSON = (
    '{"recorded_at": "2026-11-28T12:01:00+09:00", "lat": 35.69, "lon": "139.70", "accuracy_m": 12, "person": "a"}\n\n'
    '{"recorded_at": "2026-11-28T03:00:00Z", "lat": 35.68, "lon": 139.71, "accuracy_m": null, "person": "a"}\r\n'
    '{"recorded_at": "2026-11-28T03:00:00Z", "lat": 0, "lon": -10.0, "accuracy_m": 0, "person": "b"}'
)
POINT = '<trkpt lat="{}" lon="{}"><time>{}</time></trkpt>'
GPX = '<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{}</trkseg></trk></gpx>'
HEAD = "recorded_at,lat,lon,accuracy_m,person\n"
AT = "2026-11-28T03:00:00Z"
BOMB = '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><gpx>&b;</gpx>'


@pytest.mark.parametrize(("form", "text"), [("csv", CSV), ("csv", "\ufeff" + CSV), ("ndjson", NDJSON)])
def test_the_same_trace(form: TraceFormat, text: str) -> None:
    first, second = read_traces(text.encode(), form)
    assert [(fix.recorded_at.isoformat(), fix.lat, fix.accuracy_m) for fix in first.fixes] == [
        ("2026-11-28T03:00:00+00:00", 35.68, None),
        ("2026-11-28T03:01:00+00:00", 35.69, 12.0),
    ]
    assert (first.person, second.person, second.fixes[0].lon) == ("a", "b", -10.0)


def test_tracks_of_a_gpx_file_are_one_persons() -> None:
    points = POINT.format(35.7, 139.7, "2026-11-28T03:01:00Z") + "<ele>3</ele>" + POINT.format(35.6, 139.7, AT)
    (trace,) = read_traces(GPX.format(points).encode(), "gpx")
    assert [fix.lat for fix in trace.fixes] == [35.6, 35.7]


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("csv", "", "recorded_at is missing"),
        ("csv", "recorded_at,lat\n", "lon is missing"),
        ("csv", HEAD, "at least one fix"),
        ("csv", HEAD + f"{AT},35,139,,\n{AT},x,139,,\n", "Line 3, lat: write a number"),
        ("csv", HEAD + f"{AT},35\n", "Line 2, lon: write a number"),
        ("csv", HEAD + f"{AT},91,139,,\n", "Line 2, lat: write degrees"),
        ("csv", HEAD + f"{AT},35,nan,,\n", "Line 2, lon: write degrees"),
        ("csv", HEAD + f"{AT},35,139,-1,\n", "Line 2, accuracy_m"),
        ("csv", HEAD + f"{AT},35,139,1e999,\n", "Line 2, accuracy_m"),
        ("csv", HEAD + "2026-11-28T12:00:00,35,139,,\n", "Line 2, recorded_at: write a time .* with its offset"),
        ("csv", HEAD + "0001-01-01T00:00:00+09:00,35,139,,\n", "Line 2, recorded_at"),
        ("csv", HEAD + "1999-01-01T00:00:00Z,35,139,,\n", "Line 2, recorded_at"),
        ("csv", HEAD + f"{AT},35,139,,{'n' * 101}\n", "Line 2, person"),
        ("csv", HEAD + f'{AT},35,139,,"a\n', "Line 2"),
        ("ndjson", f'{{"lat": 35, "lon": 139, "recorded_at": "{AT}"}}\n[1]\n', "Line 2: write one JSON object"),
        ("ndjson", '{"lat": 35', "Line 1: write one JSON object"),
        ("ndjson", "[" * 100_000, "Line 1: write one JSON object"),
        ("ndjson", '{"lat": true, "lon": {}}', "Line 1, lat"),
        ("gpx", GPX.format("<trkpt lat='1' lon='2'/>"), "Track point 1, recorded_at"),
        ("gpx", GPX.format(POINT.format(1, 181, AT)), "Track point 1, lon"),
        ("gpx", "<gpx>", "whole GPX file"),
        ("gpx", "<kml/>", "begins with <kml>"),
        ("gpx", BOMB, "without entities"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(form: TraceFormat, text: str, words: str) -> None:
    with pytest.raises(UnreadableText, match=words):
        read_traces(text.encode(), form)


def test_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "MAX_FIXES", 2)
    monkeypatch.setattr(traces, "MAX_PERSONS", 1)
    with pytest.raises(UnreadableText, match="1 persons"):
        read_traces(f"{HEAD}{AT},1,1,,a\n{AT},1,1,,b\n".encode(), "csv")
    with pytest.raises(UnreadableText, match="2 fixes"):
        read_traces(f"{HEAD}{AT},1,1,,a\n{AT},1,1,,a\n{AT},1,1,,a\n".encode(), "csv")
    with pytest.raises(UnreadableText):
        read_traces(b"\xff\xfe\x00\xd8" * 3, "csv")
