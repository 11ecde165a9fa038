"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import (
    CARD_NUMBER,
    COUPON,
    DEVICE_ID,
    MEMBER_ID,
    PROGRAM_ID,
    STORE_ID,
    TRANSFER_ID,
    VERIFICATION_ID,
    VISIT,
    Example,
    make_page,
)

_CONSENTS = [
    {"purpose": "location", "granted": True, "text_version": "2026-10"},
    {"purpose": "push", "granted": True, "text_version": "2026-10"},
]
_QUIET_HOURS = {
    "own": {"start": "20:00:00", "end": "10:00:00"},
    "program": {"start": "21:00:00", "end": "08:00:00"},
}
_DEVICE_TOKEN = "nrnd_AZqlxHsefQOKUS9snmC01NBmqXEe39gsiHTOBHFyvX8wu6LgN3yyoc0IpGZn"
_MEMBER = {
    "member_id": MEMBER_ID,
    "state": "active",
    "locale": "ja",
    "location_consent": True,
    "push_consent": True,
    "profiling_consent": True,
    "email_consent": True,
    "sms_consent": False,
    "voice_consent": False,
    "verified_at": "2026-10-12T03:30:00Z",
    "enrolled_store_id": STORE_ID,
    "created_at": "2026-10-12T03:25:00Z",
}
_LISTED = _MEMBER | {"name": "佐藤 花子", "kana": "サトウ ハナコ", "card_number": CARD_NUMBER}
_ME = {
    "member_id": MEMBER_ID,
    "device_id": DEVICE_ID,
    "locale": "ja",
    "app_version": "3.2.1",
    "consents": [each | {"source": "app", "at": "2026-10-12T03:25:00Z"} for each in _CONSENTS],
    "created_at": "2026-10-12T03:25:00Z",
    "phone": "+819012345678",
    "email": None,
    "is_email_asked": False,
    "erases_at": None,
}
_STORE = {
    "id": STORE_ID,
    "name": "Kissa Sakura Shinjuku",
    "address": "東京都新宿区新宿3-38-1",
    "phone": "03-1234-5678",
    "location": {"lat": 35.6896, "lon": 139.7006},
    "time_zone": "Asia/Tokyo",
    "opening_hours": {"mon": [["07:30:00", "22:00:00"]], "fri": [["07:30:00", "14:00:00"], ["17:00:00", "02:00:00"]]},
    "is_open": True,
    "closed_at": None,
}
_TRANSFER = {
    "id": TRANSFER_ID,
    "kind": "phone",
    "opened_at": "2026-10-12T03:27:00Z",
    "expires_at": "2026-11-11T03:27:00Z",
    "ways": ["email", "card_code", "last_visit"],
    "answers_left": 5,
    "completes_at": None,
}
_THIS_MEMBER = {
    "member_id": MEMBER_ID,
    "device_id": DEVICE_ID,
    "device_token": None,
    "transfer": None,
    "is_number_needed": False,
}
_SETTINGS = {
    "phone_region": "JP",
    "join_url": "https://app.kissa.example/join",
    "app_check_project": None,
    "code_hour_cap": 500,
    "code_day_cap": 3000,
    "allow_browsers": False,
}

_LOOKED_UP = {"kind": "phone", "value": "090-1234-5678"}
_ON_THE_LIST = {
    "is_suppressed": True,
    "suppressions": [
        {"channel": "sms", "reason": "staff", "at": "2026-11-28T09:00:00Z"},
        {"channel": "voice", "reason": "staff", "at": "2026-11-28T09:00:00Z"},
    ],
    "key": "5f0c1a9be27d4433",
}

_OWN_DEVICE = {
    "id": DEVICE_ID,
    "platform": "web",
    "app_version": None,
    "created_at": "2026-10-12T03:25:00Z",
    "last_seen_at": "2026-11-28T09:00:00Z",
    "is_this": True,
    "holds_card": True,
}

