"""Good bodies of the telephone's settings and of the suppression list."""

from server.examples import EXAMPLES

_KEYS = dict.fromkeys(("signing_key", "shared_key", "direct_key"), "0123456789abcdef")
# Whatever country the program is in.
_NUMBER = {"kind": "phone", "value": "+81 90-1234-5678"}
PHONE_AND_LIST = {
    "/v1/me/quiet-hours": dict(EXAMPLES["setMyQuietHours"].request or {}),
    "/v1/program/card": dict(EXAMPLES["updateCardSettings"].request or {}),
    "/v1/program/phone": dict(EXAMPLES["updatePhoneSettings"].request or {}) | _KEYS,
    "/v1/suppressions": _NUMBER | {"reason": "asked"},
    "/v1/suppressions/search": _NUMBER,
    "/v1/suppressions/removals": _NUMBER | {"reason": "mistake"},
}
