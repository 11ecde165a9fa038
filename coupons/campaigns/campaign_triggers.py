"""What a campaign may answer, as its staff say it: a tagged union by `kind`. Values only.

What sets one kind apart for the rules stands in `triggers`; a new kind is a struct here, a line there, and a line in
the CHECKs of `campaigns`.
"""

from typing import Annotated, TypeAlias

import msgspec

from coupons.campaigns.timed_triggers import TimedTrigger
from coupons.campaigns.trigger_kind import Kind
from coupons.campaigns.triggers import TriggerKind


class Enter(Kind, frozen=True, tag="enter"):
    """A step into a geofence of one of the campaign's stores."""


class Exit(Kind, frozen=True, tag="exit"):
    """A step out of a geofence of one of the campaign's stores, once it is confirmed."""


class Dwell(Kind, frozen=True, tag="dwell"):
    """A stay in a geofence of one of the campaign's stores, for as long as the geofence's `dwell_s` says."""


class Stay(Kind, frozen=True, tag="stay"):
    """A stay of so many minutes in a geofence of one of the campaign's stores, whatever the geofence's `dwell_s`: once
    for each stay that becomes as long."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440, examples=[30])]
    """How long it must be, in minutes."""


class Cross(Kind, frozen=True, tag="cross"):
    """A way through a geofence between two fixes of which neither lies in it (of geofences with `report_crossings`)."""


class Visit(Kind, frozen=True, tag="visit"):
    """A recorded check-in at one of the campaign's stores."""


_Number = Annotated[int, msgspec.Meta(ge=2, le=1000, examples=[5])]


class FirstVisit(Kind, frozen=True, tag="first_visit"):
    """The member's first visit: to the campaign's stores, or with none named to any of the program's."""

    def is_due_at(self, number: int) -> bool:
        return number == 1


class NthVisit(Kind, frozen=True, tag="nth_visit"):
    """The member's visit of one number, such as the fifth, at the campaign's stores."""

    n: _Number
    """Which visit it is: 5 is the fifth."""

    def is_due_at(self, number: int) -> bool:
        return number == self.n


class EveryNthVisit(Kind, frozen=True, tag="every_nth_visit"):
    """Every n-th visit of the member at the campaign's stores: the fifth, the tenth and so on."""

    n: _Number
    """After how many visits it comes again: 5 is every fifth."""

    def is_due_at(self, number: int) -> bool:
        return number > 0 and number % self.n == 0


class Stamps(Kind, frozen=True, tag="stamps"):
    """A full stamp card that names the campaign as its reward."""


class Code(Kind, frozen=True, tag="code"):
    """A code on paper that a member claims, in the app or at a till (…/paper-codes)."""


class FollowUp(Kind, frozen=True, tag="follow_up"):
    """A step of another campaign's `follow_ups`, which gives this offer; nothing else earns it."""


CountedTrigger: TypeAlias = FirstVisit | NthVisit | EveryNthVisit
Trigger: TypeAlias = (
    Enter | Exit | Dwell | Stay | Cross | Visit | CountedTrigger | Stamps | Code | FollowUp | TimedTrigger
)


def read_trigger(kind: TriggerKind, settings: str) -> Trigger:
    """As the database has it: its kind, and the rest as a JSON object."""
    trigger: Trigger = msgspec.convert(msgspec.json.decode(settings) | {"kind": kind}, Trigger)
    return trigger


def write_settings(trigger: Trigger) -> str:
    """What `read_trigger` reads beside the kind."""
    return msgspec.json.encode(msgspec.structs.asdict(trigger)).decode()
