"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import (
    CAMPAIGN_ID,
    GEOFENCE_ID,
    MEMBER_ID,
    PROGRAM_ID,
    SCAN_ID,
    STAFF_ID,
    STORE_ID,
    TILL_ID,
    Example,
    Json,
    make_page,
)

_PROGRAM = {
    "id": PROGRAM_ID,
    "code": "kissa-sakura",
    "name": "Kissa Sakura",
    "default_locale": "ja",
    "time_zone": "Asia/Tokyo",
    "created_at": "2026-10-01T01:00:00Z",
    "version": 3,
}
_CARD = {
    "colour": "#7a3b2e",
    "terms": {"ja": "https://kissa.example/kiyaku", "en": "https://kissa.example/terms"},
    "privacy_url": "https://kissa.example/privacy",
}
_MESSAGE_RULES = {
    "quiet_hours": {"start": "21:00:00", "end": "08:00:00"},
    "day_cap": 5,
    "week_cap": 15,
    "day_quota": None,
    "phones": "latest",
    "version": 3,
}
_STAFF_MEMBER = {
    "id": STAFF_ID,
    "program_id": PROGRAM_ID,
    "email": "shinjuku@example.com",
    "name": "Sato Yui",
    "role": "store_manager",
    "store_ids": [STORE_ID],
    "created_at": "2026-10-01T01:05:00Z",
    "disabled_at": None,
}
_STORE_CHANGE = {
    "name": "Kissa Sakura Shinjuku",
    "time_zone": "Asia/Tokyo",
    "address": "東京都新宿区新宿3-38-1",
    "phone": "03-1234-5678",
    "location": {"lat": 35.6896, "lon": 139.7006},
    "opening_hours": {"mon": [["07:30", "22:00"]], "fri": [["07:30", "14:00"], ["17:00", "02:00"]]},
    "day_start_hour": 4,
    "store_groups": ["Kanto"],
}
_STORE = {
    "id": STORE_ID,
    "program_id": PROGRAM_ID,
    "code": "shinjuku-1",
    "name": "Kissa Sakura Shinjuku",
    "time_zone": "Asia/Tokyo",
    "address": "東京都新宿区新宿3-38-1",
    "phone": "03-1234-5678",
    "location": {"lat": 35.6896, "lon": 139.7006},
    "opening_hours": {"mon": [["07:30:00", "22:00:00"]], "fri": [["07:30:00", "14:00:00"], ["17:00:00", "02:00:00"]]},
    "day_start_hour": 4,
    "store_groups": ["Kanto"],
    "created_at": "2026-10-01T01:10:00Z",
    "closed_at": None,
}
_CIRCLE = {"lat": 35.6896, "lon": 139.7006, "radius_m": 80}
_GEOFENCE_CHANGE = {"name": "Front door", "circle": _CIRCLE}
_GEOFENCE = {
    "id": GEOFENCE_ID,
    "store_id": STORE_ID,
    "name": "Front door",
    "kind": "circle",
    "circle": _CIRCLE,
    "area": None,
    "radius_m": 80,
    "exit_margin_m": 25,
    "exit_confirm_s": 120,
    "exit_confirm_fixes": 2,
    "dwell_s": 300,
    "report_crossings": False,
}
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
_TILL = {
    "id": TILL_ID,
    "program_id": PROGRAM_ID,
    "store_id": STORE_ID,
    "name": "Till 1",
    "created_at": "2026-10-01T01:20:00Z",
    "revoked_at": None,
}
_KEYED_TILL = {
    "id": TILL_ID,
    "store_id": STORE_ID,
    "name": "Till 1",
    "key": "nrnt_AaIARJ0wfGiOGz9afJ0uBDX-fsb7hS0Y5V-KAG5Ls9jDqrnj8kEmSWQGiHTUD-3E",
}
_PAIRING_CODE = "nrnc_AaIARJ0wfGiOGz9afJ0uBDX-fsb7hS0Y5V-KAG5Ls9jDqrnj8kEmSWQGiHTUD-3E"
_TRANSITION = {
    "id": "019aa5c4-7e55-7a20-8f13-b6d9c4e2a071",
    "member_id": MEMBER_ID,
    "store_id": STORE_ID,
    "geofence_id": GEOFENCE_ID,
    "kind": "enter",
    "cause": "fix",
    "minutes": None,
    "event_at": "2026-11-21T09:00:00Z",
    "received_at": "2026-11-21T09:00:02Z",
    "decisions": {CAMPAIGN_ID: "issued"},
}
_SCAN: Json = {
    "id": SCAN_ID,
    "member_id": MEMBER_ID,
    "store_id": STORE_ID,
    "business_day": "2026-11-21",
    "kind": "rotating_code",
    "at": "2026-11-21T09:04:10Z",
    "trust": "high",
    "doubts": [],
    "undone_at": None,
    "decisions": {},
}
_AUDIT_ENTRY = {
    "id": "019aa5c4-8a01-7c3e-9d42-e5f7a1b3c086",
    "actor": f"staff:{STAFF_ID}",
    "action": "PUT /v1/stores/{store_id}",
    "target": STORE_ID,
    "at": "2026-11-20T02:30:00Z",
}

_DEAD_LETTER = {
    "id": "019aa5c4-8a01-7c3e-9d42-e5f7a1b3c0a1",
    "member_id": MEMBER_ID,
    "channel": "push",
    "campaign_id": CAMPAIGN_ID,
    "coupon_id": "019aa5c4-8a01-7c3e-9d42-e5f7a1b3c0a2",
    "reason": "unregistered",
    "attempts": 1,
    "created_at": "2026-11-21T09:04:12Z",
    "resendable_until": "2026-11-28T14:59:59Z",
}

