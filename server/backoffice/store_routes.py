"""Stores, and what happened at their doors and tills."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from coupons.campaigns.store_groups_repository import settle_store_groups
from geo import geofences_repository, transitions_repository
from ids import MemberId, ProgramId, StoreId
from kit.codes import Code
from kit.database import Connection, connect
from kit.ids import new_id
from kit.pages import Page, make_page
from members.aliases_repository import history_ids
from programs import programs_repository, stores_repository
from programs.staff_repository import Session
from programs.store import Place, Store
from server.backoffice.decided import DecidedScan, StoreTransition, with_decisions, with_scan_decisions
from server.problems import not_found
from server.web.auth import Call
from server.web.dependencies import DaysDependency, PageDependency, ServicesDependency, SessionDependency
from server.web.fields import Body, Name
from server.web.query_parameters import INSTEAD
from server.web.scoping import require_stores, scope_of
from server.web.store_fields import (
    Address,
    Hours,
    PlaceSearch,
    Position,
    StoreGroups,
    TimeZone,
    TypedPhone,
    read_hours,
    read_store_groups,
    require_phone,
    require_time_zone,
)
from server.web.writes import write
from visits import visits_repository

CodeAsked = Annotated[str | None, QueryParameter(name="code", description="only the store of this code")]
MemberAsked = Annotated[
    MemberId | None,
    QueryParameter(name="member_id", description="only this member's, with those of the members who became them"),
]


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


class StoreAtDistance(msgspec.Struct, frozen=True):
    """A store and how far it is."""

    store: Store
    """The store."""
    distance_m: float
    """From the place that was asked about, as the crow flies, in metres."""


class NearestStores(msgspec.Struct, frozen=True):
    """The stores around a place."""

    items: list[StoreAtDistance]
    """The nearest first."""


class StoreController(Controller):
    path = "/v1/stores"
    tags = ("Stores",)

    @get(
        operation_id="listStores",
        summary="The stores that you may see",
        opt={INSTEAD: "POST /v1/stores/nearest finds stores by a place."},
    )
    async def list_stores(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency, code: CodeAsked = None
    ) -> Page[Store]:
        async with connect(services.pool) as conn:
            rows = await stores_repository.list_stores(conn, staff.program_id, page, scope_of(staff), code=code)
        return make_page(rows, page, lambda store: store.id)

    @post("/nearest", operation_id="findNearestStores", summary="The stores nearest to a place", status_code=200)
    async def find_nearest_stores(
        self, data: JSONBody[PlaceSearch], staff: SessionDependency, services: ServicesDependency
    ) -> NearestStores:
        """Of those that you may see, the open ones whose place is known. It changes nothing."""
        place = Place(data.lat, data.lon)
        async with connect(services.pool) as conn:
            found = await stores_repository.find_nearest_stores(
                conn, staff.program_id, place, data.limit, scope_of(staff)
            )
        return NearestStores([StoreAtDistance(store, distance_m) for store, distance_m in found])

    @post(operation_id="createStore", summary="Open a store")
    async def create_store(
        self,
        data: JSONBody[NewStore],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Store]:
        async def work(conn: Connection, now: datetime, version: int) -> Store:
            store = _store(data, StoreId(new_id()), staff.program_id, data.code, now)
            await stores_repository.create_store(conn, store, version)
            await settle_store_groups(conn, staff.program_id, version)
            return store

        return await write(request, services, work, status=201, bumps="campaigns")

    @get("/{store_id:uuid}", operation_id="getStore", summary="A store")
    async def get_store(
        self, store_id: FromPath[StoreId], staff: SessionDependency, services: ServicesDependency
    ) -> Store:
        async with connect(services.pool) as conn:
            return await _find(conn, staff, store_id)

    @put("/{store_id:uuid}", operation_id="updateStore", summary="Change a store")
    async def update_store(
        self,
        store_id: FromPath[StoreId],
        data: JSONBody[StoreChange],
        request: Call,
        staff: SessionDependency,
        services: ServicesDependency,
    ) -> Response[Store]:
        async def work(conn: Connection, _: datetime, version: int) -> Store:
            old = await _find(conn, staff, store_id)
            store = _store(data, store_id, staff.program_id, old.code, old.created_at)
            if not await stores_repository.update_store(conn, store, version):
                raise not_found("store")
            if store.store_groups != old.store_groups:
                await settle_store_groups(conn, staff.program_id, version)
            return store

        return await write(request, services, work, bumps="campaigns")

    @delete(
        "/{store_id:uuid}",
        operation_id="closeStore",
        summary="Close a store for good, with its geofences and tills",
        status_code=204,
    )
    async def close_store(
        self, store_id: FromPath[StoreId], request: Call, staff: SessionDependency, services: ServicesDependency
    ) -> Response[None]:
        async def work(conn: Connection, now: datetime, version: int) -> None:
            if not await stores_repository.close_store(conn, staff.program_id, store_id, version, now):
                raise not_found("store")
            fence_version = await programs_repository.bump_fence_version(conn, staff.program_id)
            await geofences_repository.delete_geofences_of_store(conn, staff.program_id, store_id, fence_version, now)

        return await write(request, services, work, status=204, bumps="campaigns")

    @get(
        "/{store_id:uuid}/transitions",
        operation_id="listStoreTransitions",
        summary="Enters, exits and dwells, and what each campaign made of them",
    )
    async def list_store_transitions(
        self,
        store_id: FromPath[StoreId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
        member_id: MemberAsked = None,
    ) -> Page[StoreTransition]:
        async with connect(services.pool) as conn:
            await _find(conn, staff, store_id)
            members = None if member_id is None else await history_ids(conn, member_id)
            rows = await transitions_repository.list_transitions_of_store(
                conn, staff.program_id, store_id, page, members
            )
            decided = await with_decisions(conn, rows)
        return make_page(decided, page, lambda transition: transition.id)

    @get(
        "/{store_id:uuid}/scans",
        operation_id="listStoreScans",
        summary="Scans, store QRs and dwells, how far each is trusted, and what came of it",
    )
    async def list_store_scans(
        self,
        store_id: FromPath[StoreId],
        staff: SessionDependency,
        services: ServicesDependency,
        page: PageDependency,
        days: DaysDependency,
        member_id: MemberAsked = None,
    ) -> Page[DecidedScan]:
        async with connect(services.pool) as conn:
            await _find(conn, staff, store_id)
            members = None if member_id is None else await history_ids(conn, member_id)
            rows = await visits_repository.list_scans_of_store(
                conn, staff.program_id, store_id, page, member_ids=members, days=days
            )
            decided = await with_scan_decisions(conn, rows)
        return make_page(decided, page, lambda scan: scan.id)


async def _find(conn: Connection, staff: Session, store_id: StoreId) -> Store:
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
