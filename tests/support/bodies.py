"""Good bodies for every route that takes one, and what can be done to spoil them."""

import copy
import json
from functools import cache
from typing import Any

from devtools.card.phone import ReferencePhone
from kit.clock import utc_now
from kit.sealing import Keyring
from server.description.document import PATH
from server.examples import EXAMPLES
from server.web.access import ROUTES
from tests.support.databases import SECRET_KEY
from tests.support.pictures import draw_file
from tests.support.setting_bodies import PHONE_AND_LIST
from tests.support.stage import AUDIENCE_TREE, RECEIPT, SPENT_RECEIPT, Stage
from tests.support.world import (
    DOOR,
    POINT_RULES,
    Caller,
    Json,
    campaign_body,
    fix,
    geofence_body,
    member_body,
    store_body,
)
from visits.store_codes import make_printed_code

Route = tuple[str, str]
# Of the owner whom `caller_of` gives.
PASSWORD = "correct-horse"
BASKET = {
    "receipt": "P-2", "amount": 1100, "items": [{"name": "Coffee", "quantity": 2, "amount": 1100, "code": "4901"}],
}  # fmt: skip
_NOBODYS = "019aa5c4-a3d2-7e11-8c40-5b7f3d1e9a26"
_TWO_CODES = {"code_id": _NOBODYS, "code": "123456", "second_code_id": _NOBODYS, "second_code": "123456"}
SQUARE = [[139.70, 35.68], [139.71, 35.68], [139.71, 35.69], [139.70, 35.69], [139.70, 35.68]]

# They take what is good of a body and count the rest; tests/clients has the clients' own.
UPLOADS = {("POST", f"/v1/{path}") for path in ("locations", "clients/owntracks", "clients/transistorsoft")}
# Their body is a file; its faults stand in tests/server/backoffice/test_chains.py, campaigns/test_pictures.py,
# moving_in/ and rehearsals/test_traces.py.
PICTURES = {("PUT", "/v1/campaigns/{campaign_id}/picture")}
# A good one for them.
MEMBER_FILE = "会員番号,氏名\nK0000001,佐藤 花子\n".encode()
MEMBER_FILES = {("POST", "/v1/member-imports")}
TRACE = b"recorded_at,lat,lon\n2026-11-28T12:00:00+09:00,35.69,139.70\n"
TRACES = {("POST", "/v1/campaigns/{campaign_id}/rehearse-trace")}
TABLES = MEMBER_FILES | TRACES
FILES = {("POST", "/v1/geofences/import")} | PICTURES | TABLES

# They answer for each item by itself; tests/server/credentials/test_card_codes.py has their faults.
REPORTS = {("POST", "/v1/scans/offline"), ("POST", "/v1/redemptions/offline"), ("POST", "/v1/me/message-events")}

# Apple may add fields, and a line of a log may be anything; tests/server/wallets/test_apple_wallet.py has their faults.
_APPLE = "/apple-wallet/v1"
WALLETS = {
    ("POST", f"{_APPLE}/devices/{{device_library_id}}/registrations/{{pass_type}}/{{serial}}"),
    ("POST", f"{_APPLE}/log"),
}


# A body of theirs may be empty: what is missing depends on the member.
WHOLLY_OPTIONAL = {
    ("POST", "/v1/campaigns/{campaign_id}/rehearse"),
    ("POST", "/v1/campaigns/{campaign_id}/preview"),
    ("POST", "/v1/campaigns/{campaign_id}/test-message"),
    ("POST", "/v1/campaigns/{campaign_id}/runs"),
    ("POST", "/v1/members/list.csv"),
    ("POST", "/v1/me/export"),
    ("POST", "/v1/me/erasure"),
    ("POST", "/v1/me/transfers/{transfer_id}/prove"),
    ("POST", "/v1/members/{member_id}/data-codes"),
    ("PATCH", "/v1/members/{member_id}/profile"),
    ("PATCH", "/v1/me/profile"),
    ("PATCH", "/v1/attributes/{key}"),
    ("PATCH", "/v1/program"),
    ("PUT", "/v1/program/card"),
    ("PATCH", "/v1/campaigns/{campaign_id}"),
}


_PROFILE: Json = {
    "name": "佐藤 花子",
    "kana": "サトウ ハナコ",
    "nickname": "はな",
    "birthday": {"year": 1996, "month": 2, "day": 29},
    "gender": "female",
    "postal_code": "160-0022",
    "prefecture": 13,
    "city": "新宿区",
    "job": "employee",
    "income_band": "4m_to_6m",
    "time_zone": "Asia/Tokyo",
    "locale": "ja",
    "attributes": {"shoe_size": 24.5},
    "version": 0,
}


