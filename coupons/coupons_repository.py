"""Issuing coupons, each exactly once and never beyond a campaign's caps; and listing a member's.

Slices of budgets are locked and then coupons by key, late in the lock order (server/web/writes.py).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from coupons.benefits import read_grant
from coupons.budgets import Budget
from coupons.budgets_repository import Places, give_back, take_places
from coupons.coupon import CouponKey, CouponPush, MemberCoupon, NewCoupon
from coupons.last_ones_repository import LastOnes, read_last_ones, swap_last_ones
from coupons.offers import read_offer
from coupons.rules import IssueOutcome
from coupons.withdrawal import read_withdrawal
from ids import CampaignId, CouponId, MemberId, StoreId
from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "coupons.sql")


class Issuance(msgspec.Struct, frozen=True):
    """What came of each wanted coupon, by its id. `full`: of what a cap refused, the budgets without a place."""

    outcomes: Mapping[CouponId, IssueOutcome]
    full: Mapping[CouponId, Sequence[Budget]]


async def issue_coupons(conn: Connection, wanted: Sequence[NewCoupon]) -> Issuance:
    """Issue what the keys, the caps and the distances allow.

    Earlier ones in the list come first where a cap runs out. A place that was taken for a duplicate goes to the next in
    the list, so that a cap of n issues exactly n if n different ones are wanted. Of one key only the first is written;
    those behind it learn from it.

    Raises RunFirst where places must be given out first, and SerializationError where a member has become another one
    since they were looked up, or has been given a coupon beside us that another one must keep its distance from: read
    and decided again, the answer is another.
    """
    different = {(coupon.key, coupon.budgets) for coupon in wanted if coupon.budgets}
    asked = Counter(budget for _, budgets in different for budget in budgets)
    places = await take_places(conn, asked) if asked else Places()
    last_ones = await read_last_ones(conn, wanted)
    outcomes: dict[CouponId, IssueOutcome] = {}
    had: set[CouponKey] = set()
    waiting = list(wanted)
    while waiting:
        turn = _choose(waiting, places.free, last_ones, had)
        outcomes.update(dict.fromkeys((coupon.id for coupon in turn.too_soon), "cooling_down"))
        outcomes.update(dict.fromkeys((coupon.id for coupon in turn.repeated), "already_issued"))
        waiting = turn.left
        if not turn.chosen:
            break
        issued = await _insert(conn, turn.chosen)
        had.update(coupon.key for coupon in turn.chosen)
        for coupon in turn.chosen:
            outcomes[coupon.id] = "issued" if coupon.id in issued else "already_issued"
            if coupon.id in issued:
                last_ones.note(coupon)
                for budget in coupon.budgets:
                    places.free[budget] -= 1
    full = {coupon.id: [budget for budget in coupon.budgets if not places.free[budget]] for coupon in waiting}
    await give_back(conn, places)
    if waiting:
        outcomes.update(await _explain_capped(conn, waiting))
    await swap_last_ones(conn, last_ones)
    await _require_unmerged(conn, [coupon for coupon in wanted if outcomes[coupon.id] == "issued"])
    return Issuance(outcomes, full)


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


class _Turn(msgspec.Struct):
    """What is inserted now, what comes too soon after another one, what repeats one, and what waits for its turn."""

    chosen: list[NewCoupon] = []
    too_soon: list[NewCoupon] = []
    repeated: list[NewCoupon] = []
    left: list[NewCoupon] = []


def _choose(
    waiting: Sequence[NewCoupon], free: Mapping[Budget, int], last_ones: LastOnes, had: Collection[CouponKey]
) -> _Turn:
    """Of several with one key, or that must keep their distance from each other, one is tried at a time."""
    unused, turn = dict(free), _Turn()
    tried: set[CouponKey | tuple[MemberId, CampaignId]] = set()
    for coupon in waiting:
        if last_ones.is_too_near(coupon):
            turn.too_soon.append(coupon)
            continue
        if coupon.key in had:
            turn.repeated.append(coupon)
            continue
        mark = coupon.key if coupon.last_before is None else coupon.holder
        if mark in tried or not all(unused[budget] for budget in coupon.budgets):
            turn.left.append(coupon)
            continue
        tried.add(mark)
        for budget in coupon.budgets:
            unused[budget] -= 1
        turn.chosen.append(coupon)
    return turn


async def _insert(conn: Connection, coupons: Sequence[NewCoupon]) -> set[CouponId]:
    pushes = [(coupon.id, coupon.push) for coupon in coupons if coupon.push is not None]
    rows = await conn.fetch(
        *QUERIES.insert_coupons(
            member_id=[coupon.member_id for coupon in coupons],
            id=[coupon.id for coupon in coupons],
            program_id=[coupon.program_id for coupon in coupons],
            campaign_id=[coupon.campaign_id for coupon in coupons],
            period_key=[coupon.period_key for coupon in coupons],
            store_id=[coupon.store_id for coupon in coupons],
            event_at=[coupon.event_at for coupon in coupons],
            business_day=[coupon.business_day for coupon in coupons],
            issued_at=[coupon.issued_at for coupon in coupons],
            expires_at=[coupon.expires_at for coupon in coupons],
            campaign_version=[coupon.campaign_version for coupon in coupons],
            variant_version=[coupon.variant_version for coupon in coupons],
            uses=[coupon.uses for coupon in coupons],
            push_coupon_id=[coupon_id for coupon_id, _ in pushes],
            push_id=[push.id for _, push in pushes],
            push_device_id=[push.device_id for _, push in pushes],
            push_payload=[_encode_payload(push) for _, push in pushes],
            push_expires_at=[push.expires_at for _, push in pushes],
            push_state=[push.state for _, push in pushes],
            push_due_at=[push.due_at for _, push in pushes],
            push_rings_until=[push.rings_until for _, push in pushes],
            push_counted_on=[push.counted_on for _, push in pushes],
            push_priority=[push.priority for _, push in pushes],
            push_lane=[push.lane for _, push in pushes],
            push_reason=[push.reason for _, push in pushes],
        )
    )
    return {row["id"] for row in rows}


def _encode_payload(push: CouponPush) -> str | None:
    return None if push.payload is None else msgspec.json.encode(push.payload).decode()


async def _require_unmerged(conn: Connection, issued: Sequence[NewCoupon]) -> None:
    """A coupon's row keeps its member from becoming another one until our commit: what is asked after it stands."""
    members = sorted({coupon.member_id for coupon in issued})
    if members and await conn.fetchval(QUERIES.find_merged_member, members) is not None:
        raise asyncpg.SerializationError("a member has become another one meanwhile")


async def find_issued_keys(conn: Connection, keys: Iterable[CouponKey]) -> set[CouponKey]:
    """Of these (at least one), the keys that a coupon has already."""
    members, campaigns, periods = zip(*keys, strict=True)
    rows = await conn.fetch(QUERIES.find_issued_keys, members, campaigns, periods)
    return {(row["member_id"], row["campaign_id"], row["period_key"]) for row in rows}


async def _explain_capped(conn: Connection, refused: Sequence[NewCoupon]) -> dict[CouponId, IssueOutcome]:
    """The cap refused them; for a member who has the coupon already, that is the reason instead."""
    issued = await find_issued_keys(conn, {coupon.key for coupon in refused})
    return {coupon.id: "already_issued" if coupon.key in issued else "cap_reached" for coupon in refused}


def _member_coupon(row: Any) -> MemberCoupon:
    columns = dict(row)
    reason = columns.pop("withdrawal_reason")
    withdrawal = read_withdrawal(columns.pop("withdrawn_at"), reason)
    grant = read_grant(columns.pop("benefit"), columns.pop("conditions"), columns.pop("uses"))
    return MemberCoupon(**columns | {"offer": read_offer(row["offer"]), "withdrawal": withdrawal, "grant": grant})
