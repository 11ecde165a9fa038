"""Stores, and what happened at their doors and tills."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from geo import transitions_repository
from ids import MemberId, StoreId
from kit.database import Connection, connect
from kit.pages import Page, make_page
from members.aliases_repository import history_ids
from programs import stores_repository
from programs.store import Place, Store
from server.backoffice.change_store import NewStore, StoreChange, change_store, close_store, find_store, open_store
from server.backoffice.decided import DecidedScan, StoreTransition, with_decisions, with_scan_decisions
from server.web.auth import Call
from server.web.dependencies import DaysDependency, PageDependency, ServicesDependency, SessionDependency
from server.web.query_parameters import INSTEAD
from server.web.scoping import scope_of
from server.web.store_fields import PlaceSearch
from server.web.writes import write
from visits import visits_repository

CodeAsked = Annotated[str | None, QueryParameter(name="code", description="only the store of this code")]
MemberAsked = Annotated[
    MemberId | None,
    QueryParameter(name="member_id", description="only this member's, with those of the members who became them"),
]


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
            return await open_store(conn, staff, data, version, now)

        return await write(request, services, work, status=201, bumps="campaigns")

    @get("/{store_id:uuid}", operation_id="getStore", summary="A store")
    async def get_store(
        self, store_id: FromPath[StoreId], staff: SessionDependency, services: ServicesDependency
    ) -> Store:
        async with connect(services.pool) as conn:
            return await find_store(conn, staff, store_id)

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
            return await change_store(conn, staff, store_id, data, version)

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
            await close_store(conn, staff, store_id, version, now)

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
            await find_store(conn, staff, store_id)
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
            await find_store(conn, staff, store_id)
            members = None if member_id is None else await history_ids(conn, member_id)
            rows = await visits_repository.list_scans_of_store(
                conn, staff.program_id, store_id, page, member_ids=members, days=days
            )
            decided = await with_scan_decisions(conn, rows)
        return make_page(decided, page, lambda scan: scan.id)
