"""Places of budgets: taken, given back, given out in slices, and moved with a cap (docs/decisions/0043).

A transaction takes its places from slices that nobody else holds, and keeps those until it ends. Only near the end of a
budget does it wait for others: then in the order of budgets and slices, holding none that comes later. Slices are made
by a short transaction of its own, before the one that needs them is run again (`kit.database.RunFirst`); so nobody
who holds a slice waits for a budget's row, and every wait is one that PostgreSQL sees.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from coupons.campaigns.campaign import Campaign
from coupons.issuing.budgets import Budget, slice_size
from ids import BudgetId, CampaignId
from kit.database import Connection, RunFirst
from kit.sql import load_queries

QUERIES = load_queries(__file__, "budgets.sql")

# No event is taken that is older (max_event_age_s is at most 180 days).
_DAYS_KEPT = timedelta(days=200)


@dataclass
class Places:
    """What one transaction has of each budget: places not yet used, and a slice that it holds, to give them back to."""

    free: dict[Budget, int] = field(default_factory=dict)
    held: dict[Budget, int] = field(default_factory=dict)

    def add(self, budget: Budget, places: int, slice_id: int) -> None:
        self.free[budget] = self.free.get(budget, 0) + places
        self.held[budget] = slice_id


class _HeldByOthers(Exception):
    """Of these budgets no slice is at once to be had."""

    def __init__(self, budgets: Iterable[Budget]) -> None:
        self.budgets = set(budgets)


async def take_places(conn: Connection, wanted: Mapping[Budget, int]) -> Places:
    """As many places of each budget as are wanted, or all that are left of it.

    Fewer are answered only where no more are left: all who had some have committed. Raises RunFirst where places must
    be given out first.
    """
    places = Places(dict.fromkeys(wanted, 0))
    left = await _read_left(conn, wanted)
    open_ = {budget: number for budget, number in wanted.items() if left[budget].free}
    if not open_:
        return places
    try:
        if any(left[budget].largest < number for budget, number in open_.items()):
            raise _HeldByOthers(())
        await _take_at_once(conn, open_, places)
    except _HeldByOthers as others:
        _require_allotted({budget: open_[budget] for budget in others.budgets if left[budget].unallotted})
        places = Places(dict.fromkeys(wanted, 0))
        for budget in sorted(open_):
            await _take_in_turn(conn, budget, open_[budget], places)
    return places


async def find_spent_budgets(conn: Connection, budgets: Collection[Budget]) -> set[Budget]:
    """Those of which no place is left. What others hold and have not committed counts as left."""
    if not budgets:
        return set()
    rows = await conn.fetch(QUERIES.read_left, [budget.id for budget in budgets])
    spent = {row["budget_id"] for row in rows if row["unallotted"] == 0 and row["free"] == 0}
    return {budget for budget in budgets if budget.id in spent}


async def read_used(conn: Connection, caps: Mapping[Budget, int]) -> dict[Budget, int]:
    """How many places of each are taken. `caps`: of each the cap; one that nobody has taken of is not there yet."""
    if not caps:
        return {}
    rows = {row["budget_id"]: row for row in await conn.fetch(QUERIES.read_left, [budget.id for budget in caps])}
    used = {}
    for budget, cap in caps.items():
        row = rows[budget.id]
        used[budget] = 0 if row["unallotted"] is None else cap - row["unallotted"] - row["free"]
    return used


async def give_back(conn: Connection, places: Places) -> None:
    """What has not been used."""
    unused = [budget for budget in places.held if places.free[budget]]
    if unused:
        await conn.execute(
            QUERIES.change_slices,
            [budget.id for budget in unused],
            [places.held[budget] for budget in unused],
            [places.free[budget] for budget in unused],
        )


async def allot(conn: Connection, wanted: Mapping[Budget, int]) -> None:
    """Give out a slice of each budget, of at least so many places, or of all that are left."""
    budgets = sorted(wanted)
    ids = [budget.id for budget in budgets]
    known = {row["id"] for row in await conn.fetch(QUERIES.find_budgets, ids)}
    # Before any of those that are there is locked: whoever waits for one of ours to be made holds none.
    await _create(conn, [budget for budget in budgets if budget.id not in known])
    rows = await conn.fetch(QUERIES.lock_budgets, ids)
    unallotted = {row["id"]: row["unallotted"] for row in rows}
    sizes = [slice_size(unallotted[budget.id], wanted[budget]) for budget in budgets]
    await conn.execute(QUERIES.allot, ids, [wanted[budget] for budget in budgets], sizes)


async def move_caps(conn: Connection, campaign: Campaign) -> bool:
    """Make the caps of its budgets the campaign's, which is written afterwards in the same transaction.

    False where the campaign or a store has issued more coupons already. A day that has done so issues no more.
    """
    new = [
        (of_store, of_day, cap)
        for of_store, of_day, cap in (
            (False, False, campaign.cap),
            (True, False, campaign.store_cap),
            (False, True, campaign.day_cap),
            (True, True, campaign.store_day_cap),
        )
        if cap is not None
    ]
    of_store, of_day, cap = map(list, zip(*new, strict=True)) if new else ([], [], [])
    await conn.execute(QUERIES.lock_campaign, campaign.id)  # no budget is made meanwhile, by the caps as they were
    rows = await conn.fetch(
        *QUERIES.lock_other_budgets(of_store=of_store, of_day=of_day, cap=cap, campaign_id=campaign.id)
    )
    # Who holds slices waits for nobody who waits for us.
    above = [row["id"] for row in rows if row["allotted"] > row["cap"]]
    taken = {row["budget_id"]: row["free"] for row in await conn.fetch(QUERIES.take_back, above)} if above else {}
    issued = {row["id"]: row["allotted"] - taken.get(row["id"], 0) for row in rows}
    is_possible = all(issued[row["id"]] <= row["cap"] or row["is_of_day"] for row in rows)
    caps = [max(row["cap"], issued[row["id"]]) if is_possible else row["former_cap"] for row in rows]
    await conn.execute(QUERIES.set_caps, list(issued), caps, list(issued.values()))
    return is_possible


async def purge_budgets(conn: Connection, now: datetime) -> None:
    """Slices that are empty, and budgets of days that no event is of any more."""
    await conn.execute(QUERIES.purge_empty_slices)
    oldest = (now - _DAYS_KEPT).date()
    await conn.execute(QUERIES.purge_slices_of_old_days, oldest)
    await conn.execute(QUERIES.purge_old_days, oldest)


@dataclass(frozen=True)
class _Left:
    """`free`: in slices, `largest` in one of them."""

    unallotted: int
    free: int
    largest: int


async def _read_left(conn: Connection, wanted: Mapping[Budget, int]) -> dict[Budget, _Left]:
    """Raises RunFirst where so many places could only come of what has not been allotted yet."""
    rows = await conn.fetch(QUERIES.read_left, [budget.id for budget in wanted])
    of_ids = {row["budget_id"]: row for row in rows}
    _require_allotted(
        {
            budget: number
            for budget, number in wanted.items()
            if (row := of_ids[budget.id])["unallotted"] is None or (row["unallotted"] and row["largest"] < number)
        }
    )
    return {
        budget: _Left(row["unallotted"], row["free"], row["largest"])
        for budget in wanted
        for row in [of_ids[budget.id]]
    }


def _require_allotted(lacking: Mapping[Budget, int]) -> None:
    if lacking:
        raise RunFirst(partial(allot, wanted=lacking))


async def _take_at_once(conn: Connection, wanted: Mapping[Budget, int], places: Places) -> None:
    """All that is wanted. Raises _HeldByOthers where one is not to be had, and then holds none.

    Not even what it locked and found too small, since somebody had taken of it in between: such a row stays locked, and
    who goes on to wait for earlier ones would hold it meanwhile. So there is a savepoint.
    """
    async with conn.transaction():
        rows = await conn.fetch(
            QUERIES.take_at_once, [budget.id for budget in wanted], [wanted[budget] for budget in wanted]
        )
        of_ids: dict[BudgetId, int] = {row["budget_id"]: row["id"] for row in rows}
        missing = [budget for budget in wanted if budget.id not in of_ids]
        if missing:
            raise _HeldByOthers(missing)
    for budget, number in wanted.items():
        places.add(budget, number, of_ids[budget.id])


async def _take_in_turn(conn: Connection, budget: Budget, number: int, places: Places) -> None:
    """Budgets come here in their order, and none that comes later has been taken of."""
    with suppress(_HeldByOthers):
        await _take_at_once(conn, {budget: number}, places)
        return
    while (left := (await _read_left(conn, {budget: number}))[budget]).free:
        _require_allotted({budget: number} if left.unallotted else {})
        with suppress(_HeldByOthers):
            await _take_of_all(conn, budget, number, places)
            return


async def _take_of_all(conn: Connection, budget: Budget, number: int, places: Places) -> None:
    """So many, or all that are left. Raises _HeldByOthers where others came meanwhile, and then holds none.

    Those may be ahead of what was held: a slice has its id before it is committed.
    """
    async with conn.transaction():
        slices = {row["id"]: row["free"] for row in await conn.fetch(QUERIES.hold_slices, budget.id)}
        held = sum(slices.values())
        if held < number:
            left = (await _read_left(conn, {budget: number}))[budget]
            if left.unallotted or left.free > held:
                raise _HeldByOthers([budget])
        changes: dict[int, int] = {}
        for slice_id, free in slices.items():
            if share := min(free, number):
                changes[slice_id] = -share
                places.add(budget, share, slice_id)
                number -= share
        await conn.execute(QUERIES.change_slices, [budget.id] * len(changes), list(changes), list(changes.values()))


async def _create(conn: Connection, budgets: Sequence[Budget]) -> None:
    if not budgets:
        return
    campaign_ids: list[CampaignId] = [budget.campaign_id for budget in budgets]
    await conn.fetch(QUERIES.hold_caps, campaign_ids)  # until they stand in the new rows
    await conn.execute(
        QUERIES.insert_budgets,
        [budget.id for budget in budgets],
        campaign_ids,
        [budget.store_id for budget in budgets],
        [budget.day for budget in budgets],
    )
