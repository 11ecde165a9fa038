"""From moved presences to coupons and recorded transitions: the part that `locate` and `tick` share.

Only for presences whose swap was won, and in the swap's transaction. An exit that a removed or redrawn fence causes is
one that no campaign hears of: nobody walked through a door.
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
from server.catalogue import Catalogue
from server.flows.granting import Happening, PushTarget, Verdict, grant_offers

UNHEARD = frozenset({"fence_removed", "fence_changed"})


class Moved(msgspec.Struct, frozen=True):
    """`device` is a row of the query `read_devices`; `at` is when we learned of the transitions."""

    device: Any
    transitions: Sequence[Transition]
    at: datetime


def ends_by_fence(transitions: Sequence[Transition]) -> bool:
    """Whether a removed or redrawn fence ends a stay, which only a catalogue read after the presence can know."""
    return any(transition.cause in UNHEARD for transition in transitions)


async def record_transitions(conn: Connection, catalogue: Catalogue, moved: Sequence[Moved]) -> dict[UUID, list[UUID]]:
    """Judge and issue what the transitions earn, and record them. Answers the coupons by device."""
    steps = [(move, transition) for move in moved for transition in move.transitions]
    if not steps:
        return {}
    heard = [_happening(move, transition) for move, transition in steps if transition.cause not in UNHEARD]
    verdicts = iter(await grant_offers(conn, catalogue, heard) if heard else ())
    rows = []
    coupons: dict[UUID, list[UUID]] = {}
    for move, transition in steps:
        verdict = Verdict({}, []) if transition.cause in UNHEARD else next(verdicts)
        rows.append(_row(move, transition, verdict))
        coupons.setdefault(move.device["device_id"], []).extend(verdict.coupon_ids)
    await transitions_repository.insert_transitions(conn, rows)
    return coupons


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
        device["is_claimed"],
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
