"""A chain's table, as spreadsheet programs and people write it: CSV to the cells of each row, and back. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from geo.chain_columns import map_headings
from geo.chain_rows import FileNotes, UnreadableFile

# What goes into a spreadsheet program must say that it is UTF-8, or Japanese names come out broken.
BYTE_ORDER_MARK = "\ufeff"
_DECIMAL_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
# An area of ten thousand positions; Python's own limit of 131,072 characters for a cell is reached by two thousand.
csv.field_size_limit(1_000_000)
# Bytes that begin a kanji in Shift_JIS, and are quotation marks, dashes and accented letters in Western encodings.
_WESTERN_LEADS = frozenset([*b"\x80\x84\x85\x8a\x8c\x8e\x99\x9a\x9c\x9e\x9f", *range(0x91, 0x98), *range(0xE0, 0xFD)])
JSON_COLUMNS = ("opening_hours", "area")
# As they are written, to the spaces at their edge: an export that comes back changes nothing.
_TEXT_COLUMNS = ("store_name", "store_address", "geofence_name")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_table(body: bytes) -> tuple[Iterator[dict[str, Any]], FileNotes]:
    """The cells of each row that have something in them, by column. What is wrong with a row as a whole stands under
    "", which is no column. Raises UnreadableFile, while reading too.
    """
    text, encoding = _decode(body)
    delimiter = _find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise UnreadableFile(f"Line 1 is not CSV: {error}.") from error
    while header and not header[-1]:  # columns that a spreadsheet program has shown and nobody has filled
        header.pop()
    columns = map_headings(header)
    return _read_rows(reader, list(columns.values()), delimiter), FileNotes(encoding, columns)


def _decode(body: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding. Raises UnreadableFile."""
    if body.startswith(_UTF_16):  # Excel's "Unicode text"
        try:
            return body.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise UnreadableFile("The file is cut off; save it as 'CSV UTF-8'.") from error
    try:
        return body.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        text = body.decode("cp932")  # Shift_JIS, as Windows writes it
    except UnicodeDecodeError as error:
        raise UnreadableFile("Save the file as 'CSV UTF-8'; its encoding cannot be told.") from error
    if not _is_japanese(text):
        raise UnreadableFile("Save the file as 'CSV UTF-8'; this may be Shift_JIS or a Western encoding.")
    return text, "Shift_JIS"


def _is_japanese(text: str) -> bool:
    """Whether what was read as Shift_JIS can hardly be anything else.

    Western bytes often are good Shift_JIS too: an accented letter or a quotation mark and the plain letter after it are
    one kanji. Most characters of Japanese cannot come about like that.
    """
    written = [each.encode("cp932") for each in text if not each.isascii()]
    sure = sum(len(each) == 2 and (each[1] >= 0x80 or each[0] not in _WESTERN_LEADS) for each in written)
    return 2 * sure > len(written)


def _find_delimiter(text: str) -> str:
    """Excel writes semicolons where the comma belongs into numbers, and tabs as 'Unicode text'."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


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
