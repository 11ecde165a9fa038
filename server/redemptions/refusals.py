"""What a till reads where a coupon cannot be used: `coupons.redemptions.usability` decides, this words it."""

from collections.abc import Mapping
from typing import Any

from coupons.redemptions.redemption import RedeemableCoupon
from coupons.redemptions.usability import UseRefusal, UseRefusalReason
from coupons.withdrawal import choose_reason
from kit.locales import Locale
from server.problems import Problem

# Those that are problems of their own; the others are conditions that are not met.
OF_A_USE: Mapping[UseRefusalReason, tuple[str, str]] = {
    "moved": ("coupon-unknown", "This coupon is on the shopper's new card: scan the code in their app now."),
    "undone": ("coupon-unknown", "Do not honour it: the scan that this coupon came from was undone."),
    "had": ("already-redeemed", "Do not honour it: the shopper has used this coupon on their former card."),
    "held": (
        "coupon-reserved", "Finish or void the receipt that holds it, or wait until held_until: then it is free again.",
    ),
    "redeemed": ("already-redeemed", "Do not honour it again: this coupon has been redeemed."),
    "voided": ("coupon-voided", "Do not honour it: the staff have voided this coupon. Who asks why asks the manager."),
    "withdrawn": (
        "coupon-withdrawn", "Do not honour it: the offer was withdrawn. Tell the shopper why (withdrawal_reason).",
    ),
    "expired": ("coupon-expired", "Tell the shopper that the coupon has expired."),
    "other_store": ("store-not-covered", "Tell the shopper that this coupon is for other stores."),
}  # fmt: skip
NOT_MET = ("coupon-conditions-unmet", "Do not take it now, and tell the shopper why (message).")
# Under which name a problem tells the refusal's moment.
_MOMENTS: Mapping[UseRefusalReason, str] = {
    "held": "held_until",
    "redeemed": "redeemed_at",
    "voided": "voided_at",
    "withdrawn": "withdrawn_at",
    "expired": "expired_at",
    "too_early": "usable_from",
}


def coupon_unknown() -> Problem:
    return Problem("coupon-unknown", "Scan the coupon's code again from the shopper's app.")


def explain_refusal(refusal: UseRefusal, coupon: RedeemableCoupon, locale: Locale) -> Problem:
    slug, detail = OF_A_USE.get(refusal.reason, NOT_MET)
    extra: dict[str, Any] = {}
    if refusal.at is not None:
        extra[_MOMENTS[refusal.reason]] = refusal.at
    if refusal.missing is not None:
        extra["missing"] = refusal.missing
    if refusal.reason not in OF_A_USE:
        extra |= {
            "reason": refusal.reason,
            "message": refusal.describe(locale),
            "coupon_id": coupon.coupon_id,
        }
    if coupon.withdrawal is not None and refusal.reason == "withdrawn":
        extra["withdrawal_reason"] = choose_reason(coupon.withdrawal, locale)
    return Problem(slug, detail, **extra)
