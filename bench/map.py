"""A square map: a trace and fences, to scale, in a plane that is straight in longitude and latitude."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.svg import Point, box, circle, clipped, line, text
from geo.fix import Fix
from geo.geodesy import metres_per_degree
from geo.geofence import Circle

TRACE, FENCE, EDGE = "#57606a", "#0969da", "#d0d7de"
# A phone that was silent for longer drew no line between its two fixes.
LONGEST_PAUSE = timedelta(minutes=5)
_LEAST_RADIUS_PX = 4.0
_BARS_M = (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50)


@dataclass(frozen=True)
class Frame:
    """A square on the page, `size_px` wide, with the place on Earth of its middle and its scale."""

    corner: Point
    size_px: float
    lat: float
    lon: float
    px_per_m: float

    def at(self, lat: float, lon: float) -> Point:
        lat_m, lon_m = metres_per_degree(self.lat)
        east = (lon - self.lon + 180) % 360 - 180
        middle = self.size_px / 2
        return (
            self.corner[0] + middle + east * lon_m * self.px_per_m,
            self.corner[1] + middle - (lat - self.lat) * lat_m * self.px_per_m,
        )


def fit_frame(fixes: Sequence[Fix], places: Sequence[Circle], corner: Point, size_px: float) -> Frame:
    """Holds all fixes and places. Longitudes are counted from the first fix, so that the antimeridian is no edge."""
    origin = fixes[0].lon
    points = [*((fix.lat, fix.lon) for fix in fixes), *((place.lat, place.lon) for place in places)]
    lats, easts = [lat for lat, _ in points], [(lon - origin + 180) % 360 - 180 for _, lon in points]
    lat, east = (min(lats) + max(lats)) / 2, (min(easts) + max(easts)) / 2
    lat_m, lon_m = metres_per_degree(lat)
    extent_m = max((max(lats) - min(lats)) * lat_m, (max(easts) - min(easts)) * lon_m)
    extent_m += 2 * max(place.radius_m for place in places)
    return Frame(corner, size_px, lat, (origin + east + 180) % 360 - 180, 0.94 * size_px / extent_m)


def frame_around(place: Circle, corner: Point, size_px: float) -> Frame:
    """Four radii wide on each side of the place's centre."""
    return Frame(corner, size_px, place.lat, place.lon, size_px / (8 * place.radius_m))


def draw_frame(
    name: str, frame: Frame, fixes: Sequence[Fix], places: Sequence[Circle], width_px: float = 1
) -> list[str]:
    size = (frame.size_px, frame.size_px)
    marks = [line(stretch, TRACE, width_px) for stretch in _stretches(frame, fixes)]
    for place in places:
        radius_px = max(_LEAST_RADIUS_PX, place.radius_m * frame.px_per_m)
        marks.append(circle(frame.at(place.lat, place.lon), radius_px, f"{FENCE}40", FENCE, 1.5))
    drawn = [*clipped(name, frame.corner, size, marks), box(frame.corner, size, "none", EDGE)]
    return [*drawn, *_draw_scale(frame)]


def _stretches(frame: Frame, fixes: Sequence[Fix]) -> Iterator[list[Point]]:
    """Unbroken lines, without the points that would fall on the pixel of the one before, or far off the map."""
    stretch: list[Point] = []
    last = fixes[0]
    for fix in fixes:
        x, y = frame.at(fix.lat, fix.lon)
        near = all(-frame.size_px < at - low < 2 * frame.size_px for at, low in zip((x, y), frame.corner, strict=True))
        if not near or fix.recorded_at - last.recorded_at > LONGEST_PAUSE:
            if len(stretch) > 1:
                yield stretch
            stretch = []
        if near and (not stretch or abs(x - stretch[-1][0]) + abs(y - stretch[-1][1]) >= 0.5):
            stretch.append((x, y))
        last = fix
    if len(stretch) > 1:
        yield stretch


def _draw_scale(frame: Frame) -> list[str]:
    long_m = next((bar for bar in _BARS_M if bar * frame.px_per_m <= frame.size_px / 3), _BARS_M[-1])
    right, low = frame.corner[0] + frame.size_px - 12, frame.corner[1] + frame.size_px - 12
    left = right - long_m * frame.px_per_m
    words = f"{long_m // 1000} km" if long_m >= 1000 else f"{long_m} m"
    return [
        line([(left, low), (right, low)], "#1f2328", 2),
        text(((left + right) / 2, low - 6), words, 13, anchor="middle"),
    ]
