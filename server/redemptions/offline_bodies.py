"""What the routes of coupons at tills without a line take and give."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from coupons.offers import choose_text
from coupons.redemptions.benefits import Benefit
from coupons.redemptions.conditions import UseHours
from coupons.redemptions.offline_repository import FirstUse, OfflineRedemption, StoreTerms
from ids import CampaignId, CouponId, MemberId, StoreId, TillId
from server.redemptions.report_redemptions import ConflictReason, OfflineUseResult
from server.web.fields import Body
from server.web.reported_records import MAX_REPORTED

MAX_CODE_LENGTH = 500


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
    title: dict[str, str]
    """The offer's headline."""
    body: dict[str, str]
    """What to give for it."""
    benefit: Benefit
    """What it is worth, for the till to reckon."""


class CouponChange(msgspec.Struct, frozen=True):
    """A coupon of which something has been used or given back, or that has ended."""

    coupon_id: CouponId
    """The coupon."""
    uses_left: int
    """How often it can still be used. 0: refuse it."""
    is_voided: bool
    """Whether the staff have voided it: then say so, it was not used."""


class OfflineCoupons(msgspec.Struct, frozen=True, kw_only=True):
    """What a till needs to take coupons while it is offline, beside the keys of GET /v1/till/offline-verification."""

    terms: list[OfflineTerms]
    """Those of which a coupon may still be good: they replace those that the till has."""
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
    card (`moved`) or ended with a scan (`undone`); the staff had voided it (`voided`), also where that came after it
    was taken; it was withdrawn, had expired, was not usable yet, or not at that store or hour; its member is
    blocked."""
    first: FirstUse | None
    """The use that stands in its place, where there is one."""


def view_terms(terms: StoreTerms, store_id: StoreId) -> OfflineTerms:
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


def view_conflict(row: OfflineRedemption) -> OfflineConflict:
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
