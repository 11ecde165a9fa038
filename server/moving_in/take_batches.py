"""From a file to batches of rows that are ready to be written. Whoever reads them needs no database."""

from collections.abc import Generator
from itertools import islice
from typing import BinaryIO

import msgspec

from imports.columns import Headings
from imports.records import FileForm, Record, read_records
from imports.run import Fault
from kit.sealing import Keyring
from server.moving_in.prepare import prepare
from server.moving_in.read_row import RowReader
from server.moving_in.setting import Setting
from server.moving_in.write_batch import Batch

BATCH_ROWS = 1000


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """How to read a file, and from which row on (0: all)."""

    keyring: Keyring
    setting: Setting
    form: FileForm
    headings: Headings
    first: int


def take_batches(file: BinaryIO, source: Source) -> Generator[Batch, None, None]:
    """Raises UnreadableText."""
    reader = source.setting.open_reader(source.headings)
    first = source.first
    records = islice(read_records(file, source.form), first, None)
    while taken := list(islice(records, BATCH_ROWS)):
        yield _make_batch(source, reader, taken, first)
        first += len(taken)


def _make_batch(source: Source, reader: RowReader, records: list[Record], first: int) -> Batch:
    rows = [reader.read(record) for record in records]
    remarks = [Fault(row.line, False, remark) for row in rows if row.row is not None for remark in row.remarks]
    return Batch(first, list(prepare(source.keyring, source.setting.program_id, rows)), remarks)
