"""What a coupon's push carries for the app, beside the notification that the system shows."""

from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from ids import CampaignId, CouponId, StoreId


class StoredPushData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As it waits in the outbox: without the coupon's code, which is made when the push is sent and stored nowhere."""

    type: Literal["coupon"]
    """What the push is about. Ignore a push of another type: more will come."""
    push_id: UUID
    """The push. It may arrive twice: drop what has one that you have seen."""
    coupon_id: CouponId
    """The coupon: GET /v1/me/coupons/{coupon_id} has all of it."""
    campaign_id: CampaignId
    """The campaign that issued it."""
    store_id: StoreId | UnsetType = UNSET
    """The store where it was earned. Left out: it was not earned at a store."""
    link: str | UnsetType = UNSET
    """Where the push leads: open it when the push is tapped. Left out: to the coupon."""


class CouponPushData(StoredPushData, frozen=True, kw_only=True, omit_defaults=True):
    """The `data` of a push that tells of a coupon. Every value is a text, as FCM asks for."""

    coupon_code: str
    """What the till scans, so that the coupon can be shown before it is read."""
