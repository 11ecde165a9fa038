"""Two processes that serve one device, under duplicates, shuffles, late fixes, wrong clocks, edits and sweeps."""

from collections import defaultdict
from collections.abc import Sequence
from random import Random
from uuid import UUID

import msgspec
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from geo.fix import Fix
from geo.fix_by_fix import apply_fixes
from geo.geofence import Circle, Fence
from geo.index import FenceIndex
from geo.matching import match_fences
from geo.presence import Presence
from geo.sweeping import next_due_at, sweep
from geo.transition import Transition
from geo.transitions import PresenceUpdate
from ids import GeofenceId, StoreId
from tests.support.hovering import Place, hoverings
from tests.support.tracks import BRAND, at, crossable, fix
from tests.support.transition_model import PlainDevice, Seen, agree, seconds

# Fences of 50 m at 0 and of 150 m at 120 m east; 2 km and more is a jump in a minute, and in five it is none.
EASTS_M = st.sampled_from([-300.0, 0.0, 20.0, 60.0, 80.0, 120.0, 160.0, 260.0, 300.0, 340.0, 700.0, 4000.0, 4050.0])
ACCURACIES_M = st.sampled_from([None, 0.0, 10.0, 10.0, 60.0, 120.0, 400.0])
# After the newest fix so far: mostly newer, sometimes a repeat, late, or from a clock that jumped ahead.
PAUSES_S = st.sampled_from([0, 1, 5, 30, 40, 40, 60, 120, 300, 900, -40, -300, 4000])
STEPS = st.lists(st.tuples(PAUSES_S, EASTS_M, ACCURACIES_M, st.sampled_from([False] * 9 + [True])), max_size=8)


def draw_fence(number: int, east_m: float, radius_m: float, hurry: int, tells: bool) -> Fence:
    shape = Circle(35.68, fix(0, east_m).lon, radius_m)
    fence = Fence(
        GeofenceId(UUID(int=number)),
        BRAND,
        StoreId(UUID(int=100 + number)),
        "shop",
        shape,
        radius_m,
        report_crossings=tells,
    )
    if hurry == 0:
        return fence
    return msgspec.structs.replace(
        fence, exit_confirm_s=[0.0, 60.0][hurry - 1], exit_confirm_fixes=hurry, exit_margin_m=10.0, dwell_s=60.0
    )


Steps = Sequence[tuple[int, float, float | None, bool]]


