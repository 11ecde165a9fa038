"""Issuing coupons, each exactly once and never beyond a campaign's cap; and listing a member's.

Budgets are locked by campaign and then coupons by key, late in the lock order (server/web/writes.py).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from coupons.benefits import read_grant
from coupons.coupon import MemberCoupon, NewCoupon
from coupons.offers import read_offer
from coupons.rules import IssueOutcome
from coupons.withdrawal import read_withdrawal
from ids import CampaignId, CouponId, MemberId, StoreId
from kit.database import Connection
from kit.pages import PageRequest
from kit.sql import load_queries

QUERIES = load_queries(__file__, "coupons.sql")


async def issue_coupons(conn: Connection, wanted: Sequence[NewCoupon]) -> dict[CouponId, IssueOutcome]:
    """Issue what the keys and the caps allow; answer for each wanted coupon (by its id) what came of it.

    Earlier ones in the list come first where a cap runs out. A reserved place that turns out to be a duplicate's goes
    to the next in the list, so that a cap of n issues exactly n if n different ones are wanted.

    Raises SerializationError where a member has become another one since they were looked up: read and decided again,
    the coupon is the other's, who may have had it.
    """
    unused = await _reserve_caps(conn, wanted)
    outcomes: dict[CouponId, IssueOutcome] = {}
    waiting = list(wanted)
    while waiting:
        chosen, waiting = _choose(waiting, unused)
        if not chosen:
            break
        issued = await _insert(conn, chosen)
        for coupon in chosen:
            outcomes[coupon.id] = "issued" if coupon.id in issued else "already_issued"
            if coupon.is_capped and coupon.id in issued:
                unused[coupon.campaign_id] -= 1
    for campaign_id in sorted(unused):
        if unused[campaign_id]:
            await conn.execute(QUERIES.release, campaign_id, unused[campaign_id])
    if waiting:
        outcomes.update(await _explain_capped(conn, waiting))
    await _require_unmerged(conn, [coupon for coupon in wanted if outcomes[coupon.id] == "issued"])
    return outcomes


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


async def _reserve_caps(conn: Connection, wanted: Sequence[NewCoupon]) -> dict[CampaignId, int]:
    """How many places each capped campaign gave us. Its budget row stays locked until the commit."""
    asked = Counter(coupon.campaign_id for coupon in wanted if coupon.is_capped)
    return {
        campaign_id: await conn.fetchval(QUERIES.reserve, campaign_id, asked[campaign_id]) or 0
        for campaign_id in sorted(asked)
    }


def _choose(waiting: Sequence[NewCoupon], unused: Mapping[CampaignId, int]) -> tuple[list[NewCoupon], list[NewCoupon]]:
    """Split into those that have a place now and those that must wait for one."""
    places = dict(unused)
    chosen, left = [], []
    for coupon in waiting:
        if coupon.is_capped and places[coupon.campaign_id] == 0:
            left.append(coupon)
            continue
        if coupon.is_capped:
            places[coupon.campaign_id] -= 1
        chosen.append(coupon)
    return chosen, left


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
            issued_at=[coupon.issued_at for coupon in coupons],
            expires_at=[coupon.expires_at for coupon in coupons],
            benefit_version=[coupon.benefit_version for coupon in coupons],
            uses=[coupon.uses for coupon in coupons],
            push_coupon_id=[coupon_id for coupon_id, _ in pushes],
            push_id=[push.id for _, push in pushes],
            push_device_id=[push.device_id for _, push in pushes],
            push_payload=[msgspec.json.encode(push.payload).decode() for _, push in pushes],
            push_expires_at=[push.expires_at for _, push in pushes],
        )
    )
    return {row["id"] for row in rows}


async def _require_unmerged(conn: Connection, issued: Sequence[NewCoupon]) -> None:
    """A coupon's row keeps its member from becoming another one until our commit: what is asked after it stands."""
    members = sorted({coupon.member_id for coupon in issued})
    if members and await conn.fetchval(QUERIES.find_merged_member, members) is not None:
        raise asyncpg.SerializationError("a member has become another one meanwhile")


async def _explain_capped(conn: Connection, refused: Sequence[NewCoupon]) -> dict[CouponId, IssueOutcome]:
    """The cap refused them; for a member who has the coupon already, that is the reason instead."""
    members, campaigns, periods = zip(*(coupon.key for coupon in refused), strict=True)
    rows = await conn.fetch(QUERIES.find_issued_keys, members, campaigns, periods)
    issued = {(row["member_id"], row["campaign_id"], row["period_key"]) for row in rows}
    return {coupon.id: "already_issued" if coupon.key in issued else "cap_reached" for coupon in refused}


def _member_coupon(row: Any) -> MemberCoupon:
    columns = dict(row)
    reason = columns.pop("withdrawal_reason")
    withdrawal = read_withdrawal(columns.pop("withdrawn_at"), reason)
    grant = read_grant(columns.pop("benefit"), columns.pop("conditions"), columns.pop("uses"))
    return MemberCoupon(**columns | {"offer": read_offer(row["offer"]), "withdrawal": withdrawal, "grant": grant})
