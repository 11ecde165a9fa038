"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import (
    CAMPAIGN_ID,
    COUPON,
    COUPON_CODE,
    COUPON_ID,
    MEMBER_ID,
    PAPER_CODE,
    REDEMPTION_ID,
    RESERVATION_ID,
    SCAN_ID,
    STORE_ID,
    TILL_ID,
    Example,
    make_page,
)

_BASKET = {
    "lines": [
        {"code": "4901234567894", "category": "beans", "quantity": 1, "unit_price": 1480},
        {"code": "latte", "category": "drinks", "quantity": 2, "unit_price": 520},
    ],
    "total": 2520,
}

_QUOTED = {
    "coupon_id": COUPON_ID,
    "campaign_id": CAMPAIGN_ID,
    "title": "10 % off from 2,000 yen",
    "benefit": {"kind": "percent_off", "percent": 10, "max_discount": None},
    "uses_left": 1,
    "applies": True,
    "discount": 252,
    "lines": [{"line": 0, "discount": 148}, {"line": 1, "discount": 104}],
    "points": 0,
    "stamps": 0,
    "alone": 252,
    "conflicts_with": [],
    "reason": None,
    "message": None,
    "missing": None,
    "at": None,
}
# Signed with the private key 00 01 02 … 1f (docs/offline-coupons.md).
_OFFLINE_CODE = (
    "N1FAGQ3EAM2UXCHWHT5AOFFCL3MTYFU2FYBTKS4JHZBPIEI2YS6HN7ZYGRAAGNKLQ2SYB5UJGQTPVAONOHSSEAAAAABAAAAAAABABVQCXMVAB"
    "VQFLYVRBUQCDGWDH77L5GU5KN5F24MGTCCRGUJFNLKYCHQ5GIKFD4PDJ5DSTUUCP34ZWLQCGCKYFVRT4HLFOYBM2UAN3AJIUTU6MFNU7UWACY"
)
_NAMED = {"member_id": MEMBER_ID, "reservation_id": RESERVATION_ID}

