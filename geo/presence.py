"""What is held about where a device is now: its stays, and the little that the next fix is judged by. Pure.

No trail is kept.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from geo.fix import Fix
from ids import GeofenceId, StoreId

# The pause between uploads that is granted to a phone before its silence counts: twice its own last one, for a phone as
# regular as a clock would else be judged in the very second of its next fix; but no longer than this.
PAUSES = 2.0
LONGEST_PAUSE_S = 600.0

_STAY_NAMES = {
    "geofence_id": "g",
    "store_id": "s",
    "entered_at": "e",
    "dwelled_at": "d",
    "outside_since": "o",
    "outside_fixes": "n",
    "outside_until": "u",
    "away_s": "a",
    "share": "k",
    "farthest_m": "f",
    "wobble_m": "b",
}


class Stay(msgspec.Struct, frozen=True, omit_defaults=True, rename=_STAY_NAMES):
    """A device in a fence. It is leaving while `outside_since`, the time of the first fix outside, is set.

    `away_s` is the evidence so far that it has left, `share` how much of a second each second since `outside_until`,
    the newest fix outside or on the doorstep, adds to it (see geo.exit_confirmation). `farthest_m` is from the edge, of
    this leaving; `wobble_m` the farthest of the leavings of this stay that were taken back. The short names are those
    of the stored JSON and never change their meaning.
    """

    geofence_id: GeofenceId
    store_id: StoreId
    entered_at: datetime
    dwelled_at: datetime | None = None
    outside_since: datetime | None = None
    outside_fixes: int = 0
    outside_until: datetime | None = None
    away_s: float = 0.0
    share: float = 0.0
    farthest_m: float = 0.0
    wobble_m: float = 0.0


class Suspect(msgspec.Struct, frozen=True):
    """A fix too far away to be believed yet, and the fences that held it."""

    fix: Fix
    geofence_ids: Sequence[GeofenceId]


class Presence(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is held about where a device is.

    `watermark` is the newest decided time by the device's clock, `stays` stand in order of entry. `last_fix` is the
    newest fix that was believed. `lag_s` turns the device's clock into ours and grants it its own pause: what is due
    at a time of the device's clock is due to us so much later, if nothing is heard from it (see geo.sweeping).
    """

    watermark: datetime | None = None
    stays: tuple[Stay, ...] = ()
    last_fix: Fix | None = None
    suspect: Suspect | None = None
    lag_s: float = 0.0

    @classmethod
    def nowhere(cls) -> "Presence":
        return cls()

    def device_time(self, now: datetime) -> datetime:
        """How far its silence has come at `now`, by its own clock."""
        return now - timedelta(seconds=self.lag_s)


def measure_lag_s(watermark: datetime | None, newest: datetime, received_at: datetime) -> float:
    """`lag_s` of a presence whose watermark moves to `newest`, the newest time of what was received now."""
    pause_s = 0.0 if watermark is None else min(LONGEST_PAUSE_S, PAUSES * (newest - watermark).total_seconds())
    return (received_at - newest).total_seconds() + pause_s
