"""`report_scans`: a till reports what it scanned while it was offline. Each scan is judged as of its own time.

A code counts for the till that reports it first, whatever the clocks say: tills' clocks differ by more than two scans
of one code do, and a coupon that was given is not taken back. What another till reports of the same code is kept as
a duplicate, and makes no visit. The same report again changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from ids import MemberId, ScanId, TillId
from kit.database import Connection
from kit.sealing import Keyring
from programs.tills_repository import Till
from server.check_ins.check_in import CheckInOutcome
from server.check_ins.record_check_ins import record_check_ins
from server.check_ins.till_check_in import TillCheckIn, count_codes, make_check_in
from server.credentials.identify import CardPresentation, CardRefusal, CardRefusalReason, IdentifiedCard, identify
from server.runtime.snapshot import Snapshot
from visits.event_times import EventTimeRefusal, judge_event_time

OfflineScanOutcome = Literal["counted", "already_counted", "duplicate", "refused"]
OfflineScanRefusal: TypeAlias = CardRefusalReason | EventTimeRefusal | Literal["malformed", "store_closed"]


class OfflineScan(msgspec.Struct, frozen=True):
    """`scanned_at` by the till's clock."""

    card: str
    scanned_at: datetime


class OfflineScanResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one scan."""

    outcome: OfflineScanOutcome
    """`counted`: now. `already_counted`: this till reported the code before. `duplicate`: another till did, and this
    one counts for nothing. `refused`: see `reason`.
    """
    reason: OfflineScanRefusal | None = None
    """Why it was refused. `malformed`: the record is not one with a `card` and a `scanned_at`."""
    member_id: MemberId | None = None
    """The member whose card was scanned; null where it was refused."""
    is_first_today: bool = False
    """Whether the scan made the visit of that day."""
    coupons_issued: int = 0
    """How many coupons the scan earned."""
    scan_id: ScanId | None = None
    """Where it was counted now: purchases refer to it."""


_Judged: TypeAlias = TillCheckIn | OfflineScanResult


async def report_scans(
    conn: Connection,
    keyring: Keyring,
    snapshot: Snapshot,
    till: Till,
    scans: Sequence[OfflineScan | None],
    now: datetime,
) -> list[OfflineScanResult]:
    """One answer each, in order; None is a record that could not be read. A refused scan need not be sent again."""
    presented = [
        CardPresentation(
            till=till,
            text=each.card,
            at=each.scanned_at,
            now=now,
            is_offline=True,
        )
        for each in scans
        if each is not None
    ]
    shown = zip(presented, await identify(conn, keyring, presented), strict=True)
    malformed = OfflineScanResult(outcome="refused", reason="malformed")
    judged = [malformed if each is None else _judge(snapshot, *next(shown)) for each in scans]
    check_ins = [each for each in judged if isinstance(each, TillCheckIn)]
    repeated = await count_codes(conn, check_ins)
    counted = [each for each in check_ins if each.id not in repeated]
    outcomes = await record_check_ins(conn, snapshot, counted) if counted else {}
    return [
        each if isinstance(each, OfflineScanResult) else _result(each, repeated.get(each.id), outcomes.get(each.id))
        for each in judged
    ]


def _judge(snapshot: Snapshot, presented: CardPresentation, shown: IdentifiedCard | CardRefusal) -> _Judged:
    refusal = judge_event_time(presented.at, presented.now)
    if refusal is not None:
        return OfflineScanResult(outcome="refused", reason=refusal)
    if isinstance(shown, CardRefusal):
        return OfflineScanResult(outcome="refused", reason=shown.reason)
    if shown.kind != "rotating_code":  # a number could be reported without anybody there
        return OfflineScanResult(outcome="refused", reason="not_a_code")
    check_in = make_check_in(snapshot, presented, shown)
    return check_in or OfflineScanResult(outcome="refused", reason="store_closed")


def _result(check_in: TillCheckIn, counted_for: TillId | None, outcome: CheckInOutcome | None) -> OfflineScanResult:
    """`counted_for`: the till for which the code counted before; `outcome`: where it counts now."""
    member_id = check_in.shown.member_id
    if outcome is None:
        return OfflineScanResult(
            outcome="already_counted" if counted_for == check_in.till.id else "duplicate",
            reason=None,
            member_id=member_id,
        )
    return OfflineScanResult(
        outcome="counted",
        reason=None,
        member_id=member_id,
        is_first_today=outcome.is_first,
        coupons_issued=len(outcome.coupon_ids),
        scan_id=outcome.scan_id,
    )
