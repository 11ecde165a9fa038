"""The pictures of a wallet pass: a noren, drawn in the sizes that Apple asks for. Pure.

A curtain in five panels below its rod, white on the card's blue; the logo is the same without the ground.
"""

from collections.abc import Mapping
from functools import cache

from cards.png import write_png

_WHITE, _BLUE, _CLEAR = b"\xff\xff\xff\xff", b"\x1f\x3a\x5f\xff", b"\0\0\0\0"
_ICON_SIDE, _LOGO_SIDE = 29, 50  # at @1x, in pixels
_PANELS = 5


@cache
def draw_pass_images() -> Mapping[str, bytes]:
    """PNGs by their names in the pass."""
    images = {}
    for scale, suffix in ((1, ""), (2, "@2x"), (3, "@3x")):
        images[f"icon{suffix}.png"] = _draw(_ICON_SIDE * scale, _BLUE)
        images[f"logo{suffix}.png"] = _draw(_LOGO_SIDE * scale, _CLEAR)
    return images


def _draw(side: int, ground: bytes) -> bytes:
    rows = b"".join(b"\0" + b"".join(_pixel(x / side, y / side, ground) for x in range(side)) for y in range(side))
    return write_png(side, side, "eight_bit_rgba", rows)


def _pixel(x: float, y: float, ground: bytes) -> bytes:
    """x and y from 0 to 1, from the upper left."""
    if 0.08 <= x < 0.92 and 0.18 <= y < 0.26:
        return _WHITE
    across = (x - 0.14) / 0.72 * _PANELS
    is_slit = across % 1 > 0.86 and y > 0.42
    return _WHITE if 0 <= across < _PANELS - 0.14 and 0.3 <= y < 0.84 and not is_slit else ground
