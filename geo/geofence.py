"""Geofences: circles and areas with the settings that decide enter, exit and dwell. Pure."""

from typing import NamedTuple

import msgspec
import shapely

from ids import GeofenceId, ProgramId, StoreId


class Circle(msgspec.Struct, frozen=True, gc=False):
    lat: float
    lon: float
    radius_m: float


class Area(msgspec.Struct, frozen=True, gc=False):
    """One or more polygons in longitude and latitude, split at the antimeridian (see `geo.shapes.parse_area`)."""

    polygons: shapely.MultiPolygon


class Policy(NamedTuple):
    """What decides enter, exit and dwell at a fence; most fences of a chain have the same."""

    exit_margin_m: float
    exit_confirm_s: float
    exit_confirm_fixes: int
    dwell_s: float
    report_crossings: bool


class Fence(msgspec.Struct, frozen=True, gc=False):
    """A geofence with what the transition machine needs to know about it.

    `radius_m` is the circle's radius or the area's largest inscribed circle's.
    """

    geofence_id: GeofenceId
    program_id: ProgramId
    store_id: StoreId
    name: str
    shape: Circle | Area
    radius_m: float
    exit_margin_m: float = 25.0
    exit_confirm_s: float = 120.0
    exit_confirm_fixes: int = 2
    dwell_s: float = 300.0
    report_crossings: bool = False
