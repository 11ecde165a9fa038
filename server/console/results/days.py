"""Figures by day, of a chart's foot: every day of the time, also those on which nothing was."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from server.campaigns.store_results import StoreResults


def list_days(last: date, count: int) -> Sequence[date]:
    return [last - timedelta(days=back) for back in range(count - 1, -1, -1)]


def sum_by_day(stores: Sequence[StoreResults], days: Sequence[date], name: str) -> Mapping[date, int]:
    """Over all stores; what is too little to be told counts as nothing."""
    sums = dict.fromkeys(days, 0)
    for store in stores:
        for each in store.days:
            if each.day in sums:
                sums[each.day] += getattr(each, name) or 0
    return sums


def hides_some(stores: Sequence[StoreResults]) -> bool:
    """Whether some figures are of fewer than ten members, and not told."""
    return any(None in (each.issued, each.redeemed, each.sales) for store in stores for each in store.days)
