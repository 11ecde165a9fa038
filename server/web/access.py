"""Who may call what: the one table. A route that is not in it does not start; a test calls every route as everybody."""

from typing import Literal

Role = Literal[
    "anyone",
    "owner",
    "store_manager",
    "till",
    "device",
    "device_in_batch",
    "merged_device",
    "blocked_device",
    "operator",
    "apple_pass",
]

ANYONE: frozenset[Role] = frozenset({"anyone"})
OWNER: frozenset[Role] = frozenset({"owner"})
STAFF: frozenset[Role] = frozenset({"owner", "store_manager"})
TILL: frozenset[Role] = frozenset({"till"})
DEVICE: frozenset[Role] = frozenset({"device"})
# The flow itself checks the token (the device's or a locate token), in the batch's own read of the presences: no
# look-up a request (DESIGN 3.8).
DEVICE_IN_BATCH: frozenset[Role] = frozenset({"device_in_batch"})
# The answer that gives a phone its new token may get lost, and by then the one that it has is dead. With that one it
# still gets this answer, for as long as the Idempotency-Key's record lasts, and nothing else.
CONFIRMING: frozenset[Role] = frozenset({"device", "merged_device"})
# Whoever shows the token that is in the pass of the path: a phone's wallet.
APPLE_PASS: frozenset[Role] = frozenset({"apple_pass"})
# A blocked member's data is theirs too.
OWN_DATA: frozenset[Role] = frozenset({"device", "blocked_device"})
# A scraper that shows NOREN_METRICS_TOKEN; without that setting, one on the same machine.
OPERATOR: frozenset[Role] = frozenset({"operator"})

