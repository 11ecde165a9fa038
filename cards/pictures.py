"""Codes as pictures. Pure."""

import io
from typing import NamedTuple

import segno

from cards.png import write_png

# GS1 asks for 11 modules before an EAN-13; NW-7 for ten of its narrow bars, which are two modules wide here.
_QUIET_MODULES = 20
_QR_QUIET = 4
_BAR_HEIGHT = 60
_TEXT_HEIGHT = 14
_PNG_SCALE = 3


def draw_qr(code: str) -> str:
    """An SVG of the code as a QR with error correction M and the quiet zone that scanners need."""
    out = io.BytesIO()
    segno.make_qr(code, error="m").save(out, kind="svg", scale=8, border=_QR_QUIET, dark="#000", light="#fff")
    return out.getvalue().decode()


class QrPath(NamedTuple):
    """Dark modules as the path of an SVG whose view box is a square of `width` modules, with the quiet zone."""

    width: int
    path: str


def draw_qr_path(code: str) -> QrPath:
    """For a page with many: a template draws it, and no request is needed for each."""
    rows = ["".join("1" if module else "0" for module in row) for row in segno.make_qr(code, error="m").matrix]
    runs = [(line, start, length) for line, row in enumerate(rows) for start, length in _runs(row)]
    path = "".join(f"M{start + _QR_QUIET} {line + _QR_QUIET}h{length}v1h-{length}z" for line, start, length in runs)
    return QrPath(len(rows) + 2 * _QR_QUIET, path)


def draw_qr_png(code: str) -> bytes:
    """The same as a PNG, for printing: a module of twelve pixels."""
    out = io.BytesIO()
    segno.make_qr(code, error="m").save(out, kind="png", scale=12, border=_QR_QUIET)
    return out.getvalue()


def draw_bars_svg(modules: str, label: str) -> str:
    """`modules` from left to right, `1` for dark; `label` stands below for people."""
    width, height = len(modules) + 2 * _QUIET_MODULES, _BAR_HEIGHT + _TEXT_HEIGHT
    bars = "".join(f"M{_QUIET_MODULES + start} 0h{length}v{_BAR_HEIGHT}h-{length}z" for start, length in _runs(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width * 2}" '
        f'height="{height * 2}"><path fill="#fff" d="M0 0h{width}v{height}H0z"/><path fill="#000" d="{bars}"/>'
        f'<text x="{width / 2}" y="{height - 3}" font-family="monospace" font-size="11" text-anchor="middle">'
        f"{label}</text></svg>\n"
    )


def draw_bars_png(modules: str) -> bytes:
    """The bars alone, three pixels a module, one bit a pixel."""
    quiet = "0" * _QUIET_MODULES
    row = "".join("0" * _PNG_SCALE if module == "1" else "1" * _PNG_SCALE for module in quiet + modules + quiet)
    height = _BAR_HEIGHT * _PNG_SCALE
    packed = int(row.ljust(-(-len(row) // 8) * 8, "0"), 2).to_bytes(-(-len(row) // 8))
    return write_png(len(row), height, "one_bit_grey", (b"\0" + packed) * height)


def _runs(modules: str) -> list[tuple[int, int]]:
    """Where each dark bar begins, and how wide it is."""
    edges = [place for place in range(len(modules) + 1) if f"0{modules}0"[place] != f"0{modules}0"[place + 1]]
    return [(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]
