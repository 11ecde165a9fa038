"""Where providers of SMS and calls report to us, and how it is known that a report is theirs.

The dialect signs the public address and the sorted parameters of a form: HMAC-SHA1 under the account's auth token, or
HMAC-SHA256 under a shared key where the request's header says so. The direct route signs a time and the raw body.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl
from uuid import UUID

from twilio.request_validator import SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, RequestValidator
from twilio.request_validator import get_signature_algorithm as read_algorithm

from channels.phone.account import Credentials
from kit.signed_posts import is_signed

DIALECT_HEADERS = (SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER)
_MOST_PARAMETERS = 200

PREFIX = "/v1/phone"


def sms_report_url(public_url: str, send_id: UUID) -> str:
    return f"{public_url}{PREFIX}/texts/{send_id}/reports"


def direct_report_url(public_url: str, send_id: UUID) -> str:
    return f"{public_url}{PREFIX}/direct-texts/{send_id}/reports"


def call_report_url(public_url: str, send_id: UUID) -> str:
    return f"{public_url}{PREFIX}/calls/{send_id}/reports"


def call_key_url(public_url: str, send_id: UUID) -> str:
    return f"{public_url}{PREFIX}/calls/{send_id}/keys"


def incoming_call_url(public_url: str, number_id: UUID) -> str:
    return f"{public_url}{PREFIX}/numbers/{number_id}/calls"


def reply_url(public_url: str, program_id: UUID) -> str:
    return f"{public_url}{PREFIX}/programs/{program_id}/replies"


def read_form(body: bytes) -> dict[str, str] | None:
    """The parameters of a form; None for what is none. One that comes twice is refused: a signature covers it once."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None


def is_signed_by_dialect(
    credentials: Credentials, url: str, form: Mapping[str, str], headers: Mapping[str, str | None]
) -> bool:
    """`url`: as the provider knows it, whatever a proxy has made of it. `headers`: those of DIALECT_HEADERS."""
    signature, settings = headers[SIGNATURE_HEADER], headers[SIGNATURE_SETTINGS_HEADER]
    key = credentials.shared_key if settings else credentials.signing_key or credentials.auth_token
    if key is None or not signature or "\x00" in signature:
        return False
    return bool(RequestValidator(key).validate(url, dict(form), signature, read_algorithm(settings)))


def is_signed_by_direct(
    credentials: Credentials, body: bytes, timestamp: str | None, signature: str | None, now: datetime
) -> bool:
    """As `kit.signed_posts` tells."""
    return credentials.direct_key is not None and is_signed(credentials.direct_key, body, timestamp, signature, now)
