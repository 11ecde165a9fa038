"""What FCM's refusals and the failures below them mean, as firebase-admin reads them. Only a sender imports it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import requests
from firebase_admin import _utils, messaging
from firebase_admin.exceptions import FirebaseError
from google.auth.exceptions import RefreshError, TransportError
from urllib3.exceptions import MaxRetryError

from kit.clock import utc_now
from kit.retry import read_retry_after
from push.sender import NO_ANSWER, SendError

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


class _Detail(msgspec.Struct):
    type: str = msgspec.field(name="@type", default="")
    error_code: str = msgspec.field(name="errorCode", default="")
    violations: list[dict[str, Any]] = msgspec.field(name="fieldViolations", default_factory=list)


class _Error(msgspec.Struct):
    status: str = "UNKNOWN"
    details: list[_Detail] = msgspec.field(default_factory=list)


class _ErrorBody(msgspec.Struct):
    error: _Error


def read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> SendError:
    """Of an answer that is no 200. `headers`: their names in any case."""
    response = requests.Response()
    response.status_code = status
    response.headers.update(headers)
    response._content = body  # noqa: SLF001 - requests has no other way to make an answer from bytes
    error = _utils.handle_platform_error_from_requests(
        requests.HTTPError(response=response),
        messaging._MessagingService._build_fcm_error_requests,  # noqa: SLF001 - as the SDK reads it by itself
    )
    return read_error(error)


def read_error(error: Exception) -> SendError:
    """Of what firebase-admin or google-auth raised."""
    if isinstance(error, FirebaseError):
        response = error.http_response
        if response is None:
            return SendError(None, NO_ANSWER if _may_have_arrived(error.cause) else error.code)
        return _read_answer(response.status_code, error.code, response.content, response.headers.get("Retry-After"))
    if isinstance(error, RefreshError) and not error.retryable:
        return SendError(None, "OAUTH_REFUSED")
    if isinstance(error, RefreshError | TransportError):
        return SendError(None, "UNAVAILABLE")
    return SendError(None, "INVALID_MESSAGE" if isinstance(error, ValueError) else "UNKNOWN")


def _may_have_arrived(cause: BaseException | None) -> bool:
    """Whether the request was on its way when no answer came; not where there was no connection for it."""
    if isinstance(cause, requests.ConnectTimeout) or not isinstance(cause, requests.Timeout | requests.ConnectionError):
        return False
    # The adapter wraps what happens before a connection stands; what happens after comes as it is.
    return isinstance(cause, requests.Timeout) or not (cause.args and isinstance(cause.args[0], MaxRetryError))


def _read_answer(status: int, code: str, body: bytes, retry_after: str | None) -> SendError:
    try:
        details = msgspec.json.decode(body, type=_ErrorBody).error.details
    except msgspec.DecodeError:
        details = []
    codes = [detail.error_code for detail in details if detail.type == _FCM_ERROR and detail.error_code]
    fields = tuple(str(violation.get("field", "")) for detail in details for violation in detail.violations)
    return SendError(status, codes[0] if codes else code, fields, read_retry_after(retry_after, utc_now()))
