"""Issuing coupons, each exactly once and never beyond a campaign's caps; and listing a member's.

Slices of budgets are locked and then coupons by key, late in the lock order (server/web/writes.py).
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import asyncpg

from coupons.coupon import CouponKey, MemberCoupon, NewCoupon
from coupons.issuing.budgets_repository import Places, give_back, take_places
from coupons.issuing.issue_plan import Issuance, plan_issue
from coupons.issuing.last_ones_repository import read_last_ones, swap_last_ones
from coupons.offers import read_offer
from coupons.redemptions.benefits import read_grant
from coupons.withdrawal import read_withdrawal
from ids import CouponId, MemberId, StoreId
from kit.copying import copy_rows, parents_held
from kit.database import Connection
from kit.pages import PageRequest
from kit.spread import fetch_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "coupons.sql")
_COLUMNS = (
    "member_id", "id", "program_id", "campaign_id", "period_key", "store_id", "event_at", "business_day", "issued_at",
    "expires_at", "campaign_version", "variant_version", "uses",
)  # fmt: skip
_READ_COLUMNS = attrgetter(*_COLUMNS)
# Of fewer the savepoint costs more than the arrays.
_COPIED_FROM = 100
# Of fewer it costs more that every statement is planned anew, before and behind it.
_HELD_FROM = 400


async def issue_coupons(conn: Connection, wanted: Sequence[NewCoupon], had: Collection[CouponKey]) -> Issuance:
    """Issue what the keys, the caps and the distances allow. `had`: the keys of them that are known to be issued.

    Earlier ones in the list come first where a cap runs out. A duplicate takes no place, so that a cap of n issues
    exactly n if n different ones are wanted. They are written by one statement in the order of their keys, so that
    nobody who waits for a key holds a later one.

    Raises RunFirst where places must be given out first, and SerializationError where what was read is not so any more:
    a member has become another one, or has been issued a coupon beside us whose place or distance decides about another
    one. Read and decided again, the answer is another.
    """
    asking = {(coupon.key, coupon.budgets) for coupon in wanted if coupon.budgets and coupon.key not in had}
    asked = Counter(budget for _, budgets in asking for budget in budgets)
    places = await take_places(conn, asked) if asked else Places()
    last_ones = await read_last_ones(conn, wanted)
    plan = plan_issue(wanted, places.free, last_ones.earned_at, had)
    issued = await _insert(conn, plan.chosen)
    if len(issued) < len(plan.chosen) and plan.refuses:
        raise asyncpg.SerializationError(
            "a member has been issued a coupon meanwhile whose place another one could have"
        )
    outcomes = dict(plan.outcomes)
    for coupon in plan.chosen:
        if coupon.id not in issued:
            outcomes[coupon.id] = "already_issued"
            continue
        last_ones.note(coupon)
        for budget in coupon.budgets:
            places.free[budget] -= 1
    await give_back(conn, places)
    await swap_last_ones(conn, last_ones)
    await _require_unmerged(conn, issued.values())
    return Issuance(outcomes, plan.full)


async def list_coupons_of_member(
    conn: Connection, member_ids: Sequence[MemberId], page: PageRequest, usable_at: datetime | None
) -> list[MemberCoupon]:
    """Newest first, of a member and all who became them; with `usable_at` what could be redeemed at that moment."""
    rows = await conn.fetch(QUERIES.list_coupons_of_member, member_ids, page.before, page.fetch_count, usable_at)
    return [_member_coupon(row) for row in rows]


async def find_coupon_of_member(
    conn: Connection, member_ids: Sequence[MemberId], coupon_id: CouponId
) -> MemberCoupon | None:
    """As the list of their coupons has it; None where that has none of this id."""
    first_from_there = PageRequest(UUID(int=coupon_id.int + 1), 0)
    found = await list_coupons_of_member(conn, member_ids, first_from_there, None)
    return next((coupon for coupon in found if coupon.id == coupon_id), None)


async def find_stores_of_coupon(conn: Connection, coupon: MemberCoupon) -> list[StoreId] | None:
    """Where it can be redeemed; None: at every store of its program."""
    store_ids: list[StoreId] | None = await conn.fetchval(QUERIES.find_stores_of_coupon, coupon.member_id, coupon.id)
    return store_ids


async def list_usable_coupons(conn: Connection, member_ids: Sequence[MemberId], now: datetime) -> list[MemberCoupon]:
    """All coupons of these members that could be redeemed now, newest first."""
    return [_member_coupon(row) for row in await conn.fetch(QUERIES.list_usable_coupons, member_ids, now)]


async def _insert(conn: Connection, coupons: Sequence[NewCoupon]) -> dict[CouponId, NewCoupon]:
    """Those whose keys were free. Many are copied: hardly ever has somebody been faster since they were looked up."""
    if len(coupons) >= _COPIED_FROM and await _copy(conn, coupons):
        return {coupon.id: coupon for coupon in coupons}
    return await _insert_free(conn, coupons) if coupons else {}


@asynccontextmanager
async def references_held(conn: Connection, members: Collection[MemberId]) -> AsyncIterator[None]:
    """Coupons of these members, and what goes with them, are written inside.

    Of many members the rows are locked at once, as a look-up for each reference would lock them, and the look-ups are
    left out by those who may (`kit.copying.parents_held`). What else a coupon refers to is never deleted.
    """
    if len(members) < _HELD_FROM or not await _hold(conn, members):
        yield
        return
    async with parents_held(conn):
        yield


async def _hold(conn: Connection, members: Collection[MemberId]) -> bool:
    """Whether all of them are there."""
    return len(await fetch_by_shard(conn, QUERIES.hold_members, sorted(members))) == len(members)


async def _copy(conn: Connection, coupons: Sequence[NewCoupon]) -> bool:
    """False where one of the keys is taken: then none of them is written."""
    ordered = sorted(coupons, key=lambda coupon: coupon.key)
    try:
        async with conn.transaction():  # a savepoint
            await copy_rows(conn, "coupons", _COLUMNS, list(map(_READ_COLUMNS, ordered)))
    except asyncpg.UniqueViolationError:
        return False
    return True


async def _insert_free(conn: Connection, coupons: Sequence[NewCoupon]) -> dict[CouponId, NewCoupon]:
    columns = {name: [getattr(coupon, name) for coupon in coupons] for name in _COLUMNS}
    rows = await conn.fetch(*QUERIES.insert_coupons(**columns))
    of_ids = {coupon.id: coupon for coupon in coupons}
    return {row["id"]: of_ids[row["id"]] for row in rows}


async def _require_unmerged(conn: Connection, issued: Iterable[NewCoupon]) -> None:
    """A coupon's row keeps its member from becoming another one until our commit: what is asked after it stands."""
    members = sorted({coupon.member_id for coupon in issued})
    if members and await conn.fetchval(QUERIES.find_merged_member, members) is not None:
        raise asyncpg.SerializationError("a member has become another one meanwhile")


async def find_issued_keys(conn: Connection, wanted: Iterable[NewCoupon]) -> set[CouponKey]:
    """Of these, the keys that a coupon has already."""
    keys = {coupon.key for coupon in wanted}
    if not keys:
        return set()
    members, campaigns, periods = zip(*keys, strict=True)
    rows = await conn.fetch(QUERIES.find_issued_keys, members, campaigns, periods)
    return {(row["member_id"], row["campaign_id"], row["period_key"]) for row in rows}


def _member_coupon(row: Any) -> MemberCoupon:
    columns = dict(row)
    reason = columns.pop("withdrawal_reason")
    withdrawal = read_withdrawal(columns.pop("withdrawn_at"), reason)
    grant = read_grant(columns.pop("benefit"), columns.pop("conditions"), columns.pop("uses"))
    return MemberCoupon(**columns | {"offer": read_offer(row["offer"]), "withdrawal": withdrawal, "grant": grant})
