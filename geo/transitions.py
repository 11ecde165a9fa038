"""The state machine of a device and its fences: from what the fixes show to enters, exits and dwells. Pure.

Theory. A fix is a noisy observation of a place. For each fence it shows one of three things:

    inside   the point lies in the fence and the fix is good enough to say so: accuracy_m <= max(100, radius_m)
    outside  the point lies outside by more than noise explains: at least max(exit_margin_m, accuracy_m) from the edge
    unsure   neither: near the edge, or a fix as inaccurate as the street is wide. It changes no state, but a good
             fix near the edge delays the confirmation of an exit (geo.exit_confirmation)

Three more observations need no fix inside or outside the fence:

    silence  no fix comes any more, so what the last fixes showed is still true (see geo.sweeping)
    path     the straight line between two fixes, neither of which lies in the fence, leads through it (geo.crossings)
    fence    the fence was removed, or redrawn so that the last fix of a device that is not leaving lies outside now

Comparing the last fix with the one before, as most engines do, makes a transition of every jump of the noise. Here an
enter needs one good fix inside, but an exit must be confirmed: `exit_confirm_fixes` fixes outside and `exit_confirm_s`
seconds away, weighted by the distance (geo.exit_confirmation is the theory of that), with no fix inside in between. A
jump that nobody can have travelled is not believed before the next fix agrees (geo.jumps), and then at its own time.

              inside                   unsure   outside                             silence         fence   path
    outside   enter, -> inside         -        -                                   -               -       cross
    inside    dwell when due           -        exit when confirmed, else leaving   dwell when due  exit    -
    leaving   dwell when due, inside   -        exit when confirmed                 exit when due   exit    -

`TABLE` below is that table; docs/geofences.md draws it.

An exit's event time is the first fix outside; a dwell's is the enter's plus `dwell_s`. There is at most one dwell a
stay. It comes with a fix inside or by silence inside, never while leaving; but time outside that is followed by a fix
inside, before the exit is confirmed, is part of the stay and counts. Campaigns may ask for stays of other lengths, each
of which is told once beside the dwell (geo.long_stays). The exit of a removed or redrawn fence happens at
the next fix, or at the last one if the sweep comes first.

A cross (Tile38 calls it so too) is a guess, so only a fence with `report_crossings` has it, and it makes no stay. It
stands before what the fix at the end of the path shows, at its own time on the path. It never gets a time that was
decided before, and a fence that the device was in at the start of the path is not crossed.

Fixes are ordered by the device's clock, and what is not newer than the newest decided time is late (geo.ordering).
Fixes of one instant count as one towards a confirmation, so that a fix that is sent twice does not confirm itself. A
region event of the last fix's instant adds to what that fix showed: an enter or dwell may open a stay or cancel an
exit; an exit takes an exit up again that a fix so near the edge cancelled. What was decided stays decided.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from geo.exit_confirmation import is_exit_confirmed, is_exit_due
from geo.geofence import Fence, Policy
from geo.long_stays import MinutesOf, next_length_at, tell_lengths
from geo.ordering import FixCounts
from geo.presence import Presence, Stay
from geo.transition import Cause, Kind, Transition
from ids import GeofenceId

FenceOf = Callable[[GeofenceId], Fence | None]
State = Literal["outside", "inside", "leaving"]
Observation = Literal["inside", "unsure", "outside", "silence", "fence", "path"]


class PresenceUpdate(msgspec.Struct, frozen=True):
    """`transitions` are in the order in which the fixes showed them; an exit's event time may be earlier than that.

    `policies` are those of the fences of all stays, where they were looked up on the way.
    """

    presence: Presence
    transitions: tuple[Transition, ...]
    counts: FixCounts
    policies: Mapping[GeofenceId, Policy] | None = None


class Step(NamedTuple):
    """A row of the table: taken if it has no guard or the guard holds for the stay as the fix leaves it."""

    guard: Callable[[Stay, Fence | Policy, datetime], bool] | None
    kind: Kind | None
    to: State


def is_dwell_due(stay: Stay, fence: Fence | Policy, at: datetime) -> bool:
    return stay.dwelled_at is None and at >= stay.entered_at + timedelta(seconds=fence.dwell_s)


def next_due_inside_at(stay: Stay, fence: Fence | Policy, minutes_of: MinutesOf | None) -> datetime | None:
    """When a stay that lasts has its dwell or its next length to tell; None: it has told all."""
    length_at = next_length_at(stay, minutes_of)
    if stay.dwelled_at is not None:
        return length_at
    dwell_at = stay.entered_at + timedelta(seconds=fence.dwell_s)
    return dwell_at if length_at is None else min(dwell_at, length_at)


# For each state and observation: the steps in the order in which they are tried. Any other pair changes nothing.
TABLE: Mapping[tuple[State, Observation], tuple[Step, ...]] = {
    ("outside", "inside"): (Step(None, "enter", "inside"),),
    ("outside", "path"): (Step(None, "cross", "outside"),),
    ("inside", "inside"): (Step(is_dwell_due, "dwell", "inside"), Step(None, None, "inside")),
    ("inside", "outside"): (Step(is_exit_confirmed, "exit", "outside"), Step(None, None, "leaving")),
    ("inside", "silence"): (Step(is_dwell_due, "dwell", "inside"), Step(None, None, "inside")),
    ("inside", "fence"): (Step(None, "exit", "outside"),),
    ("leaving", "inside"): (Step(is_dwell_due, "dwell", "inside"), Step(None, None, "inside")),
    ("leaving", "outside"): (Step(is_exit_confirmed, "exit", "outside"), Step(None, None, "leaving")),
    ("leaving", "silence"): (Step(is_exit_due, "exit", "outside"), Step(None, None, "leaving")),
    ("leaving", "fence"): (Step(None, "exit", "outside"),),
}


def take_step(
    fence: Fence | Policy, state: State, observation: Observation, stay: Stay, at: datetime
) -> tuple[Stay | None, Kind | None]:
    """One step by the table; `stay` is as the observation leaves it. Answers the stay after it and the kind, if any."""
    steps = TABLE.get((state, observation))
    if steps is None:
        return stay, None
    for guard, kind, to in steps:  # noqa: B007 - the last step has no guard
        if guard is None or guard(stay, fence, at):
            break
    if kind == "dwell":
        stay = msgspec.structs.replace(stay, dwelled_at=stay.entered_at + timedelta(seconds=fence.dwell_s))
    return (None if to == "outside" else stay), kind


def tell(
    fence: Fence | Policy,
    state: State,
    observation: Observation,
    stay: Stay,
    at: datetime,
    minutes_of: MinutesOf | None,
    is_first: bool,
) -> tuple[Stay | None, list[Transition]]:
    """The stay after a fix, and what the fix tells of it. `is_first`: it is the device's first one."""
    after, kind = take_step(fence, state, observation, stay, at)
    told: list[Transition] = []
    if kind is not None:
        told.append(make_transition(kind, after or stay, "first_fix" if is_first and kind == "enter" else "fix"))
    if after is not None and observation == "inside":
        after, lengths = tell_lengths(after, minutes_of, at, "fix")
        told += lengths
    return after, told


def make_transition(kind: Kind, stay: Stay, cause: Cause, event_at: datetime | None = None) -> Transition:
    """Without `event_at` the time is the one that the stay holds for this kind."""
    known = {"enter": stay.entered_at, "cross": stay.entered_at, "dwell": stay.dwelled_at, "exit": stay.outside_since}
    at = event_at or known[kind]
    assert at is not None  # the step that made the transition has set it
    return Transition(kind=kind, geofence_id=stay.geofence_id, store_id=stay.store_id, event_at=at, cause=cause)


def state_of(stay: Stay) -> State:
    return "inside" if stay.outside_since is None else "leaving"
