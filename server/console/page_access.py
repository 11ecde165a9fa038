"""Who may open which page: the one table. A page that is not in it does not start. Pure.

A page shows or does what a route of the API does, so it takes that route's row: `as_route("GET", "/v1/staff")`.
"""

from server.web.access import ROUTES
from server.web.roles import ANYONE, OWNER, STAFF, Role


def as_route(method: str, path: str) -> frozenset[Role]:
    return ROUTES[method, path]


# Each theme its own section; the navigation (server/console/navigation.py) reads it too.
PAGES: dict[tuple[str, str], frozenset[Role]] = {
    # before there is a session
    ("GET", "/console/sign-in"): ANYONE,
    ("POST", "/console/sign-in"): ANYONE,
    ("GET", "/console/sign-in/second-factor"): ANYONE,
    ("POST", "/console/sign-in/second-factor"): ANYONE,
    ("GET", "/console/sign-in/passkey"): ANYONE,
    ("POST", "/console/sign-in/passkey"): ANYONE,
    ("GET", "/console/link"): ANYONE,
    ("POST", "/console/link"): ANYONE,
    ("GET", "/console/invitation"): ANYONE,
    ("POST", "/console/invitation"): ANYONE,
    ("GET", "/console/password"): ANYONE,
    ("POST", "/console/password"): ANYONE,
    ("GET", "/console/password/new"): ANYONE,
    ("POST", "/console/password/new"): ANYONE,
    # one's own account
    ("GET", "/console/account"): STAFF,
    ("POST", "/console/account/password"): STAFF,
    ("POST", "/console/account/sessions/end"): STAFF,
    ("POST", "/console/account/sessions/{name}/end"): STAFF,
    ("GET", "/console/account/authenticator"): STAFF,
    ("POST", "/console/account/authenticator"): STAFF,
    ("POST", "/console/account/authenticator/remove"): STAFF,
    ("POST", "/console/account/authenticator/recovery-codes"): STAFF,
    ("GET", "/console/account/passkeys/new"): STAFF,
    ("POST", "/console/account/passkeys/new"): STAFF,
    ("POST", "/console/account/passkeys/remove"): STAFF,
    # every page
    ("GET", "/console"): STAFF,
    ("POST", "/console/sign-out"): STAFF,
    # map
    ("GET", "/console/stores"): as_route("GET", "/v1/stores"),
    ("GET", "/console/stores/new"): as_route("POST", "/v1/stores"),
    ("POST", "/console/stores/new"): as_route("POST", "/v1/stores"),
    ("GET", "/console/stores/{store_id}"): as_route("GET", "/v1/stores/{store_id}"),
    ("POST", "/console/stores/{store_id}"): as_route("PUT", "/v1/stores/{store_id}"),
    ("POST", "/console/stores/{store_id}/close"): as_route("DELETE", "/v1/stores/{store_id}"),
    ("GET", "/console/map"): as_route("GET", "/v1/geofences"),
    ("GET", "/console/map/tiles/{z}/{x}/{y}"): as_route("GET", "/v1/geofences"),
    ("GET", "/console/map/live"): as_route("GET", "/v1/geofences"),
    ("GET", "/console/map/base.pmtiles"): as_route("GET", "/v1/geofences"),
    ("GET", "/console/map/files"): as_route("POST", "/v1/geofences/import"),
    ("POST", "/console/map/files"): as_route("POST", "/v1/geofences/import"),
    ("GET", "/console/map/files/export"): as_route("GET", "/v1/geofences/export"),
    ("GET", "/console/map/fences/new"): as_route("POST", "/v1/geofences"),
    ("POST", "/console/map/fences/new"): as_route("POST", "/v1/geofences"),
    ("POST", "/console/map/preview"): as_route("POST", "/v1/geofences"),
    ("GET", "/console/map/fences/{geofence_id}"): as_route("GET", "/v1/geofences/{geofence_id}"),
    ("POST", "/console/map/fences/{geofence_id}"): as_route("PUT", "/v1/geofences/{geofence_id}"),
    ("POST", "/console/map/fences/{geofence_id}/remove"): as_route("DELETE", "/v1/geofences/{geofence_id}"),
    # campaigns
    ("GET", "/console/campaigns"): as_route("GET", "/v1/campaigns"),
    ("GET", "/console/campaigns/new"): as_route("POST", "/v1/campaigns"),
    ("POST", "/console/campaigns/new"): as_route("POST", "/v1/campaigns"),
    ("POST", "/console/campaigns/draft/sentence"): as_route("POST", "/v1/campaigns"),
    ("POST", "/console/campaigns/draft/form"): as_route("POST", "/v1/campaigns"),
    ("POST", "/console/campaigns/draft/preview"): as_route("POST", "/v1/campaigns/{campaign_id}/preview"),
    ("POST", "/console/campaigns/draft/mail"): as_route("POST", "/v1/campaigns/{campaign_id}/preview"),
    ("GET", "/console/campaigns/{campaign_id}"): as_route("GET", "/v1/campaigns/{campaign_id}"),
    ("GET", "/console/campaigns/{campaign_id}/edit"): as_route("PUT", "/v1/campaigns/{campaign_id}"),
    ("POST", "/console/campaigns/{campaign_id}/edit"): as_route("PUT", "/v1/campaigns/{campaign_id}"),
    ("POST", "/console/campaigns/{campaign_id}/rehearsal"): as_route("POST", "/v1/campaigns/{campaign_id}/rehearse"),
    ("POST", "/console/campaigns/{campaign_id}/test-message"): as_route(
        "POST", "/v1/campaigns/{campaign_id}/test-message"
    ),
    ("POST", "/console/campaigns/{campaign_id}/experiment"): as_route("PUT", "/v1/campaigns/{campaign_id}/experiment"),
    ("POST", "/console/campaigns/{campaign_id}/experiment/end"): as_route(
        "DELETE", "/v1/campaigns/{campaign_id}/experiment"
    ),
    ("POST", "/console/campaigns/{campaign_id}/runs"): as_route("POST", "/v1/campaigns/{campaign_id}/runs"),
    ("POST", "/console/campaigns/{campaign_id}/runs/{run_id}/stop"): as_route(
        "POST", "/v1/campaigns/{campaign_id}/runs/{run_id}/stop"
    ),
    ("POST", "/console/campaigns/{campaign_id}/withdrawal"): as_route("POST", "/v1/campaigns/{campaign_id}/withdrawal"),
    ("POST", "/console/campaigns/{campaign_id}/picture"): as_route("PUT", "/v1/campaigns/{campaign_id}/picture"),
    ("POST", "/console/campaigns/{campaign_id}/picture/removal"): as_route(
        "DELETE", "/v1/campaigns/{campaign_id}/picture"
    ),
    ("POST", "/console/campaigns/{campaign_id}/state"): as_route("PATCH", "/v1/campaigns/{campaign_id}"),
    # posters
    ("GET", "/console/posters"): as_route("GET", "/v1/stores/{store_id}/enrolment-link"),
    ("GET", "/console/posters/colours.css"): as_route("GET", "/v1/stores/{store_id}/enrolment-link"),
    ("GET", "/console/posters/{store_id}"): as_route("GET", "/v1/stores/{store_id}/enrolment-link"),
    ("GET", "/console/posters/{store_id}/{kind}/code.svg"): as_route("GET", "/v1/stores/{store_id}/check-in-code.svg"),
    ("GET", "/console/calendar"): as_route("GET", "/v1/campaigns"),
    ("GET", "/console/audiences"): as_route("GET", "/v1/audiences"),
    ("GET", "/console/audiences/new"): as_route("POST", "/v1/audiences"),
    ("POST", "/console/audiences/new"): as_route("POST", "/v1/audiences"),
    ("POST", "/console/audiences/count"): as_route("POST", "/v1/audiences/count"),
    ("GET", "/console/audiences/{audience_id}"): as_route("GET", "/v1/audiences/{audience_id}"),
    ("POST", "/console/audiences/{audience_id}"): as_route("PUT", "/v1/audiences/{audience_id}"),
    ("POST", "/console/audiences/{audience_id}/removal"): as_route("DELETE", "/v1/audiences/{audience_id}"),
    # results
    ("GET", "/console/overview"): STAFF,
    ("GET", "/console/results"): as_route("GET", "/v1/campaigns"),
    ("GET", "/console/results/campaigns/{campaign_id}"): as_route("GET", "/v1/campaigns/{campaign_id}/results"),
    ("GET", "/console/results/first-timers"): as_route("GET", "/v1/visit-cohorts"),
    ("GET", "/console/results/speed"): as_route("GET", "/v1/program/message-latencies"),
    # members
    ("GET", "/console/members"): as_route("GET", "/v1/members"),
    ("POST", "/console/members/search"): as_route("POST", "/v1/members/search"),
    ("GET", "/console/members/{member_id}"): as_route("GET", "/v1/members/{member_id}/summary"),
    ("GET", "/console/members/{member_id}/profile"): as_route("PATCH", "/v1/members/{member_id}/profile"),
    ("POST", "/console/members/{member_id}/profile"): as_route("PATCH", "/v1/members/{member_id}/profile"),
    ("GET", "/console/members/{member_id}/visits"): as_route("GET", "/v1/members/{member_id}/visits"),
    ("GET", "/console/members/{member_id}/points"): as_route("GET", "/v1/members/{member_id}/points"),
    ("POST", "/console/members/{member_id}/points"): as_route("POST", "/v1/points/adjustments"),
    ("GET", "/console/members/{member_id}/coupons"): as_route("GET", "/v1/members/{member_id}/profile"),
    ("GET", "/console/members/{member_id}/coupons/{coupon_id}"): as_route(
        "POST", "/v1/members/{member_id}/coupons/{coupon_id}/void"
    ),
    ("POST", "/console/members/{member_id}/coupons/{coupon_id}/void"): as_route(
        "POST", "/v1/members/{member_id}/coupons/{coupon_id}/void"
    ),
    ("POST", "/console/members/{member_id}/coupons/{coupon_id}/lift"): as_route(
        "DELETE", "/v1/members/{member_id}/coupons/{coupon_id}/void"
    ),
    ("GET", "/console/members/{member_id}/messages"): as_route("GET", "/v1/members/{member_id}/profile"),
    ("GET", "/console/members/{member_id}/why"): as_route("GET", "/v1/members/{member_id}/profile"),
    ("GET", "/console/members/{member_id}/account"): as_route("POST", "/v1/members/{member_id}/block"),
    ("POST", "/console/members/{member_id}/account/{action}"): as_route("POST", "/v1/members/{member_id}/erasure"),
    ("GET", "/console/members/{member_id}/export"): as_route("POST", "/v1/members/{member_id}/export"),
    ("POST", "/console/members/{member_id}/export"): as_route("POST", "/v1/members/{member_id}/export"),
    ("POST", "/console/members/{member_id}/export/code"): as_route("POST", "/v1/members/{member_id}/data-codes"),
    ("GET", "/console/members/{member_id}/merge"): as_route("POST", "/v1/members/{member_id}/erasure"),
    ("POST", "/console/members/{member_id}/merge"): as_route("POST", "/v1/members/{member_id}/erasure"),
    ("POST", "/console/members/{member_id}/merge/search"): as_route("POST", "/v1/members/search"),
    ("GET", "/console/members/erasures"): as_route("POST", "/v1/members/{member_id}/erasure"),
    ("GET", "/console/coupons"): as_route("POST", "/v1/members/{member_id}/coupons/{coupon_id}/void"),
    ("GET", "/console/coupons/paper"): as_route("GET", "/v1/campaigns/{campaign_id}/paper-codes"),
    ("GET", "/console/coupons/paper/{campaign_id}"): as_route("GET", "/v1/campaigns/{campaign_id}/paper-codes"),
    ("POST", "/console/coupons/paper/{campaign_id}"): as_route("POST", "/v1/campaigns/{campaign_id}/paper-codes"),
    ("POST", "/console/coupons/paper/{campaign_id}/withdrawal"): as_route(
        "POST", "/v1/campaigns/{campaign_id}/paper-codes/withdrawal"
    ),
    ("GET", "/console/coupons/paper/{campaign_id}/codes.csv"): as_route(
        "GET", "/v1/campaigns/{campaign_id}/paper-codes.csv"
    ),
    ("GET", "/console/coupons/paper/{campaign_id}/labels"): as_route(
        "GET", "/v1/campaigns/{campaign_id}/paper-codes.csv"
    ),
    ("POST", "/console/coupons"): as_route("POST", "/v1/members/{member_id}/coupons/{coupon_id}/void"),
    # operations
    ("GET", "/console/staff"): as_route("GET", "/v1/staff"),
    ("POST", "/console/staff"): as_route("POST", "/v1/staff"),
    ("POST", "/console/staff/second-factor"): as_route("PATCH", "/v1/program"),
    ("GET", "/console/staff/{staff_id}"): as_route("GET", "/v1/staff/{staff_id}"),
    ("POST", "/console/staff/{staff_id}"): as_route("PUT", "/v1/staff/{staff_id}"),
    ("POST", "/console/staff/{staff_id}/invitation"): as_route("POST", "/v1/staff"),
    ("POST", "/console/staff/{staff_id}/second-factor"): as_route("PUT", "/v1/staff/{staff_id}/password"),
    ("POST", "/console/staff/{staff_id}/end"): as_route("DELETE", "/v1/staff/{staff_id}"),
    ("GET", "/console/tills"): as_route("GET", "/v1/tills"),
    ("POST", "/console/tills"): as_route("POST", "/v1/tills"),
    ("GET", "/console/tills/{till_id}"): as_route("GET", "/v1/tills"),
    ("POST", "/console/tills/{till_id}/pairing"): as_route("POST", "/v1/tills/{till_id}/pairing-codes"),
    ("POST", "/console/tills/{till_id}/end"): as_route("DELETE", "/v1/tills/{till_id}"),
    ("GET", "/console/audit"): as_route("GET", "/v1/audit"),
    ("GET", "/console/imports"): as_route("GET", "/v1/member-imports"),
    ("POST", "/console/imports"): as_route("POST", "/v1/member-imports"),
    ("GET", "/console/imports/{run_id}"): as_route("GET", "/v1/member-imports/{run_id}"),
    ("POST", "/console/imports/{run_id}/stop"): as_route("POST", "/v1/member-imports/{run_id}/stop"),
    ("GET", "/console/program"): as_route("PATCH", "/v1/program"),
    ("POST", "/console/program"): as_route("PATCH", "/v1/program"),
    ("POST", "/console/program/messages"): as_route("PUT", "/v1/program/messages"),
    ("GET", "/console/usage"): as_route("GET", "/v1/program/phone/spending"),
    ("GET", "/console/health"): OWNER,
    ("GET", "/console/providers"): as_route("GET", "/v1/program/line"),
    ("GET", "/console/providers/{provider}"): as_route("GET", "/v1/program/line"),
    ("POST", "/console/providers/{provider}"): as_route("PUT", "/v1/program/line"),
    ("POST", "/console/providers/{provider}/removal"): as_route("DELETE", "/v1/program/line"),
    ("GET", "/console/dead-letters"): as_route("GET", "/v1/dead-letters"),
    ("POST", "/console/dead-letters/resend"): as_route("POST", "/v1/dead-letters/resend"),
    ("POST", "/console/dead-letters/dismiss"): as_route("POST", "/v1/dead-letters/dismiss"),
}
