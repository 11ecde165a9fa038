"""Coupons that tills take without a line: what tills and phones are given for it, and what was reported."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from coupons.offers import Offer, read_offer
from coupons.redemptions.benefits import Grant, read_grant
from ids import CampaignId, CouponId, MemberId, ProgramId, RedemptionId, StoreId, TillId
from kit.database import Connection
from kit.pages import PageRequest
from kit.spread import split_by_shard
from kit.sql import load_queries

QUERIES = load_queries(__file__, "offline.sql")


class HeldCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """One that its member can use now, and that is meant to be used offline. `variant_version` 0: none."""

    id: CouponId
    member_id: MemberId
    campaign_id: CampaignId
    campaign_version: int
    variant_version: int
    usable_from: datetime
    expires_at: datetime
    grant: Grant


class StoreTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What one version of a campaign says, with one of its variants (0: none), to the tills of a store."""

    campaign_id: CampaignId
    campaign_version: int
    variant_version: int
    offer: Offer
    grant: Grant
    withdrawn_at: datetime | None
    store_name: str
    time_zone: str
    is_store_covered: bool


class UsedCoupon(NamedTuple):
    """A coupon of which something has been used, or that has ended otherwise."""

    coupon_id: CouponId
    changed_at: datetime
    uses_left: int
    is_voided: bool


class FirstUse(msgspec.Struct, frozen=True):
    """A use at a till."""

    store_id: StoreId
    """The store."""
    till_id: TillId
    """The till."""
    redeemed_at: datetime
    """When it was made."""


class OfflineRedemption(msgspec.Struct, frozen=True, kw_only=True):
    """What a till has reported. `redemption_id` where it was booked, `conflict` where it was not, and why."""

    id: UUID
    member_id: MemberId
    coupon_id: CouponId
    campaign_id: CampaignId
    program_id: ProgramId
    store_id: StoreId
    till_id: TillId
    redeemed_at: datetime
    reported_at: datetime
    redemption_id: RedemptionId | None = None
    conflict: str | None = None
    first: FirstUse | None = None


async def list_offline_coupons(
    conn: Connection, member_ids: Sequence[MemberId], page: PageRequest, now: datetime
) -> list[HeldCoupon]:
    rows = await conn.fetch(QUERIES.list_offline_coupons, member_ids, page.before, page.fetch_count, now)
    return [HeldCoupon(**_with_grant(row)) for row in rows]


async def list_offline_terms(conn: Connection, store_id: StoreId, now: datetime) -> list[StoreTerms]:
    rows = await conn.fetch(QUERIES.list_offline_terms, store_id, now)
    return [StoreTerms(**_with_grant(row | {"uses": 1}, offer=read_offer(row["offer"]))) for row in map(dict, rows)]


async def list_used_offline(
    conn: Connection,
    program_id: ProgramId,
    campaign_ids: Collection[CampaignId],
    since: datetime,
    limit: int,
    now: datetime,
) -> list[UsedCoupon]:
    """So many of those that changed after `since`, the oldest change first; more where several changed at once."""
    rows = await conn.fetch(
        *QUERIES.list_used_offline(
            program_id=program_id, campaign_id=list(campaign_ids), since=since, fetch_count=limit, now=now
        )
    )
    return [UsedCoupon(**row) for row in rows]


async def lock_coupons(conn: Connection, wanted: Collection[tuple[MemberId, CouponId]]) -> None:
    """No other report speaks of them until our commit."""
    for part in split_by_shard(conn, wanted, itemgetter(0)):
        await conn.execute(QUERIES.lock_coupons, *zip(*part, strict=True))


async def find_moved_coupons(
    conn: Connection, wanted: Collection[tuple[MemberId, CouponId]]
) -> dict[CouponId, tuple[MemberId, CouponId]]:
    """As whom and as what those of them exist now that have moved to another member."""
    moved = await conn.fetch(QUERIES.list_moved, *zip(*wanted, strict=True))
    if not moved:
        return {}
    rows = await conn.fetch(
        *QUERIES.find_moved_coupons(
            survivor=[row["merged_into"] for row in moved],
            **{name: [row[name] for row in moved] for name in ("member_id", "id", "campaign_id", "period_key")},
        )
    )
    return {row["moved_id"]: (row["member_id"], row["id"]) for row in rows}


async def find_offline_redemption(
    conn: Connection, member_id: MemberId, coupon_id: CouponId, till_id: TillId, redeemed_at: datetime
) -> OfflineRedemption | None:
    row = await conn.fetchrow(QUERIES.find_offline_redemption, member_id, coupon_id, till_id, redeemed_at)
    return None if row is None else _offline_redemption(row)


async def find_last_use(conn: Connection, member_id: MemberId, coupon_id: CouponId) -> FirstUse | None:
    row = await conn.fetchrow(QUERIES.find_last_use, member_id, coupon_id)
    return None if row is None else FirstUse(**row)


async def insert_offline_redemption(conn: Connection, new: OfflineRedemption) -> None:
    first = new.first
    await conn.execute(
        *QUERIES.insert_offline_redemption(
            member_id=new.member_id,
            coupon_id=new.coupon_id,
            till_id=new.till_id,
            redeemed_at=new.redeemed_at,
            id=new.id,
            program_id=new.program_id,
            campaign_id=new.campaign_id,
            store_id=new.store_id,
            reported_at=new.reported_at,
            redemption_id=new.redemption_id,
            conflict=new.conflict,
            first_store_id=None if first is None else first.store_id,
            first_till_id=None if first is None else first.till_id,
            first_redeemed_at=None if first is None else first.redeemed_at,
        )
    )


async def list_conflicts(
    conn: Connection, program_id: ProgramId, store_ids: Sequence[StoreId] | None, page: PageRequest
) -> list[OfflineRedemption]:
    """Those that one of the stores has to do with (None: all), the newest first."""
    rows = await conn.fetch(QUERIES.list_conflicts, program_id, store_ids, page.before, page.fetch_count)
    return [_offline_redemption(row) for row in rows]


def _with_grant(row: Any, **changes: object) -> dict[str, Any]:
    columns = dict(row)
    grant = read_grant(columns.pop("benefit"), columns.pop("conditions"), columns.pop("uses"))
    return columns | {"grant": grant} | changes


def _offline_redemption(row: Any) -> OfflineRedemption:
    columns = dict(row)
    named = [columns.pop(f"first_{name}") for name in ("store_id", "till_id", "redeemed_at")]
    return OfflineRedemption(**columns, first=None if named[1] is None else FirstUse(*named))
