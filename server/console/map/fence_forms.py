"""A geofence's form: what was typed, and what the API's own bodies make of it."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec
import shapely

from geo.geofence import Circle, Fence
from programs.store import Store
from server.backoffice.draw_geofence import GeofenceChange, NewGeofence

# The longest that each field may be. An area of ten thousand positions is a third of the last one.
FIELDS: Mapping[str, int] = {
    "store_code": 40,
    "name": 400,
    "kind": 10,
    "lat": 40,
    "lon": 40,
    "radius_m": 40,
    "exit_margin_m": 40,
    "exit_confirm_s": 40,
    "exit_confirm_fixes": 40,
    "dwell_s": 40,
    "report_crossings": 1,
    "version": 20,
    "area": 1_200_000,
}
_SETTINGS = ("exit_margin_m", "exit_confirm_s", "exit_confirm_fixes", "dwell_s")
Typed = Mapping[str, str]


class BadField(ValueError):
    """`field`: of the form. `reason`: the name of a word, or a sentence in English where `is_sentence`."""

    def __init__(self, field: str, reason: str, *, is_sentence: bool = False) -> None:
        super().__init__(reason)
        self.field, self.reason, self.is_sentence = field, reason, is_sentence


class ShownFence(NamedTuple):
    """As a form shows it."""

    typed: Typed
    store: Store


def read_fence(typed: Typed, store: Store) -> NewGeofence:
    """As the API would be told. Raises BadField."""
    told: dict[str, Any] = {"store_id": store.id, "name": typed["name"].strip()}
    if not told["name"]:
        raise BadField("name", "fault_missing")
    if typed["kind"] == "area":
        told["area"] = read_area_text(typed["area"])
    else:
        told["circle"] = {name: _read_number(typed, name) for name in ("lat", "lon", "radius_m")}
    told |= {name: _read_number(typed, name) for name in _SETTINGS if typed[name].strip()}
    told["report_crossings"] = bool(typed["report_crossings"])
    try:
        return msgspec.convert(told, NewGeofence)
    except msgspec.ValidationError as error:
        path = str(error).rpartition("`$.")[2].rstrip("`")
        field = path.rpartition(".")[2] or "name"
        raise BadField(field, "fault_name" if field == "name" else "fault_bounds") from error


def _read_number(typed: Typed, name: str) -> float:
    text = typed[name].strip().replace(",", "")
    try:
        number = float(text)
    except ValueError:
        raise BadField(name, "fault_number" if text else "fault_missing") from None
    # 2, and not 2.0, is what an API's client writes.
    return int(number) if number.is_integer() else number


def read_area_text(text: str) -> Mapping[str, Any]:
    """GeoJSON or WKT (OGC 06-103r4) as GeoJSON. Raises BadField."""
    plain = text.strip()
    if not plain:
        raise BadField("area", "fault_missing")
    try:
        if plain.startswith("{"):
            return msgspec.json.decode(plain, type=dict[str, Any])
        return dict(shapely.geometry.mapping(shapely.from_wkt(plain)))
    except (ValueError, RecursionError, shapely.errors.GEOSException):
        raise BadField("area", "fault_area") from None


def type_fence(fence: Fence, store: Store, version: int) -> dict[str, str]:
    """A geofence as its form shows it."""
    shape = fence.shape
    is_circle = isinstance(shape, Circle)
    return {
        "store_code": store.code,
        "name": fence.name,
        "kind": "circle" if is_circle else "area",
        "lat": str(shape.lat) if isinstance(shape, Circle) else "",
        "lon": str(shape.lon) if isinstance(shape, Circle) else "",
        "radius_m": _plain(shape.radius_m) if isinstance(shape, Circle) else "",
        "area": "" if isinstance(shape, Circle) else msgspec.json.encode(_geojson(shape.polygons)).decode(),
        **{name: _plain(getattr(fence, name)) for name in _SETTINGS},
        "report_crossings": "1" if fence.report_crossings else "",
        "version": str(version),
    }


def type_new(store: Store | None, kind: Literal["circle", "area"] = "circle") -> dict[str, str]:
    """An empty form, with the API's defaults."""
    defaults = GeofenceChange(name="new")
    place = store.location if store is not None else None
    return {
        "store_code": "" if store is None else store.code,
        "name": "",
        "kind": kind,
        "lat": "" if place is None else str(place.lat),
        "lon": "" if place is None else str(place.lon),
        "radius_m": "",
        "area": "",
        **{name: _plain(getattr(defaults, name)) for name in _SETTINGS},
        "report_crossings": "",
        "version": "",
    }


def _geojson(polygons: shapely.MultiPolygon) -> Mapping[str, Any]:
    """One polygon as such, which is easier to read and to draw."""
    return dict(shapely.geometry.mapping(polygons.geoms[0] if len(polygons.geoms) == 1 else polygons))


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)
