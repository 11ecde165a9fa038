"""An SVG of a trace, its fences and the doors: ours as discs, those of the last-fix-wins rule as rings."""

from collections.abc import Sequence
from math import cos, radians

from bench.doors import Door
from geo.geodesy import metres_per_degree
from geo.index import Circle
from geo.matching import Fix

WIDTH_PX = 1600
_COLOURS = {"enter": "#1a7f37", "exit": "#cf222e"}


def draw(fixes: Sequence[Fix], places: Sequence[Circle], ours: Sequence[Door], plain: Sequence[Door]) -> str:
    """A disc or ring stands at the place's edge: enters above its centre, exits below, as large as they are many."""
    west, east = min(fix.lon for fix in fixes), max(fix.lon for fix in fixes)
    south, north = min(fix.lat for fix in fixes), max(fix.lat for fix in fixes)
    squeeze = cos(radians((south + north) / 2))
    scale = WIDTH_PX / max((east - west) * squeeze, 1e-6)
    height_px = max(1, round((north - south) * scale))

    def at(lat: float, lon: float) -> tuple[float, float]:
        return round((lon - west) * squeeze * scale, 1), round((north - lat) * scale, 1)

    points = " ".join("{},{}".format(*at(fix.lat, fix.lon)) for fix in fixes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {height_px}" font-family="sans-serif">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<polyline points="{points}" fill="none" stroke="#8c959f" stroke-width="0.5"/>',
    ]
    for number, place in enumerate(places):
        x, y = at(place.lat, place.lon)
        radius_px = max(2.0, place.radius_m / metres_per_degree(place.lat)[0] * scale)
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="{radius_px:.1f}" fill="#0969da" fill-opacity="0.2" stroke="#0969da"/>'
        )
        for kind, offset_px in (("enter", -radius_px), ("exit", radius_px)):
            parts += _marks(x, y + offset_px, _COLOURS[kind], _count(ours, number, kind), _count(plain, number, kind))
    return "\n".join([*parts, "</svg>\n"])


def _count(doors: Sequence[Door], place: int, kind: str) -> int:
    return sum(door.place == place and door.kind == kind for door in doors)


def _marks(x: float, y: float, colour: str, ours: int, plain: int) -> list[str]:
    title = f"<title>{ours} told; the last fix wins: {plain}</title>"
    return [
        f'<circle cx="{x}" cy="{y:.1f}" r="{ours**0.5:.1f}" fill="{colour}">{title}</circle>',
        f'<circle cx="{x}" cy="{y:.1f}" r="{plain**0.5:.1f}" fill="none" stroke="{colour}">{title}</circle>',
    ]