EXAMPLES: Mapping[str, Example] = {
    "quoteCoupons": Example(
        request={"basket": _BASKET, "member_id": MEMBER_ID, "scan_id": SCAN_ID, "locale": "en"},
        answer={
            "total": 2520,
            "discount": 252,
            "to_pay": 2268,
            "rounding": "down",
            "points": 0,
            "stamps": 0,
            "coupons": [_QUOTED],
        },
    ),
    "reserveCoupons": Example(
        request={"basket": _BASKET, "coupons": [COUPON_CODE], "locale": "en"},
        answer={
            "reservation_id": RESERVATION_ID,
            "member_id": MEMBER_ID,
            "held_until": "2026-11-21T09:20:30Z",
            "total": 2520,
            "discount": 252,
            "to_pay": 2268,
            "points": 0,
            "stamps": 0,
            "coupons": [_QUOTED],
        },
    ),
    "redeemReservation": Example(
        request=_NAMED | {"receipt": "20261121-0042", "amount": 2268},
        answer=_NAMED
        | {
            "receipt": "20261121-0042",
            "redeemed_at": "2026-11-21T09:06:10Z",
            "discount": 252,
            "paid": 2268,
            "points": 0,
            "stamps": 0,
            "redemption_ids": {COUPON_ID: REDEMPTION_ID},
        },
    ),
    "voidReservation": Example(request=_NAMED, answer=_NAMED | {"voided_at": "2026-11-21T09:40:00Z", "due_back": 2268}),
    "refundReservation": Example(
        request=_NAMED | {"lines": [{"line": 1, "quantity": 1}]},
        answer={"reservation_id": RESERVATION_ID, "due_back": 468, "refunded": 468, "left": 1800, "points_reversed": 0},
    ),
    "redeemCoupon": Example(
        request={"coupon": COUPON_CODE, "locale": "en"},
        answer={
            "redemption_id": REDEMPTION_ID,
            "member_id": MEMBER_ID,
            "coupon_id": COUPON_ID,
            "campaign_id": CAMPAIGN_ID,
            "store_id": STORE_ID,
            "redeemed_at": "2026-11-21T09:05:30Z",
            "title": "Welcome to Kissa Sakura Shinjuku",
            "body": "One coffee on the house today",
            "benefit": {"kind": "text"},
        },
    ),
    "claimCouponCode": Example(request={"code": PAPER_CODE}, answer=COUPON),
    "claimCodeAtTill": Example(
        request={"code": PAPER_CODE, "member_id": MEMBER_ID, "scan_id": SCAN_ID, "locale": "en"},
        answer={
            "coupon_id": COUPON_ID,
            "member_id": MEMBER_ID,
            "coupon": COUPON_CODE,
            "title": "Welcome to Kissa Sakura Shinjuku",
            "body": "One coffee on the house today",
            "benefit": {"kind": "text"},
            "expires_at": "2026-11-22T09:00:05Z",
            "redemption": None,
        },
    ),
    "listMyOfflineCoupons": Example(
        answer=make_page({"id": COUPON_ID, "offline_code": _OFFLINE_CODE, "expires_at": "2026-11-22T09:00:05Z"})
    ),
    "getOfflineCoupons": Example(
        answer={
            "terms": [
                {
                    "campaign_id": CAMPAIGN_ID,
                    "campaign_version": 1,
                    "variant_version": 0,
                    "is_here": True,
                    "time_zone": "Asia/Tokyo",
                    "hours": [{"weekdays": [1, 2, 3, 4, 5], "start": "14:00", "end": "17:00"}],
                    "withdrawn_at": None,
                    "title": {"en": "Welcome to Kissa Sakura Shinjuku"},
                    "body": {"en": "A coffee is on us today."},
                    "benefit": {"kind": "text"},
                }
            ],
            "changes": [{"coupon_id": COUPON_ID, "uses_left": 0, "is_voided": False}],
            "next_since": "2026-11-21T08:50:00Z",
            "has_more": False,
        }
    ),
    "reportOfflineRedemptions": Example(
        request={"redemptions": [{"coupon": _OFFLINE_CODE, "redeemed_at": "2026-11-21T09:05:40Z"}]},
        answer={
            "redemptions": [
                {
                    "outcome": "booked",
                    "reason": None,
                    "conflict": None,
                    "first": None,
                    "held_until": None,
                    "coupon_id": COUPON_ID,
                    "member_id": MEMBER_ID,
                    "redemption_id": REDEMPTION_ID,
                }
            ]
        },
    ),
    "listOfflineConflicts": Example(
        answer=make_page(
            {
                "id": "019aa5c6-1c44-7e0b-8f27-3a9d5b6c8e13",
                "member_id": MEMBER_ID,
                "coupon_id": COUPON_ID,
                "campaign_id": CAMPAIGN_ID,
                "store_id": STORE_ID,
                "till_id": TILL_ID,
                "redeemed_at": "2026-11-21T09:07:00Z",
                "reported_at": "2026-11-21T10:00:00Z",
                "conflict": "redeemed",
                "first": {"store_id": STORE_ID, "till_id": TILL_ID, "redeemed_at": "2026-11-21T09:05:40Z"},
            }
        )
    ),
    "voidCoupon": Example(
        request={"reason": "A picture of it was sold on an auction site."},
        answer={
            "coupon_id": COUPON_ID,
            "member_id": MEMBER_ID,
            "campaign_id": CAMPAIGN_ID,
            "voided_at": "2026-11-21T09:20:00Z",
            "uses_ended": 1,
            "reason": "A picture of it was sold on an auction site.",
        },
    ),
    "restoreCoupon": Example(
        answer={
            "coupon_id": COUPON_ID,
            "member_id": MEMBER_ID,
            "lifted_at": "2026-11-21T09:25:00Z",
            "uses_left": 1,
        }
    ),
    "undoRedemption": Example(
        request={"member_id": MEMBER_ID, "redemption_id": REDEMPTION_ID},
        answer={
            "redemption_id": REDEMPTION_ID,
            "member_id": MEMBER_ID,
            "coupon_id": COUPON_ID,
            "undone_at": "2026-11-21T09:06:10Z",
            "is_coupon_usable": True,
        },
    ),
}
