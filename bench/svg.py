"""The few marks that a drawing needs, as SVG text."""

from collections.abc import Iterable
from html import escape

Point = tuple[float, float]


def svg(width_px: float, height_px: float, marks: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px:g}" height="{height_px:g}" '
        f'viewBox="0 0 {width_px:g} {height_px:g}" font-family="Helvetica, Arial, sans-serif">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *marks, "</svg>\n"])


def text(at: Point, words: str, size_px: float = 14, colour: str = "#1f2328", anchor: str = "start") -> str:
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size_px:g}" fill="{colour}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def circle(at: Point, radius_px: float, fill: str = "none", stroke: str = "none", width_px: float = 1) -> str:
    return (
        f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius_px:.1f}" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="{width_px:g}"/>'
    )


def box(at: Point, size: Point, fill: str = "none", stroke: str = "none") -> str:
    width_px, height_px = max(0.0, size[0]), max(0.0, size[1])
    return (
        f'<rect x="{at[0]:.1f}" y="{at[1]:.1f}" width="{width_px:.1f}" height="{height_px:.1f}" fill="{fill}" '
        f'stroke="{stroke}"/>'
    )


def line(points: Iterable[Point], colour: str, width_px: float = 1, dashes: str = "none") -> str:
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="{width_px:g}" '
        f'stroke-dasharray="{dashes}" stroke-linejoin="round"/>'
    )


def clipped(name: str, at: Point, size: Point, marks: Iterable[str]) -> list[str]:
    """Marks of which only what lies in the box is seen."""
    return [f'<clipPath id="{name}">{box(at, size)}</clipPath>', f'<g clip-path="url(#{name})">', *marks, "</g>"]
