"""Fixes: location readings of a phone, and what makes one unusable. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from ids import GeofenceId

# No phone reports a larger number and means it; a wider fix says nothing about a shop.
MAX_ACCURACY_M = 100_000.0
# No clock that was ever set shows an earlier time. (The first moment of the calendar would become an infinity in the
# database.)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


RegionEventKind = Literal["enter", "dwell", "exit"]


class RegionEvent(msgspec.Struct, frozen=True, gc=False):
    """What the phone's own geofencing reported with a fix: see `geo.region_events`."""

    kind: RegionEventKind
    geofence_id: GeofenceId


class RegionEventByEnd(msgspec.Struct, frozen=True, gc=False):
    """The same from an app that sends no region's id, only the last hexadecimal digits of it."""

    kind: RegionEventKind
    id_end: str


class Fix(msgspec.Struct, frozen=True, gc=False):
    """One location reading in WGS 84 degrees; `accuracy_m` is None when the phone gave none."""

    lat: float
    """Latitude in degrees, WGS 84."""
    lon: float
    """Longitude in degrees, WGS 84."""
    accuracy_m: float | None
    recorded_at: datetime
    """When the reading was taken, by the device's clock, with its UTC offset."""
    mocked: bool = False
    """True where the phone says that an app made the location up: such a fix is counted and changes nothing."""


class RegionEventFix(Fix, frozen=True, gc=False):
    """A fix that came with an event of the phone's own geofencing."""

    region_event: RegionEvent | RegionEventByEnd | None = None


def find_fault(fix: Fix) -> str | None:
    """The stable code of what makes a fix unusable, or None for a good one.

    `lat_out_of_range`, `lon_out_of_range` (NaN and infinity too), `accuracy_invalid` (negative, not finite, or wider
    than `MAX_ACCURACY_M`), `time_invalid` (without a time zone, not in UTC, or before `EARLIEST`).
    """
    if not -90 <= fix.lat <= 90:
        return "lat_out_of_range"
    if not -180 <= fix.lon <= 180:
        return "lon_out_of_range"
    if fix.accuracy_m is not None and not 0 <= fix.accuracy_m <= MAX_ACCURACY_M:
        return "accuracy_invalid"
    at = fix.recorded_at
    if (at.tzinfo is not UTC and at.utcoffset() != timedelta(0)) or at < EARLIEST:
        return "time_invalid"
    return None