class TwoProcesses(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = self.heard_s = 0.0
        self.row: tuple[int, Presence] = (0, Presence.nowhere())
        self.told: list[Transition] = []
        self.sent: list[Fix] = []

    @initialize(hurries=st.tuples(st.integers(0, 2), st.integers(0, 2)), tell=st.tuples(st.booleans(), st.booleans()))
    def open_shops(self, hurries: tuple[int, int], tell: tuple[bool, bool]) -> None:
        self.fences = {
            GeofenceId(UUID(int=1)): draw_fence(1, 0.0, 50.0, hurries[0], tell[0]),
            GeofenceId(UUID(int=2)): draw_fence(2, 120.0, 150.0, hurries[1], tell[1]),
        }
        self.model = PlainDevice(tuple(self.fences.values()))

    @rule(steps=STEPS, skew_s=st.sampled_from([0, 0, 0, -3600, 59]), chance=st.randoms(use_true_random=False))
    def upload(self, steps: Steps, skew_s: int, chance: Random) -> None:
        fixes = self.walk(steps, skew_s)
        shuffled = list(fixes)
        chance.shuffle(shuffled)
        accepted = self.model.upload(fixes, self.now_s)
        moved = self.compute(shuffled)
        assert moved.counts.accepted == accepted
        assert self.swap(self.row[0], moved)

    @rule(theirs=STEPS, ours=STEPS)
    def both_at_once(self, theirs: Steps, ours: Steps) -> None:
        """The other process writes between our read and our write: we lose, read and compute again."""
        read_version = self.row[0]
        our_fixes, their_fixes = self.walk(ours, 0), self.walk(theirs, 0)
        too_soon = self.compute(our_fixes)
        assert self.swap(read_version, self.compute(their_fixes))
        assert not self.swap(read_version, too_soon)
        assert self.swap(self.row[0], self.compute(our_fixes))
        self.model.upload(their_fixes, self.now_s)
        self.model.upload(our_fixes, self.now_s)

    @rule()
    def repeat_everything(self) -> None:
        before = self.row[1]
        moved = self.compute(self.sent)
        late_or_left_out = [f for f in self.sent if seconds(f.recorded_at) <= self.now_s + 60]
        # What was from the future then may be the present by now; the rest changes nothing.
        if all(
            before.watermark is not None and f.recorded_at <= before.watermark for f in late_or_left_out if not f.mocked
        ):
            assert (moved.presence, moved.transitions, moved.counts.accepted) == (before, (), 0)

    @rule(silence_s=st.sampled_from([1, 10, 45, 120, 300, 301, 700, 3600, 20_000]))
    def fall_silent(self, silence_s: float) -> None:
        self.now_s += silence_s
        self.sweep()

    @rule(places=hoverings(), every_s=st.sampled_from([10, 20, 30, 60, 100]), under_way_s=st.sampled_from([0, 1, 30]))
    def keep_time(self, places: Sequence[Place], every_s: int, under_way_s: int) -> None:
        """A phone as regular as a clock; the sweeper looks in the very second of each next fix."""
        began_s = self.now_s
        for number, place in enumerate(places, start=1):
            recorded_s = began_s + number * every_s
            self.now_s = max(self.now_s, recorded_s + under_way_s)
            self.sweep()
            heard = [fix(recorded_s, *place)]
            self.heard_s = self.now_s
            self.sent += heard
            self.model.upload(heard, self.now_s)
            assert self.swap(self.row[0], self.compute(heard))

    def sweep(self) -> None:
        presence, fence_of = self.row[1], self.fences.get
        now, due_at = at(self.now_s), next_due_at(self.row[1], self.fences.get, at(self.heard_s))
        swept = sweep(presence, fence_of, now)
        if due_at is None or due_at > now:
            assert all(told.cause in ("fence_removed", "fence_changed") for told in swept.transitions)
            return
        self.model.sweep(self.now_s)
        assert self.swap(self.row[0], swept)
        again = sweep(swept.presence, fence_of, now)
        assert (again.presence, again.transitions) == (swept.presence, ())
        upcoming = next_due_at(swept.presence, fence_of, now)
        assert upcoming is None or upcoming > now

    @rule()
    def withdraw_consent(self) -> None:
        """Everything is forgotten but the watermark; what comes next is judged apart from what was."""
        self.row = self.row[0] + 1, Presence(self.row[1].watermark)
        self.told.clear()
        self.model.forget()

    @rule(
        number=st.integers(1, 2), east_m=st.sampled_from([0.0, 120.0, 300.0]), radius_m=st.sampled_from([50.0, 150.0])
    )
    def redraw(self, number: int, east_m: float, radius_m: float) -> None:
        if GeofenceId(UUID(int=number)) in self.fences:
            shape = Circle(35.68, fix(0, east_m).lon, radius_m)
            drawn = msgspec.structs.replace(self.fences[GeofenceId(UUID(int=number))], shape=shape, radius_m=radius_m)
            self.fences[GeofenceId(UUID(int=number))] = self.model.fences[GeofenceId(UUID(int=number))] = drawn

    @rule(number=st.integers(1, 2))
    def remove(self, number: int) -> None:
        self.fences.pop(GeofenceId(UUID(int=number)), None)
        self.model.fences.pop(GeofenceId(UUID(int=number)), None)

    def walk(self, steps: Steps, skew_s: int) -> list[Fix]:
        clock_s, fixes = self.now_s + skew_s, []
        for pause_s, east_m, accuracy_m, mocked in steps:
            clock_s += pause_s
            fixes.append(fix(clock_s, east_m, accuracy_m, mocked))
        self.now_s = max(self.now_s, clock_s - skew_s) + 1
        self.heard_s = self.now_s
        self.sent += fixes
        return fixes

    def compute(self, fixes: Sequence[Fix]) -> PresenceUpdate:
        index = FenceIndex.build(self.fences.values())
        (fence_matches,) = match_fences(index, [(BRAND, fixes)])
        return apply_fixes(self.row[1], fence_matches, index.get, at(self.now_s), crossable(self.fences.values()))

    def swap(self, read_version: int, moved: PresenceUpdate) -> bool:
        if self.row[0] != read_version:
            return False
        self.row = read_version + 1, msgspec.json.decode(msgspec.json.encode(moved.presence), type=Presence)
        self.told += moved.transitions
        return True

    @invariant()
    def tells_what_the_model_tells(self) -> None:
        mine: list[Seen] = [(t.kind, t.geofence_id, seconds(t.event_at), t.cause) for t in self.told]
        for number in (1, 2):
            own = [seen for seen in mine if seen[1] == GeofenceId(UUID(int=number))]
            assert agree(own, [seen for seen in self.model.told if seen[1] == GeofenceId(UUID(int=number))])

    @invariant()
    def enters_and_exits_alternate_and_a_stay_dwells_once(self) -> None:
        by_fence: dict[GeofenceId, list[Transition]] = defaultdict(list)
        for change in self.told:
            by_fence[change.geofence_id].append(change)
        for changes in by_fence.values():
            doors = [change.kind for change in changes if change.kind in ("enter", "exit")]
            assert doors == (["enter", "exit"] * len(doors))[: len(doors)]
            dwells = [change.event_at for change in changes if change.kind == "dwell"]
            assert len(dwells) == len(set(dwells))
            assert [change.event_at for change in changes] == sorted(change.event_at for change in changes)


# Shrinking fixes of a long history takes minutes and finds little: the blob that is printed repeats it.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
TestTwoProcesses = TwoProcesses.TestCase
TestTwoProcesses.settings = settings(max_examples=40, stateful_step_count=20, phases=PHASES)
