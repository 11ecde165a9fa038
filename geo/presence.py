"""Presence: what we hold about where a device is now. Pure.

These are its stays in fences, and the little that is needed to judge its next fix. No trail is kept.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from geo.fix import Fix, RegionEvent
from ids import GeofenceId, StoreId

# A phone may pause between uploads before its silence counts: for twice its own last pause, or a phone that uploads
# regularly would be judged in the very second of its next fix; but no longer than this.
PAUSE_FACTOR = 2.0
MAX_PAUSE_S = 600.0

_STAY_NAMES = {
    "geofence_id": "g",
    "store_id": "s",
    "entered_at": "e",
    "dwelled_at": "d",
    "outside_since": "o",
    "outside_fixes": "n",
    "outside_until": "u",
    "exit_evidence_s": "a",
    "evidence_rate": "k",
    "max_distance_m": "f",
    "noise_m": "b",
    "told_minutes": "t",
}


class Stay(msgspec.Struct, frozen=True, omit_defaults=True, rename=_STAY_NAMES):
    """A device in a fence. It is leaving while `outside_since`, the time of the first fix outside, is set.

    `outside_until` is the newest fix outside or near the edge. `exit_evidence_s` is the evidence so far that it has
    left, and each second after `outside_until` adds `evidence_rate` of a second to it (see geo.exit_confirmation).
    `max_distance_m` is how far from the edge it was seen since `outside_since`; `noise_m` is the largest such distance
    after which this stay went on. `told_minutes` is the longest length that it has told of (geo.long_stays). The short
    names are those of the stored JSON and never change their meaning.
    """

    geofence_id: GeofenceId
    store_id: StoreId
    entered_at: datetime
    dwelled_at: datetime | None = None
    outside_since: datetime | None = None
    outside_fixes: int = 0
    outside_until: datetime | None = None
    exit_evidence_s: float = 0.0
    evidence_rate: float = 0.0
    max_distance_m: float = 0.0
    noise_m: float = 0.0
    told_minutes: int = 0


class Suspect(msgspec.Struct, frozen=True):
    """A fix too far away to be believed yet (see geo.jumps), the fences that contained it, and its region events."""

    fix: Fix
    geofence_ids: Sequence[GeofenceId]
    events: tuple[RegionEvent, ...] = ()


_INSTANT_NAMES = {"is_first": "f", "events": "e", "cancelled": "c"}


class Instant(msgspec.Struct, frozen=True, omit_defaults=True, rename=_INSTANT_NAMES):
    """What the watermark's instant has decided, for a region event of it that comes later (see geo.ordering).

    `is_first`: it is the instant of the device's first fix. `events` have been weighed. `cancelled` are the leaving
    stays, as they were before, whose exit a fix of this instant cancelled though it may have been taken outside. The
    short names are those of the stored JSON and never change their meaning.
    """

    is_first: bool = False
    events: tuple[RegionEvent, ...] = ()
    cancelled: tuple[Stay, ...] = ()


class Presence(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is held about where a device is.

    `watermark` is the newest decided time by the device's clock; `stays` are in order of entry. `last_fix` is the
    newest fix that was believed. `lag_s` converts the device's clock to ours and allows for its own pause: what is
    due at a time of the device's clock is due that much later by ours, if nothing is heard from it (see geo.sweeping).
    `instant` is about the watermark's instant and forgotten with the next fix.
    """

    watermark: datetime | None = None
    stays: tuple[Stay, ...] = ()
    last_fix: Fix | None = None
    suspect: Suspect | None = None
    lag_s: float = 0.0
    instant: Instant = Instant()

    @classmethod
    def nowhere(cls) -> "Presence":
        return cls()

    def device_time(self, now: datetime) -> datetime:
        """The time by the device's clock up to which its silence counts at `now`."""
        return now - timedelta(seconds=self.lag_s)


def measure_lag_s(watermark: datetime | None, newest: datetime, received_at: datetime) -> float:
    """`lag_s` of a presence whose watermark becomes `newest`, the newest time of the upload that is received now."""
    pause_s = 0.0 if watermark is None else min(MAX_PAUSE_S, PAUSE_FACTOR * (newest - watermark).total_seconds())
    return (received_at - newest).total_seconds() + pause_s