EXAMPLES: Mapping[str, Example] = {
    "getCardSettings": Example(answer=_CARD),
    "updateCardSettings": Example(request=_CARD, answer=_CARD),
    "passSecondFactor": Example(
        request={"challenge": "nrnf_AaIARG9yfRmLBkx-mh0_UlF4eXh6U3RhZmZTZXNzaW8", "code": "287082"},
        answer={
            "token": "nrns_AaIARG9yfRmLBkx-mh0_UlF4eXh6U3RhZmZTZXNzaW9uRXhhbXBsZVRva2Vu",
            "expires_at": "2026-11-21T21:00:00Z",
        },
    ),
    "logIn": Example(
        request={
            "program": "kissa-sakura",
            "email": "owner@example.com",
            "password": "a long sentence is a good password",
        },
        answer={
            "token": "nrns_AaIARG9yfRmLBkx-mh0_UlF4eXh6U3RhZmZTZXNzaW9uRXhhbXBsZVRva2Vu",
            "expires_at": "2026-11-21T21:00:00Z",
        },
    ),
    "requestPasswordReset": Example(
        request={"program": "kissa-sakura", "email": "owner@example.com"},
        answer={"valid_for_s": 1800, "resend_after_s": 60},
    ),
    "confirmPasswordReset": Example(
        request={
            "token": "nrnp_AaIARG9yfRmLBkx-mh0_UlF4eXh6U3RhZmZTZXNzaW8AAAA",
            "password": "a longer sentence is a better one",
        }
    ),
    "changePassword": Example(
        request={"current": "a long sentence is a good password", "new": "a longer sentence is a better one"}
    ),
    "getProgram": Example(answer=_PROGRAM),
    "updateProgram": Example(
        request={"name": "Kissa Sakura", "default_locale": "ja", "time_zone": "Asia/Tokyo"},
        answer=_PROGRAM,
    ),
    "getMessageRules": Example(answer=_MESSAGE_RULES),
    "updateMessageRules": Example(
        request=_MESSAGE_RULES | {"quiet_hours": {"start": "21:00", "end": "08:00"}, "version": None},
        answer=_MESSAGE_RULES,
    ),
    "listDeadLetters": Example(answer=make_page(_DEAD_LETTER)),
    "resendDeadLetters": Example(
        request={"campaign_id": CAMPAIGN_ID, "reason": "unregistered"}, answer={"resent": 7, "has_more": False}
    ),
    "dismissDeadLetters": Example(
        request={"campaign_id": CAMPAIGN_ID, "reason": "unregistered"}, answer={"dismissed": 7, "has_more": False}
    ),
    "listAuditEntries": Example(answer=make_page(_AUDIT_ENTRY)),
    "listStaff": Example(answer=make_page(_STAFF_MEMBER)),
    "createStaffMember": Example(
        request={
            "email": "shinjuku@example.com",
            "name": "Sato Yui",
            "password": "another long sentence to type",
            "role": "store_manager",
            "store_ids": [STORE_ID],
        },
        answer=_STAFF_MEMBER,
    ),
    "getStaffMember": Example(answer=_STAFF_MEMBER),
    "updateStaffMember": Example(
        request={"name": "Sato Yui", "role": "store_manager", "store_ids": [STORE_ID]}, answer=_STAFF_MEMBER
    ),
    "resetStaffPassword": Example(request={"password": "a first sentence to log in with"}),
    "listStores": Example(answer=make_page(_STORE)),
    "createStore": Example(request={"code": "shinjuku-1", **_STORE_CHANGE}, answer=_STORE),
    "findNearestStores": Example(
        request={"lat": 35.6901, "lon": 139.7003}, answer={"items": [{"store": _STORE, "distance_m": 62.3}]}
    ),
    "getStore": Example(answer=_STORE),
    "updateStore": Example(request=_STORE_CHANGE, answer=_STORE),
    "listStoreTransitions": Example(answer=make_page(_TRANSITION)),
    "listMemberTransitions": Example(answer=make_page(_TRANSITION)),
    "listMemberScans": Example(answer=make_page(_SCAN)),
    "listStoreScans": Example(answer=make_page(_SCAN)),
    "listGeofences": Example(answer=make_page(_GEOFENCE)),
    "createGeofence": Example(request={"store_id": STORE_ID, **_GEOFENCE_CHANGE}, answer=_GEOFENCE),
    "getGeofence": Example(answer=_GEOFENCE),
    "updateGeofence": Example(request=_GEOFENCE_CHANGE, answer=_GEOFENCE),
    "importGeofences": Example(
        request={"type": "FeatureCollection", "features": [_FEATURE]},
        answer={
            "stores_created": 1,
            "stores_changed": 0,
            "geofences_created": 1,
            "geofences_changed": 0,
            "unchanged": 0,
            "warnings": [],
            "encoding": "UTF-8",
            "columns": {},
        },
    ),
    "listTills": Example(answer=make_page(_TILL)),
    "createTill": Example(request={"store_id": STORE_ID, "name": "Till 1"}, answer=_KEYED_TILL),
    "replaceTillKey": Example(answer=_KEYED_TILL),
    "createPairingCode": Example(
        answer={
            "code": _PAIRING_CODE,
            "link": f"https://till.kissa.example/till/kissa-sakura/#pair={_PAIRING_CODE}",
            "expires_at": "2026-11-21T09:05:00Z",
        }
    ),
    "pairTill": Example(
        request={"program": "kissa-sakura", "code": _PAIRING_CODE},
        answer=_KEYED_TILL
        | {"program_id": PROGRAM_ID, "store_name": "Kissa Sakura Shinjuku", "time_zone": "Asia/Tokyo"},
    ),
}
