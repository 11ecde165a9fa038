"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import Example, make_page

_SETTINGS = {
    "sms_route": "dialect",
    "api_url": "https://api.twilio.com",
    "account_sid": "AC0123456789abcdef0123456789abcdef",
    "sms_sender": "+815012345678",
    "voice_sender": "+815012345678",
    "direct_url": None,
    "direct_sender": None,
    "currency": "JPY",
    "segment_price": 9,
    "call_price": 20,
    "day_cap": 20000,
    "calls_from": "10:00",
    "calls_until": "20:00",
    "spoken_address": "さくら ドット エグザンプル",
}
_SHOWN = {
    "has_auth_token": True,
    "has_signing_key": False,
    "has_shared_key": False,
    "has_direct_key": False,
    "replies_url": "https://api.kissa.example/v1/phone/programs/019aa5c4-7b1e-7f03-8a55-2c9e11d40001/replies",
}
_NUMBER = {
    "number": "+815011112222",
    "store_id": "019aa5c4-7b1e-7f03-8a55-2c9e11d4a6b0",
    "poster": "Window, autumn",
}
_CALLED = {
    "id": "019aa5c5-1c2d-7a10-9f3b-6d5e4c3b2a19",
    **_NUMBER,
    "voice_url": "https://api.kissa.example/v1/phone/numbers/019aa5c5-1c2d-7a10-9f3b-6d5e4c3b2a19/calls",
    "calls": 41,
    "texts": 33,
    "joined": 12,
    "created_at": "2026-11-21T00:00:00Z",
    "ended_at": None,
}

EXAMPLES: Mapping[str, Example] = {
    "getPhoneSettings": Example(answer=_SETTINGS | _SHOWN),
    "updatePhoneSettings": Example(
        request=_SETTINGS | {"auth_token": "0123456789abcdef0123456789abcdef"}, answer=_SETTINGS | _SHOWN
    ),
    "getPhoneSpending": Example(
        answer={
            "currency": "JPY",
            "today": "2026-11-28",
            "spent_today": 1242,
            "day_cap": 20000,
            "left_today": 18758,
            "days": [{"day": "2026-11-28", "spent": 1242}, {"day": "2026-11-27", "spent": 8010}],
        }
    ),
    "listCallNumbers": Example(answer=make_page(_CALLED)),
    "createCallNumber": Example(request=_NUMBER, answer=_CALLED | {"calls": 0, "texts": 0, "joined": 0}),
}