@cache
def read_document() -> Json:
    """The OpenAPI document, read once, to be looked at only."""
    document: Json = json.loads(PATH.read_text(encoding="utf-8"))
    return document


@cache
def read_operations() -> dict[Route, Any]:
    """The operations of the OpenAPI document."""
    paths = read_document()["paths"]
    return {(method.upper(), path): operation for path, item in paths.items() for method, operation in item.items()}


def routes_with_body() -> list[Route]:
    """As the OpenAPI document has them."""
    return [route for route, operation in read_operations().items() if "requestBody" in operation]


def example_of(operation_id: str) -> Json:
    """A copy of the operation's example of a request."""
    return copy.deepcopy(dict(EXAMPLES[operation_id].request or {}))


def good_body(stage: Stage, route: Route) -> Any:
    """With every field that the body can have."""
    method, path = route
    if route in PICTURES:
        return draw_file("PNG")
    if route in TABLES:
        return TRACE if route in TRACES else MEMBER_FILE
    if (method == "PUT" and "{" in path) or route == ("PATCH", "/v1/campaigns/{campaign_id}"):
        body = _fuller(path.split("/{")[0], stage.change(path)) if path.endswith("}") else stage.change(path)
        # What a stage has was made without caps, and none can be given to it.
        return {name: value for name, value in body.items() if not name.endswith("cap")}
    store_id = str(stage.store_id)
    scan = {"member_id": str(stage.member.id), "scan_id": str(stage.scan_id)}
    of_reservation = {"member_id": str(stage.member.id), "reservation_id": str(stage.scan_id)}
    bodies: dict[str, Json] = {
        "/v1/sessions": {"program": stage.chain.code, "email": stage.manager.email, "password": "not theirs"},
        "/v1/password-resets": {"program": stage.chain.code, "email": "nobody@example.com"},
        "/v1/password-resets/confirmation": {"token": "nrnp_" + "A" * 43, "password": "a newer one"},
        "/v1/till-pairings": {"program": stage.chain.code, "code": "nrnc_" + "A" * 64},
        "/v1/sessions/second-factor": {"challenge": "nrnf_" + "A" * 43, "code": "123456"},
        "/v1/sessions/current/password": {"current": PASSWORD, "new": "a newer one"},
        "/v1/program": {"name": "Kissa Sakura", "default_locale": "en", "time_zone": "Asia/Tokyo"},
        "/v1/staff": {"email": "x@example.com", "name": "X", "password": "long enough", "role": "store_manager"}
        | {"store_ids": [store_id]},
        "/v1/stores": store_body(),
        "/v1/stores/nearest": example_of("findNearestStores") | {"limit": 5},
        "/v1/me/stores/nearest": DOOR | {"limit": 5, "coupon_id": str(stage.coupon_id)},
        "/v1/members/search": {"card_number": stage.member.card_number},
        "/v1/members/{member_id}/profile": _PROFILE,
        "/v1/me/profile": _PROFILE,
        "/v1/attributes": example_of("createAttribute"),
        "/v1/attributes/{key}": example_of("updateAttribute"),
        "/v1/geofences": geofence_body(store_id),
        "/v1/geofences/import": example_of("importGeofences"),
        "/v1/tills": {"store_id": store_id, "name": "Till"},
        "/v1/campaigns": campaign_body(store_ids=[store_id]),
        "/v1/audiences": {"name": "Regulars", "tree": AUDIENCE_TREE},
        "/v1/audiences/count": {"tree": AUDIENCE_TREE},
        "/v1/campaigns/{campaign_id}/explain": {"member_id": str(stage.member.id), "store_id": store_id, "hours": 2},
        "/v1/campaigns/{campaign_id}/rehearse": {"days": 7},
        "/v1/campaigns/{campaign_id}/preview": {"language": "ja", "store_id": store_id},
        "/v1/campaigns/{campaign_id}/test-message": {"language": "ja"},
        "/v1/campaigns/{campaign_id}/runs": {"speed": {"kind": "now"}},
        "/v1/program/holdout": {"percent": 0},
        "/v1/campaigns/{campaign_id}/withdrawal": {"unused_coupons": 9, "reason": {"ja": "誤り", "en": "a mistake"}},
        "/v1/dead-letters/resend": {"ids": [_NOBODYS], "reason": "unregistered"},
        "/v1/dead-letters/dismiss": {"ids": [_NOBODYS], "reason": "unregistered"},
        "/v1/program/messages": example_of("updateMessageRules") | {"day_quota": 100_000},
        "/v1/program/mail": example_of("updateMailSettings"),
        **PHONE_AND_LIST,
        "/v1/call-numbers": {"number": "+815011112222", "store_id": store_id, "poster": "Window"},
        "/v1/program/enrolment": example_of("updateEnrolmentSettings")
        | {"phone_region": "US", "app_check_project": "1", "code_hour_cap": 100, "allow_browsers": True},
        "/v1/me/verifications": {"kind": "email", "value": "Hana@Example.com"}
        | {"code_id": _NOBODYS, "proof_code": "123456", "staff_code": "123456"}
        | example_of("eraseMyData"),
        "/v1/me/verifications/{verification_id}/confirm": {"code": "123456"},
        "/v1/me/contact-removals": {"kind": "email", "code_id": _NOBODYS, "proof_code": "123456"}
        | {"staff_code": "123456"}
        | example_of("eraseMyData"),
        "/v1/members/{member_id}/contact-codes": {"verified_by": "card_shown"},
        "/v1/members/{member_id}/contact-removals": {"kind": "email", "verified_by": "card_shown"},
        "/v1/me/transfers/{transfer_id}/codes": {"kind": "email"},
        "/v1/me/transfers/{transfer_id}/prove": example_of("eraseMyData")
        | {"code_id": _NOBODYS, "code": "123456", "last_visit": {"store_id": store_id, "day": "2026-10-12"}},
        "/v1/objections": example_of("objectByCode"),
        "/v1/me/claims": example_of("claimCard"),
        "/v1/me/data-codes": {"purpose": "erasure", "kind": "phone"},
        "/v1/me/export": _TWO_CODES | example_of("eraseMyData"),
        "/v1/me/erasure": _TWO_CODES | example_of("eraseMyData"),
        "/v1/members/{member_id}/data-codes": {"kind": "phone"},
        "/v1/members/{member_id}/export": {"code_id": _NOBODYS, "code": "123456"},
        "/v1/members/{member_id}/erasure": {"verified_by": "legal_order"},
        "/v1/members": member_body(stage.chain.code) | {"store_id": store_id, "invitation": None},
        "/v1/me/consents": {"consents": [{"purpose": "push", "granted": False, "text_version": "2"}]},
        "/v1/me/device": {"locale": "en", "app_version": "3.3.0"},
        "/v1/me/device/push-token": {"token": "address", "kind": "fid"},
        "/v1/me/geofences/nearest": {"fix": fix(DOOR, ago_s=30) | {"mocked": False}},
        "/v1/locations": {"fixes": [fix(DOOR, ago_s=30)]},
        "/v1/me/card/key": ReferencePhone(stage.member.id, stage.member.device_id).registration(),
        "/v1/scans/offline": example_of("reportOfflineScans"),
        "/v1/me/message-events": example_of("reportMessageEvents"),
        "/v1/program/visits": example_of("updateVisitRules"),
        "/v1/me/visits": {
            "code": make_printed_code(Keyring(SECRET_KEY), stage.store_id, 1),
            "fix": fix(DOOR, ago_s=30) | {"mocked": False},
        },
        "/v1/scans/undo": scan,
        "/v1/scans/attributes": scan | {"attributes": {"shoe_size": 24.5}},
        "/v1/scans": {"card": stage.member.card_number, "locale": "en", "purchase": BASKET},
        "/v1/coupons/quote": {"coupons": ["N1K"], "basket": {"lines": [{"unit_price": 450}], "total": 450}},
        "/v1/members/list.csv": {"text": None},
        "/v1/members/{member_id}/coupons/{coupon_id}/void": {"reason": "It was sold on an auction site."},
        "/v1/members/{member_id}/tags": {"tags": ["monitor", "press"]},
        "/v1/member-tags": {"member_ids": [str(stage.member.id)], "add": ["monitor"], "remove": ["press"]},
        "/v1/redemptions": {"coupon": "N1K"},
        "/v1/coupons/claim": scan | {"code": "NOSUCHWORD", "redeem": True},
        "/v1/me/coupon-codes": {"code": "NOSUCHWORD"},
        "/v1/campaigns/{campaign_id}/paper-codes": {"name": "Flyer", "size": 10},
        "/v1/campaigns/{campaign_id}/paper-codes/withdrawal": {"batch_id": store_id},
        "/v1/campaigns/{campaign_id}/paper-codes/cancellation": example_of("cancelPaperCodes"),
        "/v1/reservations": {"coupons": ["N1K"], "basket": {"lines": [{"unit_price": 450}], "total": 450}},
        "/v1/reservations/redeem": of_reservation | {"receipt": "C-1", "amount": 450},
        "/v1/reservations/void": of_reservation,
        "/v1/reservations/refund": of_reservation | {"lines": [{"line": 0, "quantity": 1}]},
        "/v1/redemptions/offline": {"redemptions": [{"coupon": "N1F", "redeemed_at": utc_now().isoformat()}]},
        "/v1/redemptions/undo": {"member_id": str(stage.member.id), "redemption_id": str(stage.scan_id)},
        "/v1/program/points": dict(POINT_RULES),
        "/v1/program/stamp-cards": example_of("updateStampCards"),
        "/v1/program/google-wallet": example_of("updateGoogleWalletDesign"),
        "/v1/program/messenger": example_of("setMessengerPage"),
        "/v1/members/{member_id}/messenger-replies": example_of("replyByMessenger"),
        "/v1/program/line/menus": example_of("setLineMenu"),
        "/v1/program/line": example_of("setLineChannel"),
        "/v1/me/line": example_of("linkMyLineAccount"),
        "/v1/me/line/account-link": example_of("beginLineAccountLink"),
        "/v1/line-sign-ins": example_of("signInByLine") | {"program": stage.chain.code},
        "/v1/program/ranks": example_of("updateRankRules"),
        "/v1/points/adjustments": {"member_id": str(stage.member.id), "points": 5, "reason": "an apology"},
        "/v1/purchases": scan | {"purchase": BASKET, "purchased_at": utc_now().isoformat()},
        "/v1/refunds": {"receipt": RECEIPT, "refund_receipt": "R-1", "amount": 550},
        "/v1/points/spend": scan | {"receipt": "S-2", "points": 5},
        "/v1/points/void": {"receipt": SPENT_RECEIPT},
    }
    return _fuller(path, bodies[path])


