"""Example bodies for the API's description, one a write. A test sends each of them to the application."""

from collections.abc import Mapping

_STORE_ID = "01a20044-7a8a-7175-9221-fa6027398268"
_CONSENTS = [
    {"purpose": "location", "granted": True, "text_version": "2026-10"},
    {"purpose": "push", "granted": True, "text_version": "2026-10"},
]
_FIX = {"lat": 35.6896, "lon": 139.7006, "recorded_at": "2026-11-21T09:00:00Z", "accuracy_m": 12.5}
_STORE = {
    "name": "Kissa Sakura Shinjuku",
    "time_zone": "Asia/Tokyo",
    "location": {"lat": 35.6896, "lon": 139.7006},
    "opening_hours": {"mon": [["07:30", "22:00"]], "fri": [["07:30", "14:00"], ["17:00", "02:00"]]},
    "day_start_hour": 4,
}
_GEOFENCE = {"name": "Front door", "circle": {"lat": 35.6896, "lon": 139.7006, "radius_m": 80}}
_FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [139.7671, 35.6812]},
    "properties": {
        "store_code": "tokyo-1",
        "store_name": "Kissa Sakura Tokyo",
        "time_zone": "Asia/Tokyo",
        "geofence_name": "Front door",
        "radius_m": 100,
    },
}
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

# The one of docs/card-code-vectors.json.
_CODE = (
    "2618875638937216150611328946509484203556345847503380226117127181261145100459864473944160369502473697"
    "2819762347399539704533830358498499044594220874679085167403235063876026360737571890847601813382953792"
    "6623540628335313410293682241416099547902713613535991551001773525267355720085328624872668871160348571"
    "8683054170469085596143647366494968559688529880489174811564714804614869027259571956607300554016754905"
    "6255126037661202205848299307981048564110502033168242"
)
_MEMBER_ID, _SCAN_ID = "019aa5c4-7b1e-7d03-8a51-2f6c9e0b4d17", "019aa5c4-9f20-7c5a-9b3e-6a1d8c2f7e45"
_VERIFICATION_ID = "019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26"
_STORE_CODE = "N1SAGRAARD2RJYXLERB7JQCOOMCNAAADZHAVS3A6EEIJZGQ2EIPDRNQ"
_POINT_RULES = {
    "currency": "JPY",
    "amount_step": 100,
    "step_points": 1,
    "visit_points": 10,
    "valid_days": 365,
    "time_zone": "Asia/Tokyo",
}
_STAMP_CARD = {
    "code": "coffee-10",
    "name": {"ja": "コーヒー10杯", "en": "Ten coffees"},
    "source": "purchase",
    "min_amount": 500,
    "stamps_needed": 10,
}
_RANKS = {
    "measure": "spend",
    "period": "year",
    "time_zone": "Asia/Tokyo",
    "ranks": [
        {"code": "silver", "name": {"ja": "シルバー", "en": "Silver"}, "threshold": 30_000},
        {"code": "gold", "name": {"ja": "ゴールド", "en": "Gold"}, "threshold": 100_000},
    ],
}
_BASKET = {
    "receipt": "20261121-0044",
    "amount": 1100,
    "items": [{"name": "Blend coffee", "quantity": 2, "amount": 1100, "code": "4901234567894"}],
}

