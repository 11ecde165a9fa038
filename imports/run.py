"""A run of an import, as it is shown and as it is counted. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from ids import ImportRunId, ProgramId

RunState = Literal["waiting", "running", "done", "refused", "stopped"]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a file was read."""

    kind: Literal["csv", "ndjson"]
    """A table, or lines of JSON."""
    encoding: Literal["UTF-8", "UTF-16", "Shift_JIS"]
    """The encoding, told by the content."""
    delimiter: str
    """Of a table: what stands between two cells."""
    columns: Mapping[str, str]
    """Which of our columns each heading was taken for. `own:…` is an attribute of the program's own."""
    left_out: Sequence[str]
    """Headings that nobody knows here: what stands below them is not read."""


class NewRun(msgspec.Struct, frozen=True, kw_only=True):
    id: ImportRunId
    program_id: ProgramId
    is_dry_run: bool
    file_name: str
    file_sha256: bytes
    byte_count: int
    started_by: str
    created_at: datetime


class ImportRun(msgspec.Struct, frozen=True, kw_only=True):
    """As it is stored."""

    id: ImportRunId
    program_id: ProgramId
    state: RunState
    is_dry_run: bool
    file_name: str
    file_sha256: bytes
    byte_count: int
    started_by: str
    reading: Reading | None
    rows_total: int | None
    rows_read: int
    created: int
    updated: int
    unchanged: int
    refused: int
    remarks: int
    refusal: str | None
    created_at: datetime
    ended_at: datetime | None
    is_leased: bool


class RunCounts(msgspec.Struct):
    """Of a batch."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    remarks: int = 0


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a row."""

    line: int
    """The line of the file in which the row begins, from 1."""
    is_refused: bool
    """True: the row was left out. False: its member came along, without what the reason names."""
    reason: str
    """What is wrong, and how to write it, as a sentence."""
