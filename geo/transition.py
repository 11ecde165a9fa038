"""Transitions: enter, exit, dwell, stay and cross, as the rules make them and as they are kept. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from ids import DeviceId, GeofenceId, MemberId, ProgramId, StoreId

Kind = Literal["enter", "exit", "dwell", "stay", "cross"]
Cause = Literal["fix", "first_fix", "silence", "fence_removed", "fence_changed", "path"]


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a device's presence at a fence. `minutes`: of a stay, how long it has been."""

    kind: Kind
    geofence_id: GeofenceId
    store_id: StoreId
    event_at: datetime
    cause: Cause
    minutes: int | None = None


class NewTransitionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A transition to be kept."""

    id: UUID
    member_id: MemberId
    program_id: ProgramId
    device_id: DeviceId
    store_id: StoreId
    geofence_id: GeofenceId
    kind: Kind
    cause: Cause
    event_at: datetime
    received_at: datetime
    minutes: int | None = None


class TransitionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A transition that is kept."""

    id: UUID
    """The transition's id."""
    member_id: MemberId
    """The member whose device it was."""
    store_id: StoreId
    """The store of the geofence."""
    geofence_id: GeofenceId
    """The geofence, which may be removed by now."""
    kind: Kind
    """`enter`, `exit`, `dwell` (inside for the geofence's `dwell_s`), `stay` (inside for as long as a campaign asks,
    see `minutes`) or `cross` (passed through between two fixes)."""
    cause: Cause
    """What showed it: a `fix`, the device's `first_fix`, `silence`, the `path` between two fixes, or a geofence that
    was removed or redrawn (`fence_removed`, `fence_changed`)."""
    event_at: datetime
    """When it happened, by the device's clock."""
    received_at: datetime
    """When the server learned of it."""
    minutes: int | None
    """Of a `stay`: for how many minutes. Null for all others."""
