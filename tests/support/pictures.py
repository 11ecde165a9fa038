"""Picture files as people send them, and as nobody should."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def draw(mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red on the left, and blue on the right; the first pixel tells whether it was turned."""
    picture = Image.new("RGB", size, (200, 30, 40))
    picture.paste((20, 40, 210), (size[0] // 2, 0, size[0], size[1]))
    return picture.convert(mode)


def write_file(picture: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def draw_file(kind: str, mode: str = "RGB", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    return write_file(draw(mode, size), kind, **options)


def declare_png(width_px: int, height_px: int, pixels: bytes = b"") -> bytes:
    """A PNG whose header says so, with whatever pixels."""
    head = struct.pack(">IIBBBBB", width_px, height_px, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
