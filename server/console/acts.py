"""What is done by a page that changes something, by the name that the API has for the same: the audit trail knows one
name for one act, whichever way it came. Pure.
"""

from collections.abc import Mapping

# By the page's method and path; `{action}` and `{provider}`, by which one page does several acts, as what they are.
_STAND_FOR_ACTS = ("action", "provider")
ACTS: Mapping[str, str] = {
    "POST /console/account/password": "PUT /v1/sessions/current/password",
    "POST /console/stores/new": "POST /v1/stores",
    "POST /console/stores/{store_id}": "PUT /v1/stores/{store_id}",
    "POST /console/stores/{store_id}/close": "DELETE /v1/stores/{store_id}",
    "POST /console/map/files": "POST /v1/geofences/import",
    "POST /console/map/fences/new": "POST /v1/geofences",
    "POST /console/map/fences/{geofence_id}": "PUT /v1/geofences/{geofence_id}",
    "POST /console/map/fences/{geofence_id}/remove": "DELETE /v1/geofences/{geofence_id}",
    "POST /console/campaigns/new": "POST /v1/campaigns",
    "POST /console/campaigns/{campaign_id}/edit": "PUT /v1/campaigns/{campaign_id}",
    "POST /console/campaigns/{campaign_id}/rehearsal": "POST /v1/campaigns/{campaign_id}/rehearse",
    "POST /console/campaigns/{campaign_id}/test-message": "POST /v1/campaigns/{campaign_id}/test-message",
    "POST /console/campaigns/{campaign_id}/experiment": "PUT /v1/campaigns/{campaign_id}/experiment",
    "POST /console/campaigns/{campaign_id}/experiment/end": "DELETE /v1/campaigns/{campaign_id}/experiment",
    "POST /console/campaigns/{campaign_id}/runs": "POST /v1/campaigns/{campaign_id}/runs",
    "POST /console/campaigns/{campaign_id}/runs/{run_id}/stop": "POST /v1/campaigns/{campaign_id}/runs/{run_id}/stop",
    "POST /console/campaigns/{campaign_id}/withdrawal": "POST /v1/campaigns/{campaign_id}/withdrawal",
    "POST /console/campaigns/{campaign_id}/picture": "PUT /v1/campaigns/{campaign_id}/picture",
    "POST /console/campaigns/{campaign_id}/picture/removal": "DELETE /v1/campaigns/{campaign_id}/picture",
    "POST /console/campaigns/{campaign_id}/state": "PATCH /v1/campaigns/{campaign_id}",
    "POST /console/audiences/new": "POST /v1/audiences",
    "POST /console/audiences/{audience_id}": "PUT /v1/audiences/{audience_id}",
    "POST /console/audiences/{audience_id}/removal": "DELETE /v1/audiences/{audience_id}",
    "POST /console/members/{member_id}/points": "POST /v1/points/adjustments",
    "POST /console/members/{member_id}/profile": "PATCH /v1/members/{member_id}/profile",
    "POST /console/members/{member_id}/export": "POST /v1/members/{member_id}/export",
    "POST /console/members/{member_id}/export/code": "POST /v1/members/{member_id}/data-codes",
    "POST /console/members/{member_id}/account/block": "POST /v1/members/{member_id}/block",
    "POST /console/members/{member_id}/account/unblock": "POST /v1/members/{member_id}/unblock",
    "POST /console/members/{member_id}/account/stop-card": "DELETE /v1/members/{member_id}/card-key",
    "POST /console/members/{member_id}/account/erase": "POST /v1/members/{member_id}/erasure",
    "POST /console/members/{member_id}/coupons/{coupon_id}/void": (
        "POST /v1/members/{member_id}/coupons/{coupon_id}/void"
    ),
    "POST /console/members/{member_id}/coupons/{coupon_id}/lift": (
        "DELETE /v1/members/{member_id}/coupons/{coupon_id}/void"
    ),
    "POST /console/coupons/paper/{campaign_id}": "POST /v1/campaigns/{campaign_id}/paper-codes",
    "POST /console/coupons/paper/{campaign_id}/withdrawal": "POST /v1/campaigns/{campaign_id}/paper-codes/withdrawal",
    "GET /console/coupons/paper/{campaign_id}/codes.csv": "GET /v1/campaigns/{campaign_id}/paper-codes.csv",
    "GET /console/coupons/paper/{campaign_id}/labels": "GET /v1/campaigns/{campaign_id}/paper-codes.csv",
    "POST /console/staff": "POST /v1/staff",
    "POST /console/staff/{staff_id}": "PUT /v1/staff/{staff_id}",
    "POST /console/staff/{staff_id}/end": "DELETE /v1/staff/{staff_id}",
    "POST /console/tills": "POST /v1/tills",
    "POST /console/tills/{till_id}/pairing": "POST /v1/tills/{till_id}/pairing-codes",
    "POST /console/tills/{till_id}/end": "DELETE /v1/tills/{till_id}",
    "POST /console/imports": "POST /v1/member-imports",
    "POST /console/imports/{run_id}/stop": "POST /v1/member-imports/{run_id}/stop",
    "POST /console/program": "PATCH /v1/program",
    "POST /console/program/messages": "PUT /v1/program/messages",
    "POST /console/providers/line": "PUT /v1/program/line",
    "POST /console/providers/line/removal": "DELETE /v1/program/line",
    "POST /console/providers/phone": "PUT /v1/program/phone",
    "POST /console/providers/mail": "PUT /v1/program/mail",
    "POST /console/providers/messenger": "PUT /v1/program/messenger",
    "POST /console/providers/messenger/removal": "DELETE /v1/program/messenger",
    "POST /console/providers/google_wallet": "PUT /v1/program/google-wallet",
    "POST /console/dead-letters/resend": "POST /v1/dead-letters/resend",
    "POST /console/dead-letters/dismiss": "POST /v1/dead-letters/dismiss",
}


def name_act(method: str, path_template: str, path_params: Mapping[str, object]) -> str:
    """What only pages do keeps the page's own name."""
    page = f"{method} {path_template}"
    for name in _STAND_FOR_ACTS:
        page = page.replace(f"{{{name}}}", str(path_params.get(name, "")))
    return ACTS.get(page, page)
