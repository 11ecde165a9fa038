"""A trace through the geofences: what a phone that had sent these fixes would have made of its presence.

Each fix is an upload of its own, received as it was taken. Between two of them, and after the last one, silence decides
when it is due, as the worker's sweep has it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from geo.fix import Fix
from geo.fix_by_fix import apply_fixes
from geo.matching import match_fences
from geo.presence import Presence
from geo.sweeping import next_due_at, sweep
from geo.transition import Transition
from geo.transitions import PresenceUpdate
from ids import ProgramId
from kit.steps import Steps
from server.runtime.snapshot import Snapshot

_AT_ONCE = 50
_A_SECOND = timedelta(seconds=1)
# After the last fix somebody may stay for a day: that is the longest stay a campaign asks for.
AFTERWARDS = timedelta(days=1)


class TracedTransition(msgspec.Struct, frozen=True):
    """`received_at`: of the fix, or of the silence, that showed it."""

    transition: Transition
    received_at: datetime


def walk_trace(snapshot: Snapshot, program_id: ProgramId, fixes: Sequence[Fix]) -> Steps[list[TracedTransition]]:
    """`fixes` in the order of time, at least one."""
    fence_of, minutes_of = snapshot.fences.get, snapshot.stay_minutes_of(program_id)
    crossable = snapshot.crossable_of(program_id)
    presence = Presence.nowhere()
    found: list[TracedTransition] = []

    def note(update: PresenceUpdate, at: datetime) -> Presence:
        found.extend(TracedTransition(each, at) for each in update.transitions)
        return update.presence

    def fall_silent(presence: Presence, since: datetime, until: datetime) -> Presence:
        while (due := next_due_at(presence, fence_of, since, minutes_of)) is not None:
            since = max(due, since + _A_SECOND)
            if since >= until:
                break
            presence = note(sweep(presence, fence_of, since, minutes_of), since)
        return presence

    last_at = fixes[0].recorded_at
    for start in range(0, len(fixes), _AT_ONCE):
        some = fixes[start : start + _AT_ONCE]
        for match in match_fences(snapshot.fences, [(program_id, some)])[0]:
            at = match.fix.recorded_at
            presence = fall_silent(presence, last_at, at)
            presence = note(apply_fixes(presence, [match], fence_of, at, crossable, minutes_of), at)
            last_at = at
        yield
    fall_silent(presence, last_at, last_at + AFTERWARDS)
    return found
