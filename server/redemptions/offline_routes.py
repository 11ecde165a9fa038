"""Coupons that tills take without a line: the member's codes, what a till keeps, its report, and the conflicts."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import QueryParameter

from cards.signing_keys import open_signing_key
from coupons.redemptions import offline_repository
from coupons.redemptions.offline_coupons import OfflineCoupon, sign_offline_coupon
from coupons.redemptions.offline_repository import HeldCoupon
from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.pages import Page, make_page
from members.aliases_repository import history_ids
from server.credentials.sign_cards import ensure_signing_key
from server.redemptions.offline_bodies import (
    CouponChange,
    NewOfflineRedemption,
    OfflineCode,
    OfflineConflict,
    OfflineCoupons,
    OfflineRedemptionsRequest,
    OfflineRedemptionsResult,
    view_conflict,
    view_terms,
)
from server.redemptions.report_redemptions import OfflineUse, report_redemptions
from server.web.auth import Call
from server.web.bodies import read_body
from server.web.dependencies import (
    DeviceDependency,
    PageDependency,
    ServicesDependency,
    SessionDependency,
    TillDependency,
)
from server.web.reported_records import read_reported
from server.web.scoping import scope_of
from server.web.writes import write

MAX_REPORT_BYTES = 200_000
MAX_CHANGES = 5_000
# A transaction may commit so long after the moment that it wrote.
_OVERLAP = timedelta(minutes=15)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

Since = Annotated[
    datetime | None, QueryParameter(name="since", description="`next_since` of the last answer; left out for all")
]


class OfflineCouponController(Controller):
    path = "/v1"

    @get(
        "/me/offline-coupons",
        operation_id="listMyOfflineCoupons",
        summary="Codes of the member's coupons for tills without a line",
        tags=("Member",),
    )
    async def list_my_offline_coupons(
        self, device: DeviceDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[OfflineCode]:
        """Of the coupons that can be used now and may be used offline, the newest first. Get them whenever the list of
        coupons is read, and keep them: the program's keys change.
        """

        async def work(conn: Connection) -> Page[OfflineCode]:
            now = utc_now()
            members = await history_ids(conn, device.member_id)
            rows = await offline_repository.list_offline_coupons(conn, members, page, now)
            held = make_page(rows, page, lambda coupon: coupon.id)
            usable = [each for each in held.items if each.grant.is_usable_offline]
            if not usable:
                return Page([], held.next_cursor)
            key = await ensure_signing_key(conn, services.keyring, device.program_id, now)
            private = open_signing_key(services.keyring, key)
            signed = [sign_offline_coupon(private, _bare(each, key.key_id)) for each in usable]
            codes = [
                OfflineCode(id=each.coupon_id, offline_code=each.to_text(), expires_at=each.expires_at)
                for each in signed
            ]
            return Page(codes, held.next_cursor)

        return await in_transaction(services.pool, work)

    @get(
        "/till/offline-coupons",
        operation_id="getOfflineCoupons",
        summary="What a till needs to take coupons offline",
        tags=("Till",),
    )
    async def get_offline_coupons(
        self, till: TillDependency, services: ServicesDependency, since: Since = None
    ) -> OfflineCoupons:
        """Every five minutes while the till is online, with the keys of GET /v1/till/offline-verification."""
        now, after = utc_now(), max(_EARLIEST, since or _EARLIEST)
        async with connect(services.pool) as conn:
            terms = await offline_repository.list_offline_terms(conn, till.store_id, now)
            campaigns = {each.campaign_id for each in terms}
            changes = await offline_repository.list_used_offline(
                conn, till.program_id, campaigns, after, MAX_CHANGES, now
            )
        has_more = len(changes) >= MAX_CHANGES
        return OfflineCoupons(
            terms=[view_terms(each, till.store_id) for each in terms if each.grant.is_usable_offline],
            changes=[CouponChange(each.coupon_id, each.uses_left, each.is_voided) for each in changes],
            next_since=changes[-1].changed_at if has_more else now - _OVERLAP,
            has_more=has_more,
        )

    @post(
        "/redemptions/offline",
        operation_id="reportOfflineRedemptions",
        summary="Report the coupons that were taken offline",
        status_code=200,
        opt={"body": OfflineRedemptionsRequest},
        request_max_body_size=MAX_REPORT_BYTES,
        tags=("Till",),
    )
    async def report_offline_redemptions(
        self, request: Call, till: TillDependency, services: ServicesDependency
    ) -> Response[OfflineRedemptionsResult]:
        """Up to seven days old, in any order, as often as it takes: the same use counts once. Only what is answered
        `later` need be sent again.
        """
        uses = await asyncio.to_thread(
            read_reported, await read_body(request), "redemptions", NewOfflineRedemption, _to_use
        )

        async def work(conn: Connection, now: datetime) -> OfflineRedemptionsResult:
            return OfflineRedemptionsResult(await report_redemptions(conn, till, uses, now))

        return await write(request, services, work)

    @get(
        "/redemptions/conflicts",
        operation_id="listOfflineConflicts",
        summary="Coupons that tills took offline and should not have taken, the newest report first",
        tags=("Campaigns",),
    )
    async def list_offline_conflicts(
        self, staff: SessionDependency, services: ServicesDependency, page: PageDependency
    ) -> Page[OfflineConflict]:
        """A store manager sees those that one of their stores has to do with."""
        async with connect(services.pool) as conn:
            rows = await offline_repository.list_conflicts(conn, staff.program_id, scope_of(staff), page)
        return make_page([view_conflict(row) for row in rows], page, lambda conflict: conflict.id)


def _to_use(record: NewOfflineRedemption) -> OfflineUse | None:
    try:
        return OfflineUse(record.coupon, record.redeemed_at.astimezone(UTC))
    except OverflowError:  # a time at the edge of the calendar
        return None


def _bare(held: HeldCoupon, key_id: bytes) -> OfflineCoupon:
    return OfflineCoupon(
        key_id=key_id,
        member_id=held.member_id,
        coupon_id=held.id,
        campaign_id=held.campaign_id,
        campaign_version=held.campaign_version,
        variant_version=held.variant_version,
        uses=held.grant.uses,
        usable_from=held.usable_from,
        expires_at=held.expires_at,
    )
