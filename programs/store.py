"""Stores, as they are kept and as other processes see them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from ids import ProgramId, StoreId
from programs.opening_hours import OpeningHours


class Place(msgspec.Struct, frozen=True, gc=False):
    """A point on the map."""

    lat: float
    """Latitude, WGS 84 degrees."""
    lon: float
    """Longitude, WGS 84 degrees."""


class Store(msgspec.Struct, frozen=True, gc=False):
    """A shop of the program."""

    id: StoreId
    """The store."""
    program_id: ProgramId
    """The program that it belongs to."""
    code: str
    """What names it in files and links: unique in the program, and never changed."""
    name: str
    """What shoppers read: the store's name."""
    time_zone: str
    """The IANA name of the zone in which its clock runs."""
    location: Place | None
    """Where it stands, for a map."""
    opening_hours: OpeningHours | None
    """When it is open, by day of the week; null: always. A span that ends at or before its start runs past midnight."""
    day_start_hour: int
    """At which local hour its business day begins: a visit before it belongs to the day before."""
    created_at: datetime
    """When it was opened here."""
    closed_at: datetime | None
    """When it was closed for good."""
    address: str | None = None
    """Where it is, as it stands on a letter."""
    phone: str | None = None
    """The number to call, as it is written there."""
    store_groups: Sequence[str] = ()
    """The groups that it is in, which campaigns may name: such as its area."""


class JoinedStore(msgspec.Struct, frozen=True):
    store_id: StoreId
    store_name: str
    program_code: str
    program_name: str
    join_url: str | None


class StoreGenerations(msgspec.Struct, frozen=True):
    """Which of a store's check-in codes are good: of its printed QR, and of its display (0: it has none)."""

    program_id: ProgramId
    printed: int
    display: int


class OpenStore(msgspec.Struct, frozen=True, gc=False):
    """What a process keeps in memory of an open store. There are many: equal hours and zones are one object."""

    code: str
    name: str
    time_zone: ZoneInfo
    opening_hours: OpeningHours | None
    day_start_hour: int
