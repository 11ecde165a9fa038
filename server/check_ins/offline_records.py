"""The records of an offline report of scans, each read by itself."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from server.check_ins.report_scans import OfflineScan
from server.web.fields import Body
from server.web.reported_records import MAX_REPORTED, read_reported

# A rotating code, and room for what a scanner adds.
MAX_CODE_LENGTH = 1000
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


def read_offline_scans(body: bytes) -> list[OfflineScan | None]:
    """One a record, in order; None for one that is not as `NewOfflineScan` says. May take its time: off the loop.

    Raises Problem for a body that is no report at all.
    """
    return read_reported(body, "scans", NewOfflineScan, _to_scan)


def _to_scan(scan: NewOfflineScan) -> OfflineScan | None:
    try:
        return OfflineScan(scan.card, scan.scanned_at.astimezone(UTC))
    except OverflowError:  # a time at the edge of the calendar
        return None
