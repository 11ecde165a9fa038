"""Where postal codes lie, read from a table (CSV) with a postal code, a latitude and a longitude a line. Pure."""

import csv
import re
from collections.abc import Mapping

import msgspec

from kit.text_files import UnreadableText, decode, find_delimiter, simplify_heading

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "postal_code": ("postal_code", "postalcode", "postcode", "zip", "zipcode", "郵便番号"),
    "lat": ("lat", "latitude", "緯度"),
    "lon": ("lon", "lng", "longitude", "経度"),
}
_CODE = re.compile(r"〒?(\d{3})-?(\d{4})", re.ASCII)


class PostalPlace(msgspec.Struct, frozen=True):
    """`lat` and `lon` in degrees (WGS 84)."""

    postal_code: str
    lat: float
    lon: float


def read_postal_places(body: bytes) -> list[PostalPlace]:
    """One a code; of a code that stands in several lines the middle of their places. Raises UnreadableText."""
    text, _ = decode(body)
    lines = text.splitlines()
    reader = csv.reader(lines, delimiter=find_delimiter(lines[0] if lines else ""))
    places = _find_columns(next(reader, []))
    found: dict[str, list[tuple[float, float]]] = {}
    try:
        for cells in reader:
            if any(cells):
                code, at = _read_line([cells[place] for place in places])
                found.setdefault(code, []).append(at)
    except (ValueError, IndexError, csv.Error):
        raise UnreadableText(
            f"Line {reader.line_num}: write a postal code of seven digits, then its latitude and longitude in degrees."
        ) from None
    return [PostalPlace(code, *_middle(several)) for code, several in sorted(found.items())]


def _find_columns(headings: list[str]) -> list[int]:
    simple = [simplify_heading(heading) for heading in headings]
    places = [
        next((simple.index(name) for name in map(simplify_heading, names) if name in simple), None)
        for names in _HEADINGS.values()
    ]
    if None in places:
        raise UnreadableText("Give the file a first line with the headings postal_code, lat and lon.")
    return [place for place in places if place is not None]


def _read_line(cells: list[str]) -> tuple[str, tuple[float, float]]:
    code = _CODE.fullmatch(cells[0].strip())
    lat, lon = float(cells[1]), float(cells[2])
    if code is None or not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError
    return code[1] + code[2], (lat, lon)


def _middle(places: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(lat for lat, _ in places) / len(places), sum(lon for _, lon in places) / len(places)