# A store manager sees and changes only what belongs to their stores: the controllers narrow every query by
# `scope_of`. A device sees only its own member, a till acts only at its own store.
ROUTES: dict[tuple[str, str], frozenset[Role]] = {
    ("GET", "/health/live"): ANYONE,
    ("GET", "/health/ready"): ANYONE,
    ("GET", "/metrics"): OPERATOR,
    ("POST", "/v1/sessions"): ANYONE,
    ("DELETE", "/v1/sessions/current"): STAFF,
    ("PUT", "/v1/sessions/current/password"): STAFF,
    ("GET", "/v1/program"): STAFF,
    ("PATCH", "/v1/program"): OWNER,
    ("GET", "/v1/program/points"): OWNER,
    ("PUT", "/v1/program/points"): OWNER,
    ("GET", "/v1/program/stamp-cards"): OWNER,
    ("PUT", "/v1/program/stamp-cards"): OWNER,
    ("GET", "/v1/program/ranks"): OWNER,
    ("PUT", "/v1/program/ranks"): OWNER,
    ("GET", "/v1/program/google-wallet"): OWNER,
    ("PUT", "/v1/program/google-wallet"): OWNER,
    ("GET", "/v1/audit"): OWNER,
    ("GET", "/v1/staff"): OWNER,
    ("POST", "/v1/staff"): OWNER,
    ("GET", "/v1/staff/{staff_id}"): OWNER,
    ("PUT", "/v1/staff/{staff_id}"): OWNER,
    ("DELETE", "/v1/staff/{staff_id}"): OWNER,
    ("PUT", "/v1/staff/{staff_id}/password"): OWNER,
    ("GET", "/v1/stores"): STAFF,
    ("POST", "/v1/stores"): OWNER,
    ("GET", "/v1/stores/{store_id}"): STAFF,
    ("PUT", "/v1/stores/{store_id}"): STAFF,
    ("DELETE", "/v1/stores/{store_id}"): OWNER,
    ("GET", "/v1/stores/{store_id}/transitions"): STAFF,
    ("GET", "/v1/stores/{store_id}/scans"): STAFF,
    ("GET", "/v1/geofences"): STAFF,
    ("POST", "/v1/geofences"): STAFF,
    ("GET", "/v1/geofences/export"): OWNER,
    ("POST", "/v1/geofences/import"): OWNER,
    ("GET", "/v1/geofences/{geofence_id}"): STAFF,
    ("PUT", "/v1/geofences/{geofence_id}"): STAFF,
    ("DELETE", "/v1/geofences/{geofence_id}"): STAFF,
    ("GET", "/v1/tills"): STAFF,
    ("POST", "/v1/tills"): STAFF,
    ("POST", "/v1/tills/{till_id}/key"): STAFF,
    ("DELETE", "/v1/tills/{till_id}"): STAFF,
    ("GET", "/v1/card-keys"): OWNER,
    ("POST", "/v1/card-keys"): OWNER,
    ("DELETE", "/v1/card-keys/{key_id}"): OWNER,
    ("GET", "/v1/campaigns"): STAFF,
    ("POST", "/v1/campaigns"): STAFF,
    ("GET", "/v1/campaigns/{campaign_id}"): STAFF,
    ("PUT", "/v1/campaigns/{campaign_id}"): STAFF,
    ("GET", "/v1/campaigns/{campaign_id}/report"): STAFF,
    ("GET", "/v1/program/enrolment"): OWNER,
    ("PUT", "/v1/program/enrolment"): OWNER,
    ("GET", "/v1/stores/{store_id}/enrolment-link"): STAFF,
    ("GET", "/v1/stores/{store_id}/enrolment-link.svg"): STAFF,
    ("GET", "/v1/enrolment-links/{store_id}"): ANYONE,
    ("GET", "/v1/program/visits"): OWNER,
    ("PUT", "/v1/program/visits"): OWNER,
    ("GET", "/v1/members/{member_id}/visits"): OWNER,
    ("GET", "/v1/stores/{store_id}/check-in-code"): STAFF,
    ("GET", "/v1/stores/{store_id}/check-in-code.svg"): STAFF,
    ("GET", "/v1/stores/{store_id}/check-in-code.png"): STAFF,
    ("POST", "/v1/stores/{store_id}/check-in-code/renew"): STAFF,
    ("POST", "/v1/stores/{store_id}/display-key"): STAFF,
    ("POST", "/v1/me/visits"): DEVICE,
    ("POST", "/v1/scans/undo"): TILL,
    ("GET", "/v1/members"): OWNER,
    ("POST", "/v1/members"): ANYONE,
    ("POST", "/v1/members/{member_id}/block"): OWNER,
    ("POST", "/v1/members/{member_id}/unblock"): OWNER,
    ("DELETE", "/v1/members/{member_id}/card-key"): OWNER,
    ("POST", "/v1/members/{member_id}/data-codes"): OWNER,
    ("POST", "/v1/members/{member_id}/export"): OWNER,
    ("POST", "/v1/members/{member_id}/erasure"): OWNER,
    ("GET", "/v1/members/{member_id}/summary"): OWNER,
    ("GET", "/v1/members/{member_id}/points"): OWNER,
    ("POST", "/v1/points/adjustments"): OWNER,
    ("GET", "/v1/me"): DEVICE,
    ("DELETE", "/v1/me"): DEVICE,
    ("POST", "/v1/me/verifications"): DEVICE,
    ("POST", "/v1/me/verifications/{verification_id}/confirm"): CONFIRMING,
    ("POST", "/v1/me/data-codes"): OWN_DATA,
    ("POST", "/v1/me/export"): OWN_DATA,
    ("POST", "/v1/me/erasure"): OWN_DATA,
    ("GET", "/v1/me/summary"): DEVICE,
    ("GET", "/v1/me/points"): DEVICE,
    ("GET", "/v1/me/stamps"): DEVICE,
    ("GET", "/v1/me/rank"): DEVICE,
    ("PUT", "/v1/me/consents"): DEVICE,
    ("GET", "/v1/me/card"): DEVICE,
    ("GET", "/v1/me/card.svg"): DEVICE,
    ("GET", "/v1/me/card.png"): DEVICE,
    ("POST", "/v1/me/card/key"): DEVICE,
    ("DELETE", "/v1/me/card/key"): DEVICE,
    ("GET", "/v1/me/card/certificate"): DEVICE,
    ("POST", "/v1/me/card/totp"): DEVICE,
    ("GET", "/v1/me/card.pkpass"): DEVICE,
    ("POST", "/v1/me/card/google-wallet"): DEVICE,
    ("GET", "/v1/me/coupons"): DEVICE,
    ("GET", "/v1/me/visits"): DEVICE,
    ("PATCH", "/v1/me/device"): DEVICE,
    ("DELETE", "/v1/me/device"): DEVICE,
    ("PUT", "/v1/me/device/push-token"): DEVICE,
    ("DELETE", "/v1/me/device/push-token"): DEVICE,
    ("POST", "/v1/me/device/token"): DEVICE,
    ("POST", "/v1/me/device/locate-token"): DEVICE,
    ("POST", "/v1/me/geofences/nearest"): DEVICE,
    ("POST", "/v1/locations"): DEVICE_IN_BATCH,
    ("POST", "/v1/clients/transistorsoft"): DEVICE_IN_BATCH,
    ("POST", "/v1/clients/owntracks"): DEVICE_IN_BATCH,
    ("POST", "/v1/scans"): TILL,
    ("POST", "/v1/scans/offline"): TILL,
    ("GET", "/v1/till/offline-verification"): TILL,
    ("POST", "/v1/redemptions"): TILL,
    ("POST", "/v1/purchases"): TILL,
    ("POST", "/v1/refunds"): TILL,
    ("POST", "/v1/points/spend"): TILL,
    ("POST", "/v1/points/void"): TILL,
    ("POST", "/apple-wallet/v1/devices/{device_library_id}/registrations/{pass_type}/{serial}"): APPLE_PASS,
    ("DELETE", "/apple-wallet/v1/devices/{device_library_id}/registrations/{pass_type}/{serial}"): APPLE_PASS,
    ("GET", "/apple-wallet/v1/devices/{device_library_id}/registrations/{pass_type}"): ANYONE,
    ("GET", "/apple-wallet/v1/passes/{pass_type}/{serial}"): APPLE_PASS,
    ("POST", "/apple-wallet/v1/log"): ANYONE,
}

# Litestar's own pages: the API's description.
OPEN_PREFIXES = ("/docs",)