EXAMPLES: Mapping[str, Example] = {
    "listMyDevices": Example(answer={"items": [_OWN_DEVICE]}),
    "findSuppressions": Example(request=_LOOKED_UP, answer=_ON_THE_LIST),
    "suppressContact": Example(request=_LOOKED_UP | {"reason": "asked"}, answer=_ON_THE_LIST),
    "liftSuppressions": Example(
        request=_LOOKED_UP | {"reason": "mistake"}, answer=_ON_THE_LIST | {"is_suppressed": False, "suppressions": []}
    ),
    "resolveInvitation": Example(
        answer={
            "program": "kissa-sakura",
            "program_name": "Kissa Sakura",
            "store_id": STORE_ID,
            "store_name": "Shinjuku",
            "expires_at": "2026-11-22T09:00:00Z",
        }
    ),
    "getEnrolmentSettings": Example(answer=_SETTINGS),
    "updateEnrolmentSettings": Example(
        request={"phone_region": "JP", "join_url": "https://app.kissa.example/join"}, answer=_SETTINGS
    ),
    "getEnrolmentLink": Example(
        answer={"url": f"https://app.kissa.example/join?program=kissa-sakura&store={STORE_ID}"}
    ),
    "resolveEnrolmentLink": Example(
        answer={
            "program": "kissa-sakura",
            "program_name": "Kissa Sakura",
            "store_id": STORE_ID,
            "store_name": "Kissa Sakura Shinjuku",
        }
    ),
    "enrolMember": Example(
        request={
            "program": "kissa-sakura",
            "platform": "ios",
            "app_version": "3.2.1",
            "locale": "ja",
            "consents": _CONSENTS,
        },
        answer={
            "member_id": MEMBER_ID,
            "device_id": DEVICE_ID,
            "device_token": _DEVICE_TOKEN,
            "card": {"number": CARD_NUMBER},
        },
    ),
    "listMembers": Example(answer=make_page(_LISTED)),
    "findMembers": Example(request={"text": "さとう"}, answer=make_page(_LISTED)),
    "blockMember": Example(answer=_MEMBER | {"program_id": PROGRAM_ID, "state": "blocked"}),
    "unblockMember": Example(answer=_MEMBER | {"program_id": PROGRAM_ID}),
    "getMe": Example(answer=_ME),
    "updateConsents": Example(request={"consents": _CONSENTS}, answer=_ME),
    "listMyCoupons": Example(answer=make_page(COUPON)),
    "getMyCoupon": Example(answer=COUPON),
    "listMyStores": Example(answer=make_page(_STORE)),
    "getMyStore": Example(answer=_STORE),
    "findMyNearestStores": Example(
        request={"lat": 35.6901, "lon": 139.7003, "limit": 5}, answer={"items": [{"store": _STORE, "distance_m": 62.3}]}
    ),
    "listMyVisits": Example(answer=make_page(VISIT)),
    "startVerification": Example(
        request={"kind": "phone", "value": "090-1234-5678"},
        answer={
            "id": VERIFICATION_ID,
            "kind": "phone",
            "expires_at": "2026-10-12T03:35:00Z",
            "resend_at": "2026-10-12T03:26:00Z",
        },
    ),
    "confirmVerification": Example(
        request={"code": "123 456"},
        answer=_THIS_MEMBER | {"transfer": _TRANSFER},
    ),
    "removeMyContact": Example(request={"kind": "phone", "code_id": VERIFICATION_ID, "proof_code": "123 456"}),
    "permitContactChange": Example(
        request={"verified_by": "identity_document"}, answer={"code": "012345", "expires_at": "2026-10-12T03:35:00Z"}
    ),
    "removeMemberContact": Example(request={"kind": "phone", "verified_by": "contact_answered"}),
    "claimCard": Example(
        request={"number": "2000 0000 0001 7"},
        answer=_THIS_MEMBER | {"device_token": _DEVICE_TOKEN},
    ),
    "listTransfers": Example(
        answer={
            "asked": [_TRANSFER],
            "against": [
                {
                    "id": TRANSFER_ID,
                    "kind": "phone",
                    "opened_at": "2026-10-12T03:27:00Z",
                    "completes_at": "2026-10-19T03:27:00Z",
                }
            ],
        }
    ),
    "sendTransferCode": Example(
        request={"kind": "email"},
        answer={
            "id": VERIFICATION_ID,
            "kind": "email",
            "expires_at": "2026-10-12T03:38:00Z",
            "resend_at": "2026-10-12T03:29:00Z",
        },
    ),
    "proveTransfer": Example(
        request={"code_id": VERIFICATION_ID, "code": "123 456"}, answer=_THIS_MEMBER | {"device_token": _DEVICE_TOKEN}
    ),
    "completeTransfer": Example(answer=_THIS_MEMBER | {"device_token": _DEVICE_TOKEN}),
    "objectByCode": Example(request={"code": "MFRG-GZDF-MZTW-Q2LK"}),
    "updateDevice": Example(request={"locale": "en", "language": "zh-Hant", "app_version": "3.3.0"}),
    "getMyQuietHours": Example(answer=_QUIET_HOURS),
    "setMyQuietHours": Example(request={"own": {"start": "20:00", "end": "10:00"}}, answer=_QUIET_HOURS),
    "setPushToken": Example(request={"token": "d4Tz0…:APA91b…", "kind": "registration"}),
    "rotateDeviceToken": Example(answer={"device_token": _DEVICE_TOKEN}),
    "getLocateToken": Example(answer={"locate_token": "nrnl_AZqlxHsefQOKUS9snmC01NBmqXEe39gsQOKRQzAGiHTRx4HXNh"}),
}
