"""What FCM HTTP v1 accepts and how it refuses, as far as a sender of notifications can notice.

Source: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages and .../rest/v1/ErrorCode
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

MAX_PAYLOAD_BYTES = 4096
MAX_TTL_S = 28 * 24 * 3600
MAX_COLLAPSE_ID_BYTES = 64
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


class Notification(msgspec.Struct, forbid_unknown_fields=True):
    title: str = ""
    body: str = ""
    image: str = ""


class Android(msgspec.Struct, forbid_unknown_fields=True):
    collapse_key: str = ""
    priority: Literal["high", "normal", "HIGH", "NORMAL"] = "normal"
    ttl: Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d{1,9})?s$")] = "2419200s"
    restricted_package_name: str = ""
    data: dict[str, str] = {}
    notification: dict[str, Any] = {}
    fcm_options: dict[str, str] = {}
    direct_boot_ok: bool = False


class Apns(msgspec.Struct, forbid_unknown_fields=True):
    headers: dict[str, str] = {}
    payload: dict[str, Any] = {}
    fcm_options: dict[str, str] = {}


class Message(msgspec.Struct, forbid_unknown_fields=True):
    data: dict[str, str] = {}
    notification: Notification | None = None
    android: Android | None = None
    apns: Apns | None = None
    webpush: dict[str, Any] = {}
    fcm_options: dict[str, str] = {}
    token: str | None = None
    fid: str | None = None
    topic: str | None = None
    condition: str | None = None


class SendRequest(msgspec.Struct, forbid_unknown_fields=True):
    message: Message
    validate_only: bool = False


@dataclass(frozen=True)
class Refusal:
    """One error answer, after `delay_s`. `field` names the offending field of an invalid argument."""

    http_status: int
    status: str
    message: str
    error_code: str | None = None
    field: str | None = None
    retry_after_s: int | None = None
    delay_s: float = 0.0

    def body(self) -> bytes:
        details: list[dict[str, Any]] = []
        if self.error_code:
            details.append({"@type": _FCM_ERROR, "errorCode": self.error_code})
        if self.field:
            violation = {"field": self.field, "description": self.message}
            details.append({"@type": _BAD_REQUEST, "fieldViolations": [violation]})
        error: dict[str, Any] = {"code": self.http_status, "message": self.message, "status": self.status}
        if details:
            error["details"] = details
        return msgspec.json.encode({"error": error})


UNREGISTERED = Refusal(404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED")
SENDER_ID_MISMATCH = Refusal(403, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH")
INVALID_TOKEN = Refusal(
    400,
    "INVALID_ARGUMENT",
    "The registration token is not a valid FCM registration token",
    "INVALID_ARGUMENT",
    "message.token",
)
THIRD_PARTY_AUTH = Refusal(401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service", "THIRD_PARTY_AUTH_ERROR")
QUOTA_EXCEEDED = Refusal(429, "RESOURCE_EXHAUSTED", "Message rate exceeded.", "QUOTA_EXCEEDED", retry_after_s=90)
UNAVAILABLE = Refusal(503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE")
INTERNAL = Refusal(500, "INTERNAL", "Internal error encountered.", "INTERNAL")
UNAUTHENTICATED = Refusal(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")

# A token that starts like this gets that answer, with no script needed.
BY_PREFIX = {
    "unregistered-": UNREGISTERED,
    "mismatch-": SENDER_ID_MISMATCH,
    "invalid-": INVALID_TOKEN,
    "apns-auth-": THIRD_PARTY_AUTH,
    "quota-": QUOTA_EXCEEDED,
    "unavailable-": UNAVAILABLE,
    "internal-": INTERNAL,
}


def invalid(message: str, field: str) -> Refusal:
    return Refusal(400, "INVALID_ARGUMENT", message, "INVALID_ARGUMENT", field)


def read_request(body: bytes) -> SendRequest | Refusal:
    """Decode and check one `messages:send` body as FCM would."""
    try:
        request = msgspec.json.decode(body, type=SendRequest)
    except msgspec.DecodeError as error:
        return invalid(f"Invalid JSON payload received. {error}", "message")
    return _refuse(request.message) or request


def _refuse(message: Message) -> Refusal | None:
    if sum(target is not None for target in (message.token, message.fid, message.topic, message.condition)) != 1:
        return invalid("Exactly one of token, fid, topic or condition is required.", "message")
    if message.token == "" or message.fid == "":
        return INVALID_TOKEN
    if message.android and float(message.android.ttl[:-1]) > MAX_TTL_S:
        return invalid("Invalid time to live: it must lie between 0 and 28 days.", "message.android.ttl")
    reserved = [key for key in message.data if key in {"from", "message_type"} or key.startswith(("google", "gcm"))]
    if reserved:
        return invalid(f"Invalid data payload key: {reserved[0]}", f"message.data.{reserved[0]}")
    if message.apns and len(message.apns.headers.get("apns-collapse-id", "").encode()) > MAX_COLLAPSE_ID_BYTES:
        return invalid("The collapse identifier is too long", "message.apns.headers")
    if payload_bytes(message) > MAX_PAYLOAD_BYTES:
        return invalid("Android message is too big", "message")
    return None


def payload_bytes(message: Message) -> int:
    """The size that FCM's limit speaks of: notification and data, not the target nor the delivery options."""
    return len(msgspec.json.encode({"notification": message.notification, "data": message.data}))
