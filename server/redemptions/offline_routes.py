"""Coupons that tills take without a line: the member's codes, what a till keeps, its report, and the conflicts."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import QueryParameter

from cards.signing_keys import open_signing_key
from coupons import offline_repository
from coupons.benefits import Benefit
from coupons.conditions import UseHours
from coupons.offers import choose_text
from coupons.offline_coupons import OfflineCoupon, sign_offline_coupon
from coupons.offline_repository import FirstUse, HeldCoupon, OfflineRedemption, StoreTerms
from ids import CampaignId, CouponId, MemberId, StoreId, TillId
from kit.clock import utc_now
from kit.database import Connection, connect, in_transaction
from kit.locales import Locale
from kit.pages import Page, make_page
from members.aliases_repository import history_ids
from server.credentials.sign_cards import ensure_signing_key
from server.redemptions.report_redemptions import ConflictReason, OfflineUse, OfflineUseResult, report_redemptions
from server.web.auth import Call
from server.web.bodies import read_body
from server.web.dependencies import (
    DeviceDependency,
    PageDependency,
    ServicesDependency,
    SessionDependency,
    TillDependency,
)
from server.web.fields import Body
from server.web.reported_records import MAX_REPORTED, read_reported
from server.web.scoping import scope_of
from server.web.writes import write

MAX_CODE_LENGTH = 500
MAX_REPORT_BYTES = 200_000
MAX_CHANGES = 5_000
# A transaction may commit so long after the moment that it wrote.
_OVERLAP = timedelta(minutes=15)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

Since = Annotated[
    datetime | None, QueryParameter(name="since", description="`next_since` of the last answer; left out for all")
]


class OfflineCode(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon's code for tills without a line."""

    id: CouponId
    """The coupon."""
    offline_code: str
    """218 characters, which the app shows as a QR code where a till is offline (docs/offline-coupons.md)."""
    expires_at: datetime
    """From this moment on no till takes it."""


class OfflineTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a till must know of the coupons of one version of a campaign, with one of its variants."""

    campaign_id: CampaignId
    """As in the code's bytes."""
    campaign_version: int
    """As in the code's bytes."""
    variant_version: int
    """As in the code's bytes. 0: no variant."""
    is_here: bool
    """Whether the till's store takes them."""
    time_zone: str
    """The clock of the till's store, IANA."""
    hours: list[UseHours]
    """In one of these, by that clock. Empty: at any time."""
    withdrawn_at: datetime | None
    """From this moment on none of them can be used. Null: they were not withdrawn."""
    title: dict[Locale, str]
    """The offer's headline."""
    body: dict[Locale, str]
    """What to give for it."""
    benefit: Benefit
    """What it is worth, for the till to reckon."""


class CouponChange(msgspec.Struct, frozen=True):
    """A coupon of which something has been used, or that has ended."""

    coupon_id: CouponId
    """The coupon."""
    uses_left: int
    """How often it can still be used. 0: refuse it."""


class OfflineCoupons(msgspec.Struct, frozen=True, kw_only=True):
    """What a till needs to take coupons while it is offline, beside the keys of GET /v1/till/offline-verification."""

    terms: list[OfflineTerms]
    """All there are: they replace those that the till has."""
    changes: list[CouponChange]
    """Those after `since`; the same ones may come again. A later one replaces an earlier one of the same coupon."""
    next_since: datetime
    """Send it as `since` the next time."""
    has_more: bool
    """Whether there are more changes: ask for them at once."""


class NewOfflineRedemption(Body, frozen=True):
    """A coupon that a till took while it was offline."""

    coupon: Annotated[str, msgspec.Meta(max_length=MAX_CODE_LENGTH)]
    """The offline code, as it was scanned."""
    redeemed_at: Annotated[datetime, msgspec.Meta(tz=True)]
    """When it was taken, by the till's corrected clock. With the till and the coupon it names this use: repeat it as
    it was."""


class OfflineRedemptionsRequest(Body, frozen=True):
    """Coupons that a till took while it was offline."""

    redemptions: Annotated[list[NewOfflineRedemption], msgspec.Meta(min_length=1, max_length=MAX_REPORTED)]
    """In any order."""


class OfflineRedemptionsResult(msgspec.Struct, frozen=True):
    """What became of them."""

    redemptions: list[OfflineUseResult]
    """One each, in the order in which they were sent."""


class OfflineConflict(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon that a till took offline and should not have taken."""

    id: UUID
    """The conflict."""
    member_id: MemberId
    """Whose coupon it is."""
    coupon_id: CouponId
    """The coupon."""
    campaign_id: CampaignId
    """The campaign that issued it."""
    store_id: StoreId
    """Where it was taken."""
    till_id: TillId
    """The till that took it."""
    redeemed_at: datetime
    """When it was taken, by the till's clock."""
    reported_at: datetime
    """When the till reported it."""
    conflict: ConflictReason
    """Why it should not have been taken: it was used up (`redeemed`), as another member (`had`), had moved to another
    card (`moved`) or ended with a scan (`undone`); it was withdrawn, had expired, was not usable yet, or not at that
    store or hour; its member is blocked."""
    first: FirstUse | None
    """The use that stands in its place, where there is one."""


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
            terms = await offline_repository.list_offline_terms(conn, till.store_id)
            campaigns = {each.campaign_id for each in terms}
            changes = await offline_repository.list_used_offline(
                conn, till.program_id, campaigns, after, MAX_CHANGES, now
            )
        has_more = len(changes) >= MAX_CHANGES
        return OfflineCoupons(
            terms=[_view_terms(each, till.store_id) for each in terms if each.grant.is_usable_offline],
            changes=[CouponChange(each.coupon_id, each.uses_left) for each in changes],
            next_since=changes[-1].changed_at if has_more else max(after, now - _OVERLAP),
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
        return make_page([_view_conflict(row) for row in rows], page, lambda conflict: conflict.id)


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


def _view_terms(terms: StoreTerms, store_id: StoreId) -> OfflineTerms:
    conditions = terms.grant.conditions
    is_named = conditions.store_ids is None or store_id in conditions.store_ids
    return OfflineTerms(
        campaign_id=terms.campaign_id,
        campaign_version=terms.campaign_version,
        variant_version=terms.variant_version,
        is_here=terms.is_store_covered and is_named,
        time_zone=terms.time_zone,
        hours=conditions.hours,
        withdrawn_at=terms.withdrawn_at,
        title={locale: choose_text(terms.offer, locale, terms.store_name).title for locale in terms.offer},
        body={locale: choose_text(terms.offer, locale, terms.store_name).body for locale in terms.offer},
        benefit=terms.grant.benefit,
    )


def _view_conflict(row: OfflineRedemption) -> OfflineConflict:
    return OfflineConflict(
        id=row.id,
        member_id=row.member_id,
        coupon_id=row.coupon_id,
        campaign_id=row.campaign_id,
        store_id=row.store_id,
        till_id=row.till_id,
        redeemed_at=row.redeemed_at,
        reported_at=row.reported_at,
        conflict=msgspec.convert(row.conflict, ConflictReason),
        first=row.first,
    )
