"""What a rehearsal over a trace answers. Values only."""

from datetime import datetime

import msgspec

from geo.transition import Kind
from ids import StoreId
from server.rehearsals.rehearsal import RehearsedMessages, Suppression, TakenAsNow


class TracedStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step through a geofence that the trace shows."""

    person: str
    """Who made it, as the file calls them; empty where it calls nobody anything."""
    kind: Kind
    """`enter`, `exit`, `dwell`, `stay` or `cross`."""
    minutes: int | None
    """Of a `stay`: for how many minutes."""
    store_id: StoreId
    """The store of the geofence."""
    store_name: str
    """Its name."""
    event_at: datetime
    """When it happened, by the trace's times."""
    told_at: datetime
    """When it would have been known: with a fix, or by silence."""
    outcome: str | None
    """What the campaign makes of it, as its report names it: `issued`, or why there is no coupon. Null: it does not
    answer such a step."""


class TraceRehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign would do with a trace. Nothing was written."""

    campaign_version: int
    """The campaign's version that was rehearsed."""
    from_at: datetime
    """The time of the first fix."""
    to_at: datetime
    """The time of the last one."""
    fixes: int
    """How many fixes the file has."""
    persons: int
    """Of how many persons."""
    steps_found: int
    """How many steps through geofences they show."""
    steps: list[TracedStep]
    """The first thousand of them, in the order of time."""
    coupons: int
    """How many coupons would have been issued."""
    suppressed: list[Suppression]
    """Why there would have been none, the most frequent first."""
    messages: list[RehearsedMessages]
    """Of a member who was named: what would have become of the messages, by channel. Else empty."""
    cannot_tell: list[TakenAsNow]
    """What the trace cannot tell, and what was taken for it."""
