"""First-timers who came again: by the month of the first visit, and by its store."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from ids import ProgramId, StoreId
from kit.database import Connection
from kit.sql import load_queries

QUERIES = load_queries(__file__, "cohorts.sql")

_WITHIN_DAYS = (30, 60, 90)


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """Of the first-timers whose first visit is more than so many days ago, those who came again within them."""

    watched: int
    """Whose days are over. Only they are counted: the others may still come."""
    returned: int
    """How many of those came again, on another business day, to any store of the program."""
    percent: float | None
    """`returned` in per cent of `watched`. Null: nobody's days are over."""


class Cohort(msgspec.Struct, frozen=True, kw_only=True):
    """Members whose first visit was in one month."""

    month: str
    """The month of the first visit, by the business day of its store, as in `2026-11`."""
    store_id: StoreId | None
    """The store of the first visit. Null: all stores together."""
    store_name: str | None
    """Its name."""
    first_timers: int
    """How many members came for the first time."""
    within_30_days: Returned
    """Who came again within 30 days."""
    within_60_days: Returned
    """Within 60 days."""
    within_90_days: Returned
    """Within 90 days."""


class Cohorts(msgspec.Struct, frozen=True):
    """First-timers, and how many of them came again."""

    cohorts: list[Cohort]
    """By month, and within it by the name of the store. A month without first-timers is not there."""


async def count_cohorts(
    conn: Connection,
    program_id: ProgramId,
    months: tuple[date, date],
    today: date,
    *,
    by_store: bool,
    store_ids: Sequence[StoreId] | None,
) -> Cohorts:
    """`months`: the first day of the first, and the first that is not in the last. `store_ids` None: all."""
    rows = await conn.fetch(
        *QUERIES.count_cohorts(
            program_id=program_id,
            from_day=months[0],
            before_day=months[1],
            today=today,
            by_store=by_store,
            store_ids=store_ids,
        )
    )
    return Cohorts([_cohort(row) for row in rows])


def tabulate(cohorts: Cohorts) -> list[list[object]]:
    """The headings, and the cohorts."""
    heads: list[object] = ["month", "store_id", "store_name", "first_timers"]
    heads += [f"{name}_{days}" for days in _WITHIN_DAYS for name in Returned.__struct_fields__]
    return [heads, *(_cells(each) for each in cohorts.cohorts)]


def _cells(cohort: Cohort) -> list[object]:
    within = (cohort.within_30_days, cohort.within_60_days, cohort.within_90_days)
    figures = [figure for each in within for figure in msgspec.structs.astuple(each)]
    return [cohort.month, cohort.store_id, cohort.store_name, cohort.first_timers, *figures]


def _cohort(row: Any) -> Cohort:
    return Cohort(
        month=f"{row['month']:%Y-%m}",
        store_id=row["store_id"],
        store_name=row["store_name"],
        first_timers=row["first_timers"],
        within_30_days=_returned(row, 30),
        within_60_days=_returned(row, 60),
        within_90_days=_returned(row, 90),
    )


def _returned(row: Any, days: int) -> Returned:
    watched, returned = row[f"watched_{days}"], row[f"returned_{days}"]
    return Returned(watched=watched, returned=returned, percent=100 * returned / watched if watched else None)
