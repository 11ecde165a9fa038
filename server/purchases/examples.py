"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import MEMBER_ID, SCAN_ID, Example

_BASKET = {
    "receipt": "20261121-0044",
    "amount": 1100,
    "items": [{"name": "Blend coffee", "quantity": 2, "amount": 1100, "code": "4901234567894"}],
}

EXAMPLES: Mapping[str, Example] = {
    "recordPurchase": Example(request={"member_id": MEMBER_ID, "scan_id": SCAN_ID, "purchase": _BASKET}),
    "refundPurchase": Example(request={"receipt": "20261121-0042", "refund_receipt": "20261122-0007", "amount": 550}),
    "spendPoints": Example(
        request={
            "member_id": MEMBER_ID,
            "scan_id": SCAN_ID,
            "receipt": "20261121-0045",
            "points": 5,
        }
    ),
    "voidSpend": Example(request={"receipt": "20261121-0043"}),
}
