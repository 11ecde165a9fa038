"""Stores as the staff open, change and close them, by the API and on the console's pages."""

from datetime import datetime
from typing import Annotated

import msgspec

from coupons.campaigns.store_groups_repository import settle_store_groups
from geo import geofences_repository
from ids import ProgramId, StoreId
from kit.codes import Code
from kit.database import Connection
from kit.ids import new_id
from kit.names import Name
from programs import programs_repository, stores_repository
from programs.staff_repository import Session
from programs.store import Place, Store
from server.problems import not_found
from server.web.fields import Body
from server.web.scoping import require_stores
from server.web.store_fields import (
    Address,
    Hours,
    Position,
    StoreGroups,
    TimeZone,
    TypedPhone,
    read_hours,
    read_store_groups,
    require_phone,
    require_time_zone,
)


class StoreChange(Body, frozen=True):
    """A store as it shall be."""

    name: Name
    """What shoppers read: the store's name."""
    time_zone: TimeZone
    """The IANA name of the zone in which its clock runs."""
    address: Address | None = None
    """Where it is, as it stands on a letter: members read it."""
    phone: TypedPhone | None = None
    """The number to call, as it shall be shown: digits, spaces, hyphens and round brackets, with or without a `+`."""
    location: Position | None = None
    """Where it stands, for a map. Its geofences are drawn apart from it."""
    opening_hours: Hours | None = None
    """When it is open, by day of the week. Null: always. A day that is left out: closed. A span that ends at or before
    its start runs past midnight."""
    day_start_hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 4
    """At which local hour its business day begins: a visit before it belongs to the day before."""
    store_groups: StoreGroups = msgspec.field(default_factory=list)
    """The groups that it is in, such as its area: a campaign that names one of them is for this store from now on, and
    one that named the groups it has left no more."""


class NewStore(StoreChange, frozen=True, kw_only=True):
    """A store to open."""

    code: Code
    """What names it in files and links: unique in the program, and never changed."""


async def open_store(conn: Connection, staff: Session, data: NewStore, version: int, now: datetime) -> Store:
    """Raises Problem, and asyncpg.UniqueViolationError where the program has a store of this code."""
    store = _store(data, StoreId(new_id()), staff.program_id, data.code, now)
    await stores_repository.create_store(conn, store, version)
    await settle_store_groups(conn, staff.program_id, version)
    return store


async def change_store(conn: Connection, staff: Session, store_id: StoreId, data: StoreChange, version: int) -> Store:
    """Raises Problem."""
    old = await find_store(conn, staff, store_id)
    store = _store(data, store_id, staff.program_id, old.code, old.created_at)
    if not await stores_repository.update_store(conn, store, version):
        raise not_found("store")
    if store.store_groups != old.store_groups:
        await settle_store_groups(conn, staff.program_id, version)
    return store


async def close_store(conn: Connection, staff: Session, store_id: StoreId, version: int, now: datetime) -> None:
    """For good, with its geofences and tills. Raises Problem."""
    if not await stores_repository.close_store(conn, staff.program_id, store_id, version, now):
        raise not_found("store")
    fence_version = await programs_repository.bump_fence_version(conn, staff.program_id)
    await geofences_repository.delete_geofences_of_store(conn, staff.program_id, store_id, fence_version, now)


async def find_store(conn: Connection, staff: Session, store_id: StoreId) -> Store:
    """Raises Problem."""
    store = await stores_repository.find_store(conn, staff.program_id, store_id)
    if store is None:
        raise not_found("store")
    require_stores(staff, [store_id])
    return store


def _store(data: StoreChange, store_id: StoreId, program_id: ProgramId, code: str, created_at: datetime) -> Store:
    location = Place(data.location.lat, data.location.lon) if data.location else None
    return Store(
        store_id,
        program_id,
        code,
        data.name,
        require_time_zone(data.time_zone),
        location,
        None if data.opening_hours is None else read_hours(data.opening_hours),
        data.day_start_hour,
        created_at,
        None,
        (data.address or "").strip() or None,
        None if data.phone is None else require_phone(data.phone),
        read_store_groups(data.store_groups),
    )
