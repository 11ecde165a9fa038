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
from server.web.salvage import UNDECODABLE, read_elements, read_text, split_members

# A rotating code, and room for what a scanner adds.
MAX_CODE_LENGTH = 1000
# Two signatures each, in one transaction.
MAX_REPORTED = 200


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
    scans: list[object]


_REPORT = msgspec.json.Decoder(_Report)


def read_offline_scans(body: bytes) -> list[OfflineScan | None]:
    """One a record, in order; None for one that is not as `NewOfflineScan` says. May take its time: off the loop.

    Raises Problem for a body that is no report at all.
    """
    try:
        records = _REPORT.decode(body).scans
    except UNDECODABLE:
        records = _salvage_records(body)
    if not 0 < len(records) <= MAX_REPORTED:
        raise _no_report()
    return [_read_scan(record) for record in records]


def _salvage_records(body: bytes) -> list[object]:
    members = split_members(read_text(body))
    if members.keys() != {"scans"} or not members["scans"].startswith("["):
        raise _no_report()
    return list(islice(read_elements(members["scans"]), MAX_REPORTED + 1))


def _no_report() -> Problem:
    return Problem(
        "invalid-request", f"Send a JSON object with nothing but a list 'scans' of 1 to {MAX_REPORTED} records."
    )


def _read_scan(record: object) -> OfflineScan | None:
    try:
        scan = msgspec.convert(record, NewOfflineScan)
        return OfflineScan(scan.card, scan.scanned_at.astimezone(UTC))
    except (msgspec.ValidationError, OverflowError):  # a time at the edge of the calendar
        return None
