"""What came of a campaign at each store, by business days: coupons issued and redeemed, and what was paid with them."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

import msgspec
from asyncpg import Record

from coupons.campaigns.campaign import Campaign
from ids import StoreId
from kit.database import Connection
from kit.pages import PageRequest
from kit.small_groups import SMALLEST_GROUP
from kit.sql import load_queries

QUERIES = load_queries(__file__, "store_results.sql")


class StoreDay(msgspec.Struct, frozen=True, kw_only=True):
    """A business day of a store on which something came of the campaign."""

    day: date
    """The business day: it begins at the store's `day_start_hour`."""
    issued: int | None
    """How many coupons were earned there. Null: some, but by fewer than ten members, which only owners are told."""
    redeemed: int | None
    """How often one was used there, and has not been taken back. Null as of `issued`."""
    sales: int | None
    """What was paid there on the receipts on which one was used, without what was refunded, in the program's smallest
    unit of money. Of tills that reserve coupons for a receipt; others tell no amount. Null as of `redeemed`."""


class StoreResults(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the campaign at a store."""

    store_id: StoreId
    """The store: where the coupons were earned, or used."""
    store_name: str
    """Its name."""
    issued: int
    """The sum of its days, without those that are null."""
    redeemed: int
    """As of `issued`."""
    sales: int
    """As of `issued`."""
    days: Sequence[StoreDay]
    """The days on which there was anything, in order."""


async def list_store_results(
    conn: Connection,
    campaign: Campaign,
    days: tuple[date, date],
    page: PageRequest,
    store_ids: Sequence[StoreId] | None,
) -> list[StoreResults]:
    """`days`: the first and the last. `store_ids`: only these, and nothing of few members; None: all, exactly."""
    rows = await conn.fetch(
        *QUERIES.list_store_results(
            campaign_id=campaign.id,
            from_day=days[0],
            to_day=days[1],
            before=page.before,
            store_ids=store_ids,
            stores=page.fetch_count,
        )
    )
    grouped = groupby(rows, itemgetter("store_id", "store_name"))
    hides_few = store_ids is not None
    return [
        _results(store_id, name, [_day(row, hides_few=hides_few) for row in of]) for (store_id, name), of in grouped
    ]


def tabulate(results: Iterable[StoreResults]) -> list[list[object]]:
    """The headings, and a row a day."""
    table: list[list[object]] = [["store_id", "store", "day", "issued", "redeemed", "sales"]]
    for each in results:
        table += [[each.store_id, each.store_name, day.day, day.issued, day.redeemed, day.sales] for day in each.days]
    return table


def _day(row: Record, *, hides_few: bool) -> StoreDay:
    are_few_buyers = hides_few and 0 < row["redeemed_by"] < SMALLEST_GROUP
    return StoreDay(
        day=row["day"],
        issued=None if hides_few and 0 < row["issued_to"] < SMALLEST_GROUP else row["issued"],
        redeemed=None if are_few_buyers else row["redeemed"],
        sales=None if are_few_buyers else row["sales"],
    )


def _results(store_id: StoreId, name: str, days: Sequence[StoreDay]) -> StoreResults:
    return StoreResults(
        store_id=store_id,
        store_name=name,
        issued=sum(each.issued or 0 for each in days),
        redeemed=sum(each.redeemed or 0 for each in days),
        sales=sum(each.sales or 0 for each in days),
        days=days,
    )
