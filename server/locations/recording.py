"""From changed presences to coupons, visits and recorded transitions: what `locate` and the sweep have in common.

Only for presences whose swap was won, and in the swap's transaction. An exit that is caused by a removed or redrawn
fence triggers no campaign: nobody walked out. A dwell is a visit where the program's rules say so.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from audiences.facts import FactsDelta
from audiences.facts_repository import add_to_facts
from coupons.campaigns.triggers import TriggerEvent
from geo import transitions_repository
from geo.transition import NewTransitionRecord, Transition
from geo.transitions import PresenceUpdate
from ids import CouponId, DeviceId, MemberId, ScanId
from kit.database import Connection
from kit.ids import new_id
from server.check_ins.check_in import CheckIn, make_visit
from server.check_ins.record_check_ins import begin_check_ins, facts_added_by, finish_check_ins
from server.issuing.grant_offers import count_coupons, grant_offers
from server.locations.device_states import DeviceState
from server.runtime.snapshot import Snapshot

FENCE_CHANGES = frozenset({"fence_removed", "fence_changed"})


class DeviceTransitions(msgspec.Struct, frozen=True, kw_only=True):
    """The transitions of one device; `at` is when we learned of them.

    `is_suspect`: the newest fix is a jump that nobody can have travelled.
    """

    device: DeviceState
    transitions: Sequence[Transition]
    at: datetime
    is_suspect: bool

    @classmethod
    def of(cls, device: DeviceState, result: PresenceUpdate, at: datetime) -> "DeviceTransitions":
        is_suspect = result.presence.suspect is not None
        return cls(device=device, transitions=result.transitions, at=at, is_suspect=is_suspect)


class _Step(msgspec.Struct, frozen=True):
    """A transition with the id of its row."""

    change: DeviceTransitions
    transition: Transition
    id: UUID


def has_fence_change(transitions: Sequence[Transition]) -> bool:
    """Whether a removed or redrawn fence ends a stay, which only a snapshot read after the presence can know."""
    return any(transition.cause in FENCE_CHANGES for transition in transitions)


def find_unheard(snapshot: Snapshot, changes: Sequence[DeviceTransitions]) -> list[NewTransitionRecord] | None:
    """The rows of transitions where they are all that is to be recorded; None where one of them is a visit, or a
    campaign decides on it.
    """
    steps = _number(changes)
    heard = (_triggers(step.transition) and snapshot.campaigns_for(_trigger_event(step)) for step in steps)
    return None if any(heard) or _find_visits(snapshot, steps) else [_row(step) for step in steps]


def _number(changes: Sequence[DeviceTransitions]) -> list[_Step]:
    return [_Step(change, transition, new_id()) for change in changes for transition in change.transitions]


async def record_transitions(
    conn: Connection, snapshot: Snapshot, changes: Sequence[DeviceTransitions]
) -> dict[DeviceId, list[CouponId]]:
    """Judge and issue what the transitions earn, and record them. Answers the coupons by device."""
    steps = _number(changes)
    if not steps:
        return {}
    events = [_trigger_event(step) for step in steps if _triggers(step.transition)]
    dwells = _find_visits(snapshot, steps)
    # Most of the time there are none: then nothing is asked that was not asked before.
    pending = await begin_check_ins(conn, snapshot, [check_in for _, check_in in dwells]) if dwells else None
    every_event = [*events, *(pending.trigger_events if pending else ())]
    results = await grant_offers(conn, snapshot, every_event)
    visited = await finish_check_ins(conn, pending, results[len(events) :]) if pending else {}
    of_transitions = iter(results[: len(events)])
    coupons: dict[DeviceId, list[CouponId]] = {}
    for step in steps:
        earned = next(of_transitions).coupon_ids if _triggers(step.transition) else []
        coupons.setdefault(step.change.device.device_id, []).extend(earned)
    await transitions_repository.insert_transitions(conn, [_row(step) for step in steps])
    for device_id, check_in in dwells:
        coupons[device_id].extend(visited[check_in.id].coupon_ids)
    deltas: dict[MemberId, FactsDelta] = facts_added_by(pending) if pending else {}
    count_coupons(deltas, every_event, results)
    await add_to_facts(conn, deltas)
    return coupons


def _find_visits(snapshot: Snapshot, steps: Sequence[_Step]) -> list[tuple[DeviceId, CheckIn]]:
    """The dwells that are visits, each with its device."""
    found = []
    for step in steps:
        change, transition, device = step.change, step.transition, step.change.device
        if transition.kind == "dwell" and snapshot.visit_rules_of(device.program_id).by_dwell:
            check_in = _dwell(snapshot, change, transition)
            if check_in is not None:
                found.append((device.device_id, check_in))
    return found


def _dwell(snapshot: Snapshot, change: DeviceTransitions, transition: Transition) -> CheckIn | None:
    device, at = change.device, transition.event_at
    visit = make_visit(snapshot, device.program_id, device.member_id, transition.store_id, at)
    if visit is None:
        return None
    return CheckIn(
        id=ScanId(new_id()),
        visit=visit,
        kind="dwell",
        device_id=device.device_id,
        doubts=("jump",) if change.is_suspect else (),
        at=at,
        now=change.at,
    )


def _triggers(transition: Transition) -> bool:
    return transition.cause not in FENCE_CHANGES


def _trigger_event(step: _Step) -> TriggerEvent:
    change, transition, device = step.change, step.transition, step.change.device
    return TriggerEvent(
        trigger=transition.kind,
        member_id=device.member_id,
        program_id=device.program_id,
        store_id=transition.store_id,
        event_at=transition.event_at,
        minutes=transition.minutes,
        now=change.at,
        is_verified=device.is_verified,
        push_to=device.device_id,
        is_first_fix=transition.cause == "first_fix",
        source_id=step.id,
    )


def _row(step: _Step) -> NewTransitionRecord:
    change, transition = step.change, step.transition
    return NewTransitionRecord(
        id=step.id,
        member_id=change.device.member_id,
        program_id=change.device.program_id,
        device_id=change.device.device_id,
        store_id=transition.store_id,
        geofence_id=transition.geofence_id,
        kind=transition.kind,
        cause=transition.cause,
        event_at=transition.event_at,
        received_at=change.at,
        minutes=transition.minutes,
    )
