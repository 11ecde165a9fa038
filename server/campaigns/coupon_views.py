"""A coupon as its member sees it."""

from datetime import datetime

import msgspec

from coupons.coupon import MemberCoupon
from coupons.coupon_codes import make_coupon_code
from coupons.offers import choose_text
from coupons.withdrawal import choose_reason
from ids import CampaignId, CouponId, StoreId
from kit.sealing import Keyring
from server.messages.picture_urls import picture_url


class Coupon(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon of the signed-in member; its texts are in the device's language."""

    id: CouponId
    """The coupon."""
    campaign_id: CampaignId
    """The campaign that issued it."""
    store_id: StoreId | None
    """The store where it was earned. Null: it was not earned at a store."""
    title: str
    """Its headline."""
    body: str
    """What the shopper gets."""
    terms: str | None
    """The small print. Null: there is none."""
    picture_url: str | None
    """Its picture, which may be kept for ever: another picture has another address. From the root of this API where it
    begins with a slash. Null: there is none."""
    at_every_store: bool
    """Whether it can be redeemed at every store of the program. False: `coupon_id` narrows GET /v1/me/stores, and
    POST /v1/me/stores/nearest, to the stores where it can be."""
    code: str
    """What the app shows as a QR code for the till to scan."""
    uses: int
    """How often it can be used in all."""
    uses_left: int
    """How often it can still be used."""
    usable_from: datetime | None
    """Before this moment it cannot be used. Null: from its issue."""
    issued_at: datetime
    """When it was issued."""
    expires_at: datetime
    """From this moment on it cannot be redeemed any more."""
    redeemed_at: datetime | None
    """When its last use was made. Null: a use is left, or it was voided."""
    voided_at: datetime | None
    """Since when it cannot be redeemed any more, because the shop has voided this one coupon: say so in its place.
    Null: it was not voided, or has been given back."""
    withdrawn_at: datetime | None
    """From this moment on it cannot be redeemed any more, though it would not have expired yet. Null: it was not
    withdrawn."""
    withdrawal_reason: str | None
    """Why it was withdrawn: show it in the coupon's place. Null: it was not."""


def view_coupon(coupon: MemberCoupon, language: str, keyring: Keyring, public_url: str | None) -> Coupon:
    text = choose_text(coupon.offer, language, coupon.store_name)
    return Coupon(
        id=coupon.id,
        campaign_id=coupon.campaign_id,
        store_id=coupon.store_id,
        title=text.title,
        body=text.body,
        terms=text.terms,
        picture_url=picture_url(public_url, coupon.picture_name),
        at_every_store=coupon.at_every_store and coupon.grant.conditions.store_ids is None,
        code=make_coupon_code(keyring, coupon.member_id, coupon.id),
        uses=coupon.grant.uses,
        uses_left=coupon.uses_left,
        usable_from=coupon.grant.conditions.usable_from,
        issued_at=coupon.issued_at,
        expires_at=coupon.expires_at,
        redeemed_at=coupon.redeemed_at,
        voided_at=coupon.voided_at,
        withdrawn_at=None if coupon.withdrawal is None else coupon.withdrawal.at,
        withdrawal_reason=None if coupon.withdrawal is None else choose_reason(coupon.withdrawal, language),
    )
