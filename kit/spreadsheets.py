"""Tables (CSV) that spreadsheets open: UTF-8 with a byte order mark, and no cell that would be calculated. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = "\ufeff".encode()  # by which Excel knows UTF-8
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def defuse(cell: object) -> object:
    """A number stays one; a text that would be calculated does not."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_BEGINS) else cell


def make_lines(rows: Iterable[Sequence[object]]) -> bytes:
    """Without the byte order mark, with which the file begins."""
    text = io.StringIO()
    csv.writer(text).writerows([defuse(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def make_table(rows: Iterable[Sequence[object]]) -> bytes:
    """A whole file; the first row are the headings."""
    return BYTE_ORDER_MARK + make_lines(rows)