def _fuller(path: str, body: Json) -> Json:
    if path == "/v1/stores":
        hours = {"mon": [["09:00:00", "21:00:00"]], "fri": [["18:00:00", "02:00:00"]]}
        shown = {"address": "東京都新宿区新宿3-38-1", "phone": "03-1234-5678"}
        return body | shown | {"opening_hours": hours, "day_start_hour": 5}
    if path == "/v1/geofences":
        leaving = {"exit_margin_m": 30, "exit_confirm_s": 60, "exit_confirm_fixes": 3}
        return body | leaving | {"dwell_s": 600, "report_crossings": True}
    if path == "/v1/campaigns":
        times = {"ends_at": "2027-01-01T00:00:00Z", "quiet_hours": {"start": "21:00:00", "end": "08:00:00"}}
        rules = {
            "frequency": "rolling",
            "every_days": 3,
            "cooldown_s": 7200,
            "hours": [{"weekdays": [1, 2], "start": "14:00", "end": "17:00", "holidays": "exclude"}],
            "except_days": ["2026-12-31"],
            "exclusive_group": "welcome",
            "priority": 10,
            "cap": 1000,
            "store_cap": 500,
            "day_cap": 100,
            "store_day_cap": 50,
            "only_when_open": False,
            "on_first_fix": False,
            "allow_anonymous": False,
            "max_event_age_s": 600,
            "min_trust": "fair",
        }
        offer = {"ja": {"title": "ようこそ {store}", "body": "珈琲を一杯", "terms": "おひとり様一回限り"}}
        messages = {"sms": {"ja": {"text": "{if name}{name}様、{end}{expires}まで"}}, "link": "https://card.example"}
        return body | times | rules | {"coupon_valid_s": 3600, "offer": offer, "messages": messages}
    return body


async def caller_of(stage: Stage, route: Route) -> Caller:
    roles = ROUTES[route]
    if route[1] == "/v1/sessions/current/password":
        return (await stage.chain.add_person("owner", password=PASSWORD)).session
    if "anyone" in roles:
        return stage.chain.world.anyone
    if "apple_pass" in roles:
        return stage.member.wallet
    if "till" in roles:
        return stage.till.at
    return stage.chain.owner if "owner" in roles else stage.member.app
