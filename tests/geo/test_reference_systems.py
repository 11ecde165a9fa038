"""Which coordinate reference systems are taken for WGS 84: what pyproj knows of each is the oracle."""

import warnings
from typing import Any

import pytest
from pyproj import CRS
from pyproj.transformer import TransformerGroup

from geo import reference_systems
from geo.geodesy import distance_m
from geo.reference_systems import find_crs_fault

WGS84_DATUM = "World Geodetic System 1984"


def named(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


def largest_shift_m(system: CRS) -> float:
    """How far any of PROJ's ways from a system to WGS 84 moves a point of its area; infinite where one is not known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ways = TransformerGroup(system, "EPSG:4326", always_xy=True)
    area = system.area_of_use
    if area is None or ways.unavailable_operations or not all(0 <= way.accuracy <= 1 for way in ways.transformers):
        return float("inf")
    width = (area.east - area.west) % 360 or 360
    shifts = []
    for way in ways.transformers:
        for lon, lat in (
            (area.west + width * x / 4, area.south + (area.north - area.south) * y / 4)
            for x in range(5)
            for y in range(5)
        ):
            moved_lon, moved_lat = way.transform(lon, lat)
            shifts.append(distance_m(lat, lon, moved_lat, moved_lon))
    return max(shifts)


def test_every_system_that_is_taken_is_wgs84_to_a_metre() -> None:
    for code in sorted(reference_systems._LIKE_WGS84):
        system = CRS.from_epsg(code)
        assert system.is_geographic, code
        assert {axis.unit_name for axis in system.axis_info[:2]} == {"degree"}, code
        assert system.datum is not None
        if not system.datum.name.startswith(WGS84_DATUM):
            assert largest_shift_m(system) < 1, f"{system.name} (EPSG:{code})"


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "urn:ogc:def:crs:EPSG::4326",
        "urn:ogc:def:crs:EPSG:6.18:4326",
        "EPSG:4326",
        "epsg:4326",
        "https://www.opengis.net/def/crs/EPSG/0/4326",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
        "WGS84",
        "EPSG:4979",
        "EPSG:4258",
        "urn:ogc:def:crs:EPSG::6668",
    ],
)
def test_wgs84_has_many_names(name: str) -> None:
    assert find_crs_fault(named(name)) is None


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("EPSG:4301", "Tokyo (EPSG:4301)"),
        ("urn:ogc:def:crs:EPSG::4612", "JGD2000 (EPSG:4612)"),
        ("urn:ogc:def:crs:EPSG::4269", "NAD83 (EPSG:4269)"),
        ("EPSG:7844", "GDA2020 (EPSG:7844)"),
        ("EPSG:4277", "OSGB36 (EPSG:4277)"),
        ("EPSG:4807", "NTF (Paris) (EPSG:4807)"),
        ("EPSG:3857", "WGS 84 / Pseudo-Mercator (EPSG:3857)"),
        ("urn:ogc:def:crs:EPSG::6677", "JGD2011 / Japan Plane Rectangular CS IX (EPSG:6677)"),
        ("EPSG:999999", "EPSG:999999"),
        ("urn:ogc:def:crs:OGC:1.3:CRS83", "urn:ogc:def:crs:OGC:1.3:CRS83"),
        ("Tokyo", "Tokyo"),
        ("+proj=longlat +datum=WGS84", "+proj=longlat +datum=WGS84"),
        ("", ""),
    ],
)
def test_any_other_is_refused_by_name(name: str, called: str) -> None:
    fault = find_crs_fault(named(name))
    assert fault is not None
    assert f"are in {called}," in fault
    assert "EPSG:4326" in fault


def test_the_drafts_of_the_old_geojson_are_understood() -> None:
    assert find_crs_fault({"type": "EPSG", "properties": {"code": 4326}}) is None
    assert "Tokyo" in (find_crs_fault({"type": "EPSG", "properties": {"code": 4301}}) or "")
    assert find_crs_fault({"type": "OGC", "properties": {"urn": "urn:ogc:def:crs:OGC:1.3:CRS84"}}) is None


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://example.org/crs/4326", "type": "proj4"}},
        None,
        "EPSG:4326",
        {},
        {"type": "name", "properties": {"name": 4326}},
        {"type": "name"},
    ],
)
def test_what_names_no_system_is_refused(crs: object) -> None:
    assert "link is not followed" in (find_crs_fault(crs) or "")


def test_one_that_pyproj_would_shift_by_hundreds_of_metres_is_not_taken() -> None:
    assert largest_shift_m(CRS.from_epsg(4301)) > 400
    assert largest_shift_m(CRS.from_epsg(4612)) == float("inf")
