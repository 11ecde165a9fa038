"""PNG files (ISO 15948). Pure."""

import struct
import zlib
from typing import Literal

# Bits a sample, and the standard's number of the colour type.
Pixels = Literal["one_bit_grey", "eight_bit_rgba"]
_KINDS: dict[Pixels, tuple[int, int]] = {"one_bit_grey": (1, 0), "eight_bit_rgba": (8, 6)}


def write_png(width: int, height: int, pixels: Pixels, rows: bytes) -> bytes:
    """`rows` from the top, each after a zero byte (no filter) and padded to whole bytes."""
    depth, colour = _KINDS[pixels]
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)  # no interlace
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
