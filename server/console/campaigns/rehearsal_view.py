"""A rehearsal as a page shows it: figures, by hour and by store, and why somebody would have got nothing."""

from collections.abc import Sequence

import msgspec

from kit.database import connect
from kit.locales import Locale
from kit.pages import NEWEST, PageRequest
from programs.staff_repository import Session
from programs.stores_repository import list_stores
from server.console.campaigns.phrases import say_money, say_number
from server.console.charts import BarChart, draw_bars
from server.rehearsals.rehearsal import Estimate, Rehearsal
from server.web.services import Services

_SHOWN_STORES = 200


class RehearsedPlace(msgspec.Struct, frozen=True, kw_only=True):
    """What would have come of it at one store. `lat`, `lon`: WGS 84; None: nobody has said where it is."""

    name: str
    coupons: int
    members: int
    lat: float | None
    lon: float | None


class ShownRehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """`told`: as the API answers it. The rest is drawn of it."""

    told: Rehearsal
    days: int
    coupons: str
    members: str
    hours: BarChart
    stores: Sequence[RehearsedPlace]
    discount: str | None
    prices: Sequence[str | None]

    @property
    def has_places(self) -> bool:
        return any(each.lat is not None for each in self.stores)


async def view_rehearsal(
    services: Services, staff: Session, told: Rehearsal, days: int, locale: Locale
) -> ShownRehearsal:
    by_store = told.by_store[:_SHOWN_STORES]
    named = [each.store_id for each in by_store]
    async with connect(services.pool) as conn:
        asked = PageRequest(NEWEST, _SHOWN_STORES)
        found = await list_stores(conn, staff.program_id, asked, named) if named else []
    places = {each.id: each.location for each in found if each.location}
    money, discount = told.cost.currency, told.cost.discount_at_most
    return ShownRehearsal(
        told=told,
        days=days,
        coupons=_say(told.coupons, locale),
        members=_say(told.members, locale),
        hours=draw_bars(
            [f"{hour}" for hour in range(24)],
            [(count, f"{hour}:00 - {count}") for hour, count in enumerate(told.by_hour)],
        ),
        stores=[
            RehearsedPlace(
                name=each.name,
                coupons=each.coupons,
                members=each.members,
                lat=None if (place := places.get(each.store_id)) is None else place.lat,
                lon=None if place is None else place.lon,
            )
            for each in by_store
        ],
        discount=None if discount is None else say_money(discount, money, locale),
        prices=[None if each.price is None else say_money(each.price, each.currency, locale) for each in told.messages],
    )


def _say(estimate: Estimate, locale: Locale) -> str:
    """Of a sample with the bounds of 95 in 100."""
    count = say_number(estimate.count, locale)
    if estimate.at_least == estimate.at_most:
        return count
    return f"{count} ({say_number(estimate.at_least, locale)} - {say_number(estimate.at_most, locale)})"
