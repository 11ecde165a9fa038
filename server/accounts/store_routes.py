"""Stores as a member sees them: where they are, how to reach them, whether they are open, which are near."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from coupons import coupons_repository
from ids import CouponId, StoreId
from kit.clock import utc_now
from kit.database import Connection, connect
from kit.pages import Page, make_page
from members.device import Device
from programs import stores_repository
from programs.opening_hours import OpeningHours, is_open
from programs.store import Place, Store
from server.accounts.own_coupons import require_coupon
from server.problems import not_found
from server.web.dependencies import DeviceDependency, PageDependency, ServicesDependency
from server.web.query_parameters import INSTEAD
from server.web.store_fields import PlaceSearch

CouponAsked = Annotated[
    CouponId | None,
    QueryParameter(name="coupon_id", description="only the stores where this coupon of the member can be redeemed"),
]


class MemberStore(msgspec.Struct, frozen=True, kw_only=True):
    """A store as members see it."""

    id: StoreId
    """The store: coupons and visits name it so."""
    name: str
    """Its name."""
    address: str | None
    """Where it is, as it stands on a letter. Null: the program has not said."""
    phone: str | None
    """The number to call, as it is written there; digits, spaces, hyphens and brackets. Null: the program has not
    said."""
    location: Place | None
    """Where it stands, for a map. Null: the program has not said."""
    time_zone: str
    """The IANA name of the zone in which its clock runs, and `opening_hours` are meant."""
    opening_hours: OpeningHours | None
    """When it is open, by day of the week; null: always. A day that is left out: closed. A span that ends at or before
    its start runs past midnight."""
    is_open: bool
    """Whether it is open at this moment, by `opening_hours`."""
    closed_at: datetime | None
    """When it was closed for good. Null: it has not been. Lists leave such a store out."""


class NearbyMemberStore(msgspec.Struct, frozen=True):
    """A store and how far it is."""

    store: MemberStore
    """The store."""
    distance_m: float
    """From the place that was asked about, as the crow flies, in metres."""


class NearbyMemberStores(msgspec.Struct, frozen=True):
    """The stores around a place."""

    items: list[NearbyMemberStore]
    """The nearest first."""


class MemberPlaceSearch(PlaceSearch, frozen=True):
    """Stores around a place. It is looked at for this answer and not kept."""

    coupon_id: CouponId | None = None
    """Only the stores where this coupon of the member can be redeemed."""


class MemberStoreController(Controller):
    path = "/v1/me/stores"
    tags = ("Member",)

    @get(
        operation_id="listMyStores",
        summary="The program's stores, those that opened last first",
        opt={INSTEAD: "POST /v1/me/stores/nearest finds stores by a place."},
    )
    async def list_my_stores(
        self,
        device: DeviceDependency,
        services: ServicesDependency,
        page: PageDependency,
        coupon_id: CouponAsked = None,
    ) -> Page[MemberStore]:
        async with connect(services.pool) as conn:
            only = await _find_only(conn, device, coupon_id)
            stores = await stores_repository.list_stores(conn, device.program_id, page, only, with_closed=False)
        now = utc_now()
        return make_page([_view(store, now) for store in stores], page, lambda store: store.id)

    @post("/nearest", operation_id="findMyNearestStores", summary="The stores near me", status_code=200)
    async def find_my_nearest_stores(
        self, data: JSONBody[MemberPlaceSearch], device: DeviceDependency, services: ServicesDependency
    ) -> NearbyMemberStores:
        """The open ones whose place is known. The place that is asked about needs no consent to location: it is looked
        at for this answer and not kept. It changes nothing.
        """
        place = Place(data.lat, data.lon)
        async with connect(services.pool) as conn:
            only = await _find_only(conn, device, data.coupon_id)
            found = await stores_repository.find_nearest_stores(conn, device.program_id, place, data.limit, only)
        now = utc_now()
        return NearbyMemberStores([NearbyMemberStore(_view(store, now), distance_m) for store, distance_m in found])

    @get("/{store_id:uuid}", operation_id="getMyStore", summary="A store of the program")
    async def get_my_store(
        self, store_id: FromPath[StoreId], device: DeviceDependency, services: ServicesDependency
    ) -> MemberStore:
        """Also one that has closed for good: visits and coupons still name it."""
        async with connect(services.pool) as conn:
            store = await stores_repository.find_store(conn, device.program_id, store_id)
        if store is None:
            raise not_found("store")
        return _view(store, utc_now())


async def _find_only(conn: Connection, device: Device, coupon_id: CouponId | None) -> Sequence[StoreId] | None:
    """The stores of the coupon that was asked for; None: all. Raises Problem."""
    if coupon_id is None:
        return None
    return await coupons_repository.find_stores_of_coupon(conn, await require_coupon(conn, device, coupon_id))


def _view(store: Store, now: datetime) -> MemberStore:
    is_open_now = is_open(store.opening_hours, now.astimezone(ZoneInfo(store.time_zone)))
    return MemberStore(
        id=store.id,
        name=store.name,
        address=store.address,
        phone=store.phone,
        location=store.location,
        time_zone=store.time_zone,
        opening_hours=store.opening_hours,
        is_open=store.closed_at is None and is_open_now,
        closed_at=store.closed_at,
    )
