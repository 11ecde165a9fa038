"""The records of an offline report, each read by itself: whatever one of them holds, it costs no other.

A till that cannot get rid of one record would send all of them for ever.
"""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import msgspec

from server.check_ins.report_scans import OfflineScan
from server.problems import Problem
from server.web.fields import Body
from server.web.salvage import UNDECODABLE, read_element, read_elements, read_text, split_members

# A rotating code, and room for what a scanner adds.
MAX_CODE_LENGTH = 1000
# Two signatures each, in one transaction.
MAX_REPORTED = 200
# Twice as much as so many of the longest codes come to.
MAX_REPORT_BYTES = 400_000


class NewOfflineScan(Body, frozen=True):
    """One scan that a till made while it was offline."""

    card: Annotated[str, msgspec.Meta(max_length=MAX_CODE_LENGTH)]
    """The rotating code, as it was scanned. A number is refused."""
    scanned_at: Annotated[datetime, msgspec.Meta(tz=True)]
    """When it was scanned, by the till's corrected clock."""


class OfflineScansRequest(Body, frozen=True):
    """Scans that a till made while it was offline."""

    scans: Annotated[list[NewOfflineScan], msgspec.Meta(min_length=1, max_length=MAX_REPORTED)]
    """In any order."""


class _Report(Body, frozen=True):
    scans: list[msgspec.Raw]


_REPORT = msgspec.json.Decoder(_Report)
_SCAN = msgspec.json.Decoder(NewOfflineScan)


def read_offline_scans(body: bytes) -> list[OfflineScan | None]:
    """One a record, in order; None for one that is not as `NewOfflineScan` says. May take its time: off the loop.

    Raises Problem for a body that is no report at all.
    """
    try:
        raw = _REPORT.decode(body).scans
    except UNDECODABLE:
        return _salvage_scans(body)
    _check_count(len(raw))
    return [_read_scan(record) for record in raw]


def _salvage_scans(body: bytes) -> list[OfflineScan | None]:
    members = split_members(read_text(body))
    if members.keys() != {"scans"} or not members["scans"].startswith("["):
        raise _no_report()
    records = list(islice(read_elements(members["scans"]), MAX_REPORTED + 1))
    _check_count(len(records))
    return [_convert_scan(record) for record in records]


def _check_count(records: int) -> None:
    if not 0 < records <= MAX_REPORTED:
        raise _no_report()


def _no_report() -> Problem:
    return Problem(
        "invalid-request", f"Send a JSON object with nothing but a list 'scans' of 1 to {MAX_REPORTED} records."
    )


def _read_scan(record: msgspec.Raw) -> OfflineScan | None:
    try:
        return _to_scan(_SCAN.decode(record))
    except UNDECODABLE:
        return _convert_scan(read_element(bytes(record)))


def _convert_scan(record: object) -> OfflineScan | None:
    try:
        return _to_scan(msgspec.convert(record, NewOfflineScan))
    except msgspec.ValidationError:
        return None


def _to_scan(scan: NewOfflineScan) -> OfflineScan | None:
    try:
        return OfflineScan(scan.card, scan.scanned_at.astimezone(UTC))
    except OverflowError:  # a time at the edge of the calendar
        return None
