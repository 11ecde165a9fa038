"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import MEMBER_ID, PURCHASE_ID, SCAN_ID, Example

_BASKET = {
    "receipt": "20261121-0044",
    "amount": 1100,
    "items": [{"name": "Blend coffee", "quantity": 2, "amount": 1100, "code": "4901234567894", "category": "beans"}],
}
_SPEND_ID = "019aa5c4-b2f0-7031-9c48-d7e5a1f3b960"

EXAMPLES: Mapping[str, Example] = {
    "recordPurchase": Example(
        request={"member_id": MEMBER_ID, "scan_id": SCAN_ID, "purchase": _BASKET},
        answer={
            "id": PURCHASE_ID,
            "member_id": MEMBER_ID,
            "points_earned": 11,
            "points_balance": 131,
            "coupons_issued": 0,
            "full_stamp_cards": [{"code": "coffee-10", "name": {"en": "Coffee"}, "round": 1, "is_reward": True}],
        },
    ),
    "refundPurchase": Example(
        request={
            "receipt": "20261121-0042",
            "refund_receipt": "20261122-0007",
            "amount": 550,
            "items": [{"name": "Blend coffee", "quantity": 1, "amount": 550, "code": "4901234567894"}],
        },
        answer={
            "id": "019aa5c4-d471-7c2a-8b90-a3f1e5d7c248",
            "purchase_id": PURCHASE_ID,
            "member_id": MEMBER_ID,
            "amount": 550,
            "refunded": 550,
            "points_reversed": 6,
            "points_owed": 0,
            "points_balance": 125,
        },
    ),
    "spendPoints": Example(
        request={"member_id": MEMBER_ID, "scan_id": SCAN_ID, "receipt": "20261121-0045", "points": 5},
        answer={"id": _SPEND_ID, "member_id": MEMBER_ID, "points": -5, "points_spent": 5, "points_balance": 126},
    ),
    "voidSpend": Example(
        request={"receipt": "20261121-0043"},
        answer={"id": _SPEND_ID, "member_id": MEMBER_ID, "points": 5, "points_spent": 0, "points_balance": 131},
    ),
}
