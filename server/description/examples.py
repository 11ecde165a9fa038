"""Example bodies for the API's description: what they are made of, and the values that several rooms share.

Each room keeps those of its routes in its `examples.py`, by operation id; `server.examples` gathers them. Tests send
each request to the application and hold each answer against the type of its body.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = Mapping[str, Any]


class Example(NamedTuple):
    """Bodies of one operation; None where it takes or gives none, or a file."""

    request: Json | None = None
    answer: Json | list[Json] | None = None


def make_page(*items: Json) -> Json:
    return {"items": list(items), "next_cursor": None}


STORE_ID = "01a20044-7a8a-7175-9221-fa6027398268"
GEOFENCE_ID = "01a20044-8c11-7e02-b5d7-94e1c3a7f058"
CAMPAIGN_ID = "019aa5c3-52c0-7b44-9a13-7d40e6b8f291"
MEMBER_ID = "019aa5c4-7b1e-7d03-8a51-2f6c9e0b4d17"
DEVICE_ID = "019aa5c4-7b1e-7f60-b2c9-81d53a7e0c46"
SCAN_ID = "019aa5c4-9f20-7c5a-9b3e-6a1d8c2f7e45"
REDEMPTION_ID = "019aa5c5-1c44-7e0b-8f27-3a9d5b6c8e12"
RESERVATION_ID = "019aa5c5-1a90-7b3d-9e44-6c1f8a2d5b07"
COUPON_ID = "019aa5c4-9f21-7a08-8d62-5e3b7f9c1a20"
PURCHASE_ID = "019aa5c4-9f21-7d94-a6e5-0c8b2d4f6e13"
TILL_ID = "01a20044-9d30-7c68-8e1b-3f5a7c9d2e04"
VERIFICATION_ID = "019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26"
TRANSFER_ID = "019aa5c4-7a10-7c2e-9d54-1b8e6f0a3c71"
PROGRAM_ID = "01a20044-6b01-7a3e-9c55-d2f8e0b4a617"
STAFF_ID = "01a20044-6f72-7d19-8b06-4c7e9a1d3f52"

CARD_NUMBER = "2912345678906"
FIX: Json = {"lat": 35.6896, "lon": 139.7006, "recorded_at": "2026-11-21T09:00:00Z", "accuracy_m": 12.5}

# The one of docs/card-code-vectors.json.
CARD_CODE = (
    "2618875638937216150611328946509484203556345847503380226117127181261145100459864473944160369502473697"
    "2819762347399539704533830358498499044594220874679085167403235063876026360737571890847601813382953792"
    "6623540628335313410293682241416099547902713613535991551001773525267355720085328624872668871160348571"
    "8683054170469085596143647366494968559688529880489174811564714804614869027259571956607300554016754905"
    "6255126037661202205848299307981048564110502033168242"
)
PAPER_CODE = "00073R-J0A5J8-FPJS9C"
COUPON_CODE = "N1KAGNKLRD3DZ6QHCSRF5WJ4C2NC4AZVJOET4QXUCENMJPDW744DIQDMFUEXH7JUXEEHVHAQQS5"
PICTURE_URL = (
    "https://api.kissa.example/v1/pictures/8d1f2c5e0b7a4936c1e8f5d20a9b3c746e5f81d2c3b4a5968778695a4b3c2d1e.jpg"
)
COUPON: Json = {
    "id": COUPON_ID,
    "campaign_id": CAMPAIGN_ID,
    "store_id": STORE_ID,
    "title": "Welcome to Kissa Sakura Shinjuku",
    "body": "A coffee is on us today.",
    "terms": "One per visit. Not together with other coupons.",
    "picture_url": PICTURE_URL,
    "at_every_store": False,
    "code": COUPON_CODE,
    "uses": 1,
    "uses_left": 1,
    "usable_from": None,
    "issued_at": "2026-11-21T09:00:05Z",
    "expires_at": "2026-11-22T09:00:05Z",
    "redeemed_at": None,
    "voided_at": None,
    "withdrawn_at": None,
    "withdrawal_reason": None,
}
VISIT: Json = {
    "id": "019aa5c4-9f20-732e-8385-5a7658a2516e",
    "store_id": STORE_ID,
    "business_day": "2026-11-21",
    "first_at": "2026-11-21T09:04:10Z",
    "trust": "high",
    "reasons": ["rotating_code"],
}

# Of the routes that belong to no room.
EXAMPLES: Mapping[str, Example] = {
    "checkLiveness": Example(answer={"status": "ok"}),
    "checkReadiness": Example(answer={"status": "ok"}),
}
