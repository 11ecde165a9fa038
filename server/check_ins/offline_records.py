"""The records of an offline report, each read by itself: whatever one of them holds, it costs no other.

A till that cannot get rid of one record would send all of them for ever.
"""

import json
from datetime import UTC, datetime
from typing import Annotated

import msgspec

from server.check_ins.report_scans import OfflineScan
from server.problems import Problem
from server.web.fields import Body

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
    scans: Annotated[list[object], msgspec.Meta(min_length=1, max_length=MAX_REPORTED)]


_JSON = msgspec.json.Decoder()


def read_offline_scans(body: bytes) -> list[OfflineScan | None]:
    """One a record, in order; None for one that is not as `NewOfflineScan` says.

    Raises Problem for a body that is no report at all.
    """
    try:
        report = msgspec.convert(_read_json(body), _Report)
    except (msgspec.ValidationError, ValueError, RecursionError) as error:
        raise Problem(
            "invalid-request", f"Send an object with a list 'scans' of 1 to {MAX_REPORTED} records: {error}."
        ) from None
    return [_read_scan(record) for record in report.scans]


def _read_json(body: bytes) -> object:
    """Also with what no text in JSON has, but one from a scanner: raw control characters, halves of characters."""
    try:
        return _JSON.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(body.decode("utf-8", "replace").removeprefix("\ufeff"), strict=False)


def _read_scan(record: object) -> OfflineScan | None:
    try:
        scan = msgspec.convert(record, NewOfflineScan)
        return OfflineScan(scan.card, scan.scanned_at.astimezone(UTC))
    except (msgspec.ValidationError, OverflowError):  # a time at the edge of the calendar
        return None
