import re
from uuid import UUID

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from cards.codes import make_card_code
from cards.pictures import draw_qr
from kit.sealing import Keyring


def pixels(svg: str) -> NDArray[np.uint8]:
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


def test_a_scanner_reads_the_card_back() -> None:
    code = make_card_code(Keyring(bytes(range(32))), UUID(int=2**128 - 1), 65_535)
    picture = pixels(draw_qr(code))
    (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == code
    assert read.ec_level == "M"
    assert (picture[:32] == 255).all(), "the quiet zone of four modules"
