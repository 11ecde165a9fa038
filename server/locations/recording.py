"""From moved presences to coupons, visits and recorded transitions: the part that `locate` and `tick` share.

Only for presences whose swap was won, and in the swap's transaction. An exit that a removed or redrawn fence causes is
one that no campaign hears of: nobody walked through a door. A dwell is a visit where the program's rules say so.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from geo import transitions_repository
from geo.transitions import Transition
from geo.transitions_repository import TransitionRow
from kit.database import Connection
from kit.ids import new_id
from server.campaigns.grant_offers import Happening, PushTarget, Verdict, grant_offers
from server.check_ins.check_in import CheckIn, begin_check_ins, finish_check_ins, make_visit
from server.runtime.snapshot import Snapshot

UNHEARD = frozenset({"fence_removed", "fence_changed"})


class Moved(msgspec.Struct, frozen=True):
    """`device` is a row of the query `read_devices`; `at` is when we learned of the transitions.

    `is_suspect`: the newest fix is a jump that nobody can have travelled.
    """

    device: Any
    transitions: Sequence[Transition]
    at: datetime
    is_suspect: bool


def ends_by_fence(transitions: Sequence[Transition]) -> bool:
    """Whether a removed or redrawn fence ends a stay, which only a snapshot read after the presence can know."""
    return any(transition.cause in UNHEARD for transition in transitions)


async def record_transitions(conn: Connection, snapshot: Snapshot, moved: Sequence[Moved]) -> dict[UUID, list[UUID]]:
    """Judge and issue what the transitions earn, and record them. Answers the coupons by device."""
    steps = [(move, transition) for move in moved for transition in move.transitions]
    if not steps:
        return {}
    heard = [_happening(move, transition) for move, transition in steps if transition.cause not in UNHEARD]
    dwells = _find_visits(snapshot, steps)
    # Most of the time there are none: then nothing is asked that was not asked before.
    begun = await begin_check_ins(conn, snapshot, [check_in for _, check_in in dwells]) if dwells else None
    happenings = [*heard, *(begun.happenings if begun else ())]
    granted = await grant_offers(conn, snapshot, happenings) if happenings else []
    visited = await finish_check_ins(conn, begun, granted[len(heard) :]) if begun else {}
    verdicts = iter(granted[: len(heard)])
    rows = []
    coupons: dict[UUID, list[UUID]] = {}
    for move, transition in steps:
        verdict = Verdict({}, []) if transition.cause in UNHEARD else next(verdicts)
        rows.append(_row(move, transition, verdict))
        coupons.setdefault(move.device["device_id"], []).extend(verdict.coupon_ids)
    await transitions_repository.insert_transitions(conn, rows)
    for device_id, check_in in dwells:
        coupons[device_id].extend(visited[id(check_in)].coupon_ids)
    return coupons


def _find_visits(snapshot: Snapshot, steps: Sequence[tuple[Moved, Transition]]) -> list[tuple[UUID, CheckIn]]:
    """The dwells that are visits, each with its device."""
    found = []
    for move, transition in steps:
        device = move.device
        if transition.kind == "dwell" and snapshot.visit_rules_of(device["program_id"]).by_dwell:
            check_in = _dwell(snapshot, move, transition)
            if check_in is not None:
                found.append((device["device_id"], check_in))
    return found


def _dwell(snapshot: Snapshot, move: Moved, transition: Transition) -> CheckIn | None:
    device, at = move.device, transition.event_at
    visit = make_visit(snapshot, device["program_id"], device["member_id"], transition.store_id, at)
    if visit is None:
        return None
    return CheckIn(
        id=new_id(),
        visit=visit,
        kind="dwell",
        device_id=device["device_id"],
        doubts=("jump",) if move.is_suspect else (),
        at=at,
        now=move.at,
    )


def _happening(move: Moved, transition: Transition) -> Happening:
    device = move.device
    return Happening(
        device["member_id"],
        device["program_id"],
        transition.store_id,
        transition.kind,
        transition.event_at,
        move.at,
        transition.cause == "first_fix",
        PushTarget(device["device_id"], device["locale"]) if device["can_push"] else None,
        device["is_verified"],
    )


def _row(move: Moved, transition: Transition, verdict: Verdict) -> TransitionRow:
    return TransitionRow(
        new_id(),
        move.device["member_id"],
        move.device["program_id"],
        move.device["device_id"],
        transition.store_id,
        transition.geofence_id,
        transition.kind,
        transition.cause,
        transition.event_at,
        move.at,
        verdict.decisions,
    )
