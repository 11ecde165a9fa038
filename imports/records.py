"""The records of a file of members one by one, CSV or NDJSON, with the line in which each begins.

Whatever the file is, no more than one record of it is in memory.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Literal, TextIO, TypeAlias

import msgspec

from kit.text_files import CODECS, Encoding, EncodingTeller, UnreadableText, find_delimiter

Kind = Literal["csv", "ndjson"]
# Of one record, with all its lines: a member takes some hundred characters.
MAX_RECORD_LENGTH = 100_000
MAX_NAMES = 500
_PIECE_BYTES = 1 << 20
# A CSV record's cells in the order of its columns, or what a line of NDJSON says by name.
Cells: TypeAlias = "Sequence[str] | dict[str, object]"


class Record(msgspec.Struct, frozen=True, gc=False):
    """`line` counts from 1. `fault`: why it cannot be read; then it has no cells."""

    line: int
    cells: Cells
    fault: str | None = None


class FileForm(msgspec.Struct, frozen=True):
    """How a file is to be read."""

    encoding: Encoding
    kind: Kind
    delimiter: str


class InspectedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file that was read to its end. `headings`: of NDJSON all names that occur. `records`: how many
    have something in them, below the headings.
    """

    sha256: bytes
    byte_count: int
    form: FileForm
    headings: Sequence[str]
    records: int


def inspect(file: BinaryIO, tell: Callable[[int], None] = lambda _: None) -> InspectedFile:
    """Read it to its end before anything of it counts: what is broken is found here. Raises UnreadableText.

    `tell` hears how many bytes were read.
    """
    digest, teller, byte_count, head = hashlib.sha256(), EncodingTeller(), 0, b""
    file.seek(0)
    while piece := file.read(_PIECE_BYTES):
        head = head or piece[:64]
        digest.update(piece)
        teller.feed(piece)
        byte_count += len(piece)
        tell(byte_count)
    if not byte_count:
        raise UnreadableText("The file is empty.")
    encoding = teller.tell()
    kind: Kind = "ndjson" if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" else "csv"
    if kind == "ndjson" and encoding != "UTF-8":
        raise UnreadableText("Save the lines of JSON as UTF-8.")
    form = FileForm(encoding, kind, _find_delimiter(file, encoding))
    headings, records = _count_json(file, form) if kind == "ndjson" else _count_csv(file, form)
    return InspectedFile(sha256=digest.digest(), byte_count=byte_count, form=form, headings=headings, records=records)


def read_records(file: BinaryIO, form: FileForm) -> Iterator[Record]:
    """Those that have something in them, below the headings. Raises UnreadableText."""
    text = _open(file, form.encoding)
    try:
        yield from _read_json(text) if form.kind == "ndjson" else _read_csv(text, form.delimiter)
    finally:
        text.detach()


def _open(file: BinaryIO, encoding: Encoding) -> io.TextIOWrapper:
    file.seek(0)
    return io.TextIOWrapper(file, CODECS[encoding], newline="")


def _find_delimiter(file: BinaryIO, encoding: Encoding) -> str:
    text = _open(file, encoding)
    try:
        return find_delimiter(text.readline(MAX_RECORD_LENGTH))
    finally:
        text.detach()


def _count_csv(file: BinaryIO, form: FileForm) -> tuple[list[str], int]:
    text = _open(file, form.encoding)
    try:
        lines = _Lines(text)
        try:
            header = [name.strip() for name in next(csv.reader(lines, strict=True, delimiter=form.delimiter), [])]
        except csv.Error as error:
            raise UnreadableText(f"Line 1 is not CSV: {error}.") from error
    finally:
        text.detach()
    while header and not header[-1]:  # columns that a spreadsheet program has shown and nobody has filled
        header.pop()
    return header, sum(1 for _ in read_records(file, form))


def _count_json(file: BinaryIO, form: FileForm) -> tuple[list[str], int]:
    names: dict[str, None] = {}
    count = 0
    for record in read_records(file, form):
        count += 1
        if isinstance(record.cells, dict):
            names.update(dict.fromkeys(record.cells))
            if len(names) > MAX_NAMES:
                raise UnreadableText(f"The lines have more than {MAX_NAMES} names; line {record.line} has another one.")
    return list(names), count


class _Lines:
    """The lines of a text, each of a bounded length; with those of one record before it."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.line = 0
        self.began_in = 1
        self._length = 0

    def begin(self) -> None:
        """What comes next is another record's."""
        self.began_in = self.line + 1
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_RECORD_LENGTH + 1)
        if not line:
            raise StopIteration
        self.line += 1
        self._length += len(line)
        if self._length > MAX_RECORD_LENGTH:
            raise UnreadableText(
                f"The row that begins in line {self.began_in} is longer than {MAX_RECORD_LENGTH:,} characters: a"
                " quotation mark may be opened there and never closed."
            )
        return line


def _read_csv(text: TextIO, delimiter: str) -> Iterator[Record]:
    lines = _Lines(text)
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    width: int | None = None
    while True:
        lines.begin()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Record(lines.began_in, (), f"The row is not CSV: {error}.")
            continue
        if cells is None:
            return
        if width is None:
            width = len(cells)
        elif any(cells) and not "".join(cells).isspace():
            if len(cells) > width and any(cells[width:]):
                yield Record(lines.began_in, (), "The row has more cells than columns; put quotes around a comma.")
            else:
                yield Record(lines.began_in, cells)


def _read_json(text: TextIO) -> Iterator[Record]:
    lines = _Lines(text)
    for line in lines:
        if not line.isspace():
            yield _read_object(lines.line, line)
        lines.begin()


def _read_object(number: int, line: str) -> Record:
    try:
        read = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return Record(number, (), "The line is not JSON, or not all of it.")
    if not isinstance(read, dict):
        return Record(number, (), "The line is not a JSON object.")
    return Record(number, read)