EXAMPLES: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("POST", "/v1/sessions"): {
        "program": "kissa-sakura",
        "email": "owner@example.com",
        "password": "a long sentence is a good password",
    },
    ("PUT", "/v1/sessions/current/password"): {
        "current": "a long sentence is a good password",
        "new": "a longer sentence is a better one",
    },
    ("PUT", "/v1/staff/{staff_id}/password"): {"password": "a first sentence to log in with"},
    ("PATCH", "/v1/program"): {"name": "Kissa Sakura", "default_locale": "ja"},
    ("POST", "/v1/staff"): {
        "email": "shinjuku@example.com",
        "name": "Sato Yui",
        "password": "another long sentence to type",
        "role": "store_manager",
        "store_ids": [_STORE_ID],
    },
    ("PUT", "/v1/staff/{staff_id}"): {"name": "Sato Yui", "role": "store_manager", "store_ids": [_STORE_ID]},
    ("POST", "/v1/stores"): {"code": "shinjuku-1", **_STORE},
    ("PUT", "/v1/stores/{store_id}"): _STORE,
    ("POST", "/v1/geofences"): {"store_id": _STORE_ID, **_GEOFENCE},
    ("POST", "/v1/geofences/import"): {"type": "FeatureCollection", "features": [_FEATURE]},
    ("PUT", "/v1/geofences/{geofence_id}"): _GEOFENCE,
    ("POST", "/v1/tills"): {"store_id": _STORE_ID, "name": "Till 1"},
    ("POST", "/v1/campaigns"): _CAMPAIGN,
    ("PUT", "/v1/campaigns/{campaign_id}"): _CAMPAIGN,
    ("PUT", "/v1/program/enrolment"): {"phone_region": "JP", "join_url": "https://app.kissa.example/join"},
    ("POST", "/v1/me/verifications"): {"kind": "phone", "value": "090-1234-5678"},
    ("POST", "/v1/me/verifications/{verification_id}/confirm"): {"code": "123 456"},
    ("POST", "/v1/me/data-codes"): {"purpose": "export", "kind": "phone"},
    ("POST", "/v1/me/export"): {"code_id": _VERIFICATION_ID, "code": "123 456"},
    ("POST", "/v1/me/erasure"): {"card_code": _CODE},
    ("POST", "/v1/members/{member_id}/data-codes"): {"kind": "email"},
    ("POST", "/v1/members/{member_id}/export"): {"code_id": _VERIFICATION_ID, "code": "123 456"},
    ("POST", "/v1/members/{member_id}/erasure"): {"verified_by": "identity_document"},
    ("POST", "/v1/members"): {"program": "kissa-sakura", "platform": "ios", "locale": "ja", "consents": _CONSENTS},
    ("PUT", "/v1/me/consents"): {"consents": _CONSENTS},
    ("PATCH", "/v1/me/device"): {"locale": "en"},
    ("PUT", "/v1/me/device/push-token"): {"token": "d4Tz0…:APA91b…", "kind": "registration"},
    ("POST", "/v1/me/geofences/nearest"): {"fix": _FIX},
    ("POST", "/v1/locations"): {"fixes": [_FIX]},
    ("POST", "/v1/clients/transistorsoft"): {
        "location": {
            "timestamp": "2026-11-21T09:00:00.123Z",
            "coords": {"latitude": 35.6896, "longitude": 139.7006, "accuracy": 12.5},
        }
    },
    ("POST", "/v1/clients/owntracks"): {
        "_type": "location",
        "lat": 35.6896,
        "lon": 139.7006,
        "acc": 12,
        "tst": 1_795_251_600,
    },
    ("POST", "/v1/me/card/key"): {
        "public_key": "BMZu9oUICFjBbRmhOqAAbMZyhfk4-GutEMA1RjC83JiWgs5xQpEpXEyw8sJjsNER3n2Ld4siDjNCE-CU-F6g-K8",
        "proof": "b54ivNl4wpia2nEzZaa1BDE38ebQqjKN_0z6wLCSRGq39D2LL07EehgYXwwuEKeX0ZESAqO6iQRac8X2arqoKg",
    },
    ("POST", "/v1/scans/offline"): {"scans": [{"card": _CODE, "scanned_at": "2026-11-21T09:00:10Z"}]},
    ("PUT", "/v1/program/points"): _POINT_RULES,
    ("PUT", "/v1/program/stamp-cards"): {"cards": [_STAMP_CARD]},
    ("PUT", "/v1/program/ranks"): _RANKS,
    ("PUT", "/v1/program/google-wallet"): {
        "logo_url": "https://kissa.example/logo.png",
        "background_color": "#7a3b2e",
    },
    ("POST", "/v1/points/adjustments"): {"member_id": _MEMBER_ID, "points": 100, "reason": "an apology for the wait"},
    ("POST", "/v1/purchases"): {"member_id": _MEMBER_ID, "scan_id": _SCAN_ID, "purchase": _BASKET},
    ("POST", "/v1/refunds"): {"receipt": "20261121-0042", "refund_receipt": "20261122-0007", "amount": 550},
    ("POST", "/v1/points/spend"): {
        "member_id": _MEMBER_ID,
        "scan_id": _SCAN_ID,
        "receipt": "20261121-0045",
        "points": 5,
    },
    ("POST", "/v1/points/void"): {"receipt": "20261121-0043"},
    ("PUT", "/v1/program/visits"): {"by_store_qr": True, "by_dwell": False, "min_trust": "low"},
    ("POST", "/v1/me/visits"): {"code": _STORE_CODE, "fix": _FIX},
    ("POST", "/v1/scans/undo"): {"member_id": _MEMBER_ID, "scan_id": _SCAN_ID},
    ("POST", "/apple-wallet/v1/devices/{device_library_id}/registrations/{pass_type}/{serial}"): {
        "pushToken": "0c" * 32
    },
    ("POST", "/apple-wallet/v1/log"): {"logs": ["[2026-11-21 09:00:00 +0900] Get pass task: 503"]},
    ("POST", "/v1/scans"): {"card": "2912 3456 7890 6"},
    ("POST", "/v1/redemptions"): {"coupon": "N1KAGRAARD2WVY3DALWYZ65YNM7XIA2EACEPMAHH3U2Y2UXYN266EAA"},
}
