"""The icon of a program's pages: a shop's curtain on the program's colour. Pure."""

from functools import lru_cache

from cards.png import write_png

SIZES = (180, 192, 512)
BRAND = "#1f3a5f"  # as in noren.css
_LINEN, _ROD = (251, 248, 241, 255), (232, 217, 181, 255)
# In parts of 64: within the inner four fifths, so that a system may cut it round.
_ROD_BOX = (12, 18, 52, 22)
_CLOTHS = ((14, 22, 25, 46), (26, 22, 38, 46), (39, 22, 50, 46))


@lru_cache(maxsize=64)
def draw_icon(size: int, colour: str) -> bytes:
    """`colour`: such as `#1f3a5f`."""
    ground = (*(int(colour[place : place + 2], 16) for place in (1, 3, 5)), 255)
    rows = {y: b"\0" + b"".join(bytes(_pixel(x, y, ground)) for x in range(64)) for y in range(64)}
    return write_png(size, size, "eight_bit_rgba", b"".join(_stretch(rows[y * 64 // size], size) for y in range(size)))


def _pixel(x: int, y: int, ground: tuple[int, ...]) -> tuple[int, ...]:
    if _is_in(_ROD_BOX, x, y):
        return _ROD
    return _LINEN if any(_is_in(box, x, y) for box in _CLOTHS) else ground


def _is_in(box: tuple[int, int, int, int], x: int, y: int) -> bool:
    left, top, right, bottom = box
    return left <= x < right and top <= y < bottom


def _stretch(row: bytes, size: int) -> bytes:
    """A row of 64 pixels as one of `size`."""
    return row[:1] + b"".join(row[1 + at * 4 : 5 + at * 4] for at in (x * 64 // size for x in range(size)))
