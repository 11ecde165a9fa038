"""A chain's table, as spreadsheet programs and people write it: CSV to the cells of each row, and back. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from geo.chain_columns import map_headings
from geo.chain_rows import FileNotes, UnreadableFile
from kit.text_files import UnreadableText, decode, find_delimiter

_DECIMAL_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
# An area of ten thousand positions; Python's own limit of 131,072 characters for a cell is reached by two thousand.
csv.field_size_limit(1_000_000)
JSON_COLUMNS = ("opening_hours", "area")
# As they are written, to the spaces at their edge: an export that comes back changes nothing.
_TEXT_COLUMNS = ("store_name", "store_address", "geofence_name")


def read_table(body: bytes) -> tuple[Iterator[dict[str, Any]], FileNotes]:
    """The cells of each row that have something in them, by column. What is wrong with a row as a whole stands under
    "", which is no column. Raises UnreadableFile, while reading too.
    """
    try:
        text, encoding = decode(body)
    except UnreadableText as error:
        raise UnreadableFile(str(error)) from error
    delimiter = find_delimiter(text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise UnreadableFile(f"Line 1 is not CSV: {error}.") from error
    while header and not header[-1]:  # columns that a spreadsheet program has shown and nobody has filled
        header.pop()
    columns = map_headings(header)
    return _read_rows(reader, list(columns.values()), delimiter), FileNotes(encoding, columns)


def _read_rows(reader: Any, columns: list[str], delimiter: str) -> Iterator[dict[str, Any]]:
    try:
        for cells in reader:
            if any(cells[len(columns) :]):
                yield {"": "The row has more cells than columns; a cell with a comma in it needs quotes around it."}
            else:
                filled = zip(columns, cells, strict=False)
                yield {name: _read_cell(name, text, delimiter) for name, text in filled if text.strip()}
    except csv.Error as error:
        raise UnreadableFile(f"Line {reader.line_num} is not CSV: {error}.") from error


def _read_cell(name: str, text: str, delimiter: str) -> str:
    if name in _TEXT_COLUMNS:
        return text
    cell = text.strip()
    if name in JSON_COLUMNS:
        return cell
    plain = unicodedata.normalize("NFKC", cell)  # digits as a Japanese keyboard types them
    return plain.replace(",", ".") if delimiter != "," and _DECIMAL_COMMA.fullmatch(plain) else plain
