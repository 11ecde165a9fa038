"""The rows of a chain's file, whatever kind of file it is. Pure."""

from typing import Annotated, Any, get_type_hints

import msgspec

from geo.geofence import Area, Circle
from geo.limits import DwellS, ExitConfirmFixes, ExitConfirmS, ExitMarginM
from ids import GeofenceId
from kit.codes import Code
from kit.names import Name


class ChainRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is None stays as it is in a store or fence that exists, and takes the default in a new one."""

    store_code: Code
    store_name: Name | None = None
    time_zone: Name | None = None
    store_address: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] | None = None
    store_phone: Name | None = None
    store_lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    store_lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    opening_hours: dict[str, Any] | str | None = None
    day_start_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] | None = None
    store_groups: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)] | None = None
    geofence_id: GeofenceId | None = None
    geofence_name: Name | None = None
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None
    area: dict[str, Any] | None = None
    exit_margin_m: ExitMarginM | None = None
    exit_confirm_s: ExitConfirmS | None = None
    exit_confirm_fixes: ExitConfirmFixes | None = None
    dwell_s: DwellS | None = None
    report_crossings: bool | None = None


COLUMNS = tuple(get_type_hints(ChainRow))


class ParsedRow(msgspec.Struct, frozen=True):
    """`shape` is None for a store without a fence; `radius_m` is the circle's, or of the largest one in the area."""

    index: int
    row: ChainRow
    shape: Circle | Area | None
    radius_m: float


class BadRow(msgspec.Struct, frozen=True):
    """`index` counts features, placemarks, or rows below the header, from 0."""

    index: int
    reason: str


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says what to do."""


class FileNotes(msgspec.Struct, frozen=True):
    """How a file was read, for whoever sent it.

    `columns`: which heading was taken for which column; empty where the file has none.
    """

    encoding: str
    columns: dict[str, str]
