"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import Example

_CAMPAIGN = {
    "name": "Welcome back",
    "state": "active",
    "trigger": "enter",
    "store_ids": None,
    "starts_at": "2026-11-01T00:00:00+09:00",
    "ends_at": "2027-03-31T23:59:59+09:00",
    "frequency": "weekly",
    "quiet_hours": {"start": "21:00", "end": "08:00"},
    "offer": {
        "ja": {"title": "{store}へようこそ", "body": "本日のコーヒーを一杯サービスいたします。"},
        "en": {"title": "Welcome to {store}", "body": "A coffee is on us today."},
    },
    "coupon_valid_s": 86400,
    "cap": 1000,
}

EXAMPLES: Mapping[str, Example] = {
    "createCampaign": Example(request=_CAMPAIGN),
    "replaceCampaign": Example(request=_CAMPAIGN),
    "redeemCoupon": Example(request={"coupon": "N1KAGRAARD2WVY3DALWYZ65YNM7XIA2EACEPMAHH3U2Y2UXYN266EAA"}),
}
