"""Every picture is read back by a reader that is not ours."""

import re
import struct
import zlib

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cards.barcodes import Symbology, encode_number
from cards.numbers import check_digit, parse_number, spell_number
from cards.pictures import draw_bars_png, draw_bars_svg, draw_qr

NUMBERS = st.integers(0, 10**10 - 1).map(lambda n: f"29{n:010d}").map(lambda body: body + check_digit(body))
SYMBOLOGIES: list[tuple[Symbology, str]] = [("ean13", "EAN-13"), ("code128", "Code 128"), ("nw7", "Codabar")]


def qr_pixels(svg: str) -> NDArray[np.uint8]:
    """The picture's modules, drawn large. segno writes each row's dark ones as horizontal lines."""
    size = re.search(r'd="M0 0h(\d+)v', svg)
    path = re.search(r'class="qrline"[^>]* d="([^"]+)"', svg)
    assert size is not None
    assert path is not None
    picture = np.full((int(size[1]), int(size[1])), 255, np.uint8)
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", path[1]):
        if command == "h":
            picture[int(y), int(x) : int(x) + int(first)] = 0
            x += float(first)
        else:
            x, y = (float(first), float(second)) if command == "M" else (x + float(first), y + float(second))
    return picture.repeat(8, 0).repeat(8, 1)


def bar_pixels(svg: str) -> NDArray[np.uint8]:
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert size is not None
    picture = np.full((int(size[2]), int(size[1])), 255, np.uint8)
    for start, width, height in re.findall(r"M(\d+) 0h(\d+)v(\d+)h-", svg):
        picture[: int(height), int(start) : int(start) + int(width)] = 0
    return picture.repeat(3, 0).repeat(3, 1)


def png_pixels(png: bytes) -> NDArray[np.uint8]:
    """Read chunk by chunk, each with its checksum."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, place = {}, 8
    while place < len(png):
        length, kind = struct.unpack_from(">I4s", png, place)
        content = png[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", png, place + 8 + length) == (zlib.crc32(kind + content),)
        chunks[kind], place = content, place + 12 + length
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (list(chunks), depth, colour, rest) == ([b"IHDR", b"IDAT", b"IEND"], 1, 0, [0, 0, 0])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert not rows[:, 0].any(), "no filter"
    return np.unpackbits(rows[:, 1:], axis=1)[:, :width] * np.uint8(255)


@pytest.mark.parametrize("code", ["0" * 452, "7" * 452, "N1K" + "A" * 52])
def test_a_scanner_reads_a_qr_back(code: str) -> None:
    picture = qr_pixels(draw_qr(code))
    (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == code
    assert read.ec_level in ("M", "Q")
    assert (picture[:32] == 255).all(), "the quiet zone of four modules"


@pytest.mark.parametrize(("symbology", "name"), SYMBOLOGIES)
@settings(max_examples=30)
@given(number=NUMBERS)
def test_a_scanner_reads_a_barcode_back(symbology: Symbology, name: str, number: str) -> None:
    modules = encode_number(number, symbology)
    for picture in (bar_pixels(draw_bars_svg(modules, "")), png_pixels(draw_bars_png(modules))):
        (read,) = zxingcpp.read_barcodes(picture)
        assert (str(read.format), parse_number(read.text)) == (name, number)


def test_the_check_digits_are_in_the_bars() -> None:
    """A number with another last digit is not what an EAN-13 can say; Code 128's own check is the symbology's."""
    good = "2912345678906"
    for digit in "0123456789":
        (read,) = zxingcpp.read_barcodes(bar_pixels(draw_bars_svg(encode_number(good[:-1] + digit, "ean13"), "")))
        assert read.text == good


def test_the_svg_shows_the_digits_for_people() -> None:
    assert f">{spell_number('2912345678906')}<" in draw_bars_svg("101", spell_number("2912345678906"))
