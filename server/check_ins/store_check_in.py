"""`check_in_at_store`: a member scans the store's QR, and shows by a fresh fix that they stand in the store.

The fix is given for this one act: it is looked at and not kept, so it needs no consent to being located. The code alone
can be photographed and the fix alone can be made up; both together make a visit (visits.trust).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from geo.fix import Fix, find_fault
from geo.jumps import is_jump
from geo.matching import match_fences
from geo.observations import shows_inside
from geo.ordering import FUTURE_TOLERANCE
from geo.presences_repository import find_presence
from ids import CouponId, ScanId, StoreId
from kit.database import Connection
from kit.ids import new_id
from kit.sealing import Keyring
from members.device import Device
from programs import stores_repository
from server.check_ins.check_in import CheckIn, make_visit
from server.check_ins.record_check_ins import complete_balances, record_check_ins
from server.problems import Problem
from server.runtime.snapshot import Snapshot
from visits.store_codes import CodeFault, Generations, StoreCode, judge_store_code, read_store_code
from visits.trust import Doubt, Trust

MAX_FIX_AGE = timedelta(minutes=2)
# What the member should do, by why the code was refused.
_DETAILS: dict[CodeFault, str] = {
    "unknown": "This is no check-in code of this program's stores.",
    "renewed": "This code has been replaced; scan the one that hangs in the store now.",
    "old": "Scan the display itself, not a picture of it: its code changes every half minute.",
    "early": "The display's clock is ahead; tell the staff.",
}


class CheckInResult(msgspec.Struct, frozen=True, kw_only=True):
    """A check-in by the store's QR, and what it earned."""

    store_id: StoreId
    """The store whose code was scanned."""
    store_name: str
    """Its name."""
    business_day: date
    """The store's business day to which the visit belongs."""
    is_first_today: bool
    """True: this check-in made the visit. False: the member had been seen at the store that day."""
    trust: Trust
    """How far this check-in is believed."""
    coupons: list[CouponId]
    """The ids of the coupons that it earned."""
    points_earned: int
    """How many points it earned."""
    points_balance: int | None
    """The member's points afterwards, whether or not the check-in earned any. Null: the program has no points."""


async def check_in_at_store(
    conn: Connection, keyring: Keyring, snapshot: Snapshot, device: Device, text: str, fix: Fix | None, now: datetime
) -> CheckInResult:
    """`fix` None: its time is at the edge of the calendar. Raises Problem."""
    code = await _judge_code(conn, keyring, device, text, now)
    if not snapshot.visit_rules_of(device.program_id).by_store_qr:
        raise Problem("store-qr-disabled", "Show the card at the till: this program records no visits by a store's QR.")
    fix = _require_at_store(snapshot, device, code.store_id, _require_fresh(fix, now))
    visit = make_visit(snapshot, device.program_id, device.member_id, code.store_id, now)
    store = snapshot.stores.get(code.store_id)
    if visit is None or store is None:
        raise Problem("store-unknown", "This store is closed.")
    check_in = CheckIn(
        id=ScanId(new_id()),
        visit=visit,
        kind="store_qr" if code.step is None else "rotating_store_qr",
        device_id=device.id,
        doubts=await _find_doubts(conn, device, fix),
        at=now,
        now=now,
    )
    outcomes = await record_check_ins(conn, snapshot, [check_in])
    done = (await complete_balances(conn, [check_in], outcomes))[check_in.id]
    return CheckInResult(
        store_id=code.store_id,
        store_name=store.name,
        business_day=visit.business_day,
        is_first_today=done.is_first,
        trust=done.trust,
        coupons=list(done.coupon_ids),
        points_earned=done.points_earned,
        points_balance=done.points_balance,
    )


async def _judge_code(conn: Connection, keyring: Keyring, device: Device, text: str, now: datetime) -> StoreCode:
    code = read_store_code(text)
    held = await stores_repository.find_generations(conn, code.store_id) if code else None
    if code is None or held is None or held.program_id != device.program_id:
        raise _refuse("unknown")
    fault = judge_store_code(keyring, code, Generations(held.printed, held.display), now)
    if fault is not None:
        raise _refuse(fault)
    return code


def _refuse(fault: CodeFault) -> Problem:
    return Problem("store-code-refused", _DETAILS[fault], reason=fault)


def _require_fresh(fix: Fix | None, now: datetime) -> Fix:
    fault = "time_invalid" if fix is None else find_fault(fix)
    if fix is None or fault is not None:
        raise _unusable(fault)
    if fix.recorded_at > now + FUTURE_TOLERANCE:
        raise _unusable("future")
    if fix.recorded_at < now - MAX_FIX_AGE:
        raise _unusable("too_old")
    return fix


def _unusable(reason: str | None) -> Problem:
    return Problem("location-unusable", "Take a fresh fix and send the code with it again.", reason=reason)


def _require_at_store(snapshot: Snapshot, device: Device, store_id: StoreId, fix: Fix) -> Fix:
    """By the rule of an enter: the point inside, from a fix that is good enough to say so."""
    ((sighting,),) = match_fences(snapshot.fences, [(device.program_id, [fix])])
    fences = [fence for fence in sighting.inside if fence.store_id == store_id]
    if not fences:
        raise Problem("not-at-store", "Scan the code inside the store, and let the phone find its place first.")
    if not any(shows_inside(fence, fix) for fence in fences):
        raise _unusable("accuracy_too_poor")
    return fix


async def _find_doubts(conn: Connection, device: Device, fix: Fix) -> Sequence[Doubt]:
    """`jump`: against the last fix that the phone's presence holds, if its member lets us hold one."""
    doubts: list[Doubt] = ["mocked"] if fix.mocked else []
    presence = await find_presence(conn, device.member_id, device.id)
    last = None if presence is None else presence.last_fix
    if last is not None:
        earlier, later = (last, fix) if last.recorded_at <= fix.recorded_at else (fix, last)
        if is_jump(earlier, later):
            doubts.append("jump")
    return doubts
