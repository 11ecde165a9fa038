"""How fast a run goes through its members. Values only."""

from typing import Annotated, Literal, TypeAlias

import msgspec

_MAX_MINUTES = 7 * 24 * 60


class AtOnce(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="now"):
    """As fast as the system bears it without slowing down what phones ask."""


class OverMinutes(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="over_minutes"):
    """Spread evenly."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=_MAX_MINUTES)]
    """Over how many minutes the members are spread; at most a week."""


class PerHour(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="per_hour"):
    """At most so many an hour."""

    members: Annotated[int, msgspec.Meta(ge=1, le=10**9)]
    """How many members an hour."""


class LocalTime(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="local_time"):
    """When it is next that time where the member lives: the member's own time zone, else their home store's, else the
    program's."""

    at: Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](?!\n)$", examples=["10:00"])]
    """The time of day, such as `10:00`."""


Speed: TypeAlias = AtOnce | OverMinutes | PerHour | LocalTime
SteadySpeed: TypeAlias = AtOnce | OverMinutes | PerHour

Counted = Literal["walked", "decided"]


class Pace(msgspec.Struct, frozen=True):
    """So many members a second: of all whom the run walks past, or of those whom it decides on."""

    members_per_s: float
    counts: Counted


def pace_of(speed: Speed, members: int) -> Pace | None:
    """None: as fast as it goes. `members`: whom the run walks past in all."""
    if isinstance(speed, OverMinutes):
        return Pace(max(members, 1) / (speed.minutes * 60), "walked")
    return Pace(speed.members / 3600, "decided") if isinstance(speed, PerHour) else None
