"""Whether a webhook is the provider's: its signature, over the address at which the provider knows us, and its body.

Nothing of it is read before. The address is that of NOREN_PUBLIC_URL, whatever a proxy has made of the host.
"""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.datastructures import State

from channels.phone.account import PhoneAccount
from channels.phone.webhooks import (
    DIALECT_HEADERS,
    is_signed_by_dialect,
    is_signed_by_direct,
    read_form,
)
from kit.clock import utc_now
from kit.signed_posts import SIGNATURE_HEADER, TIMESTAMP_HEADER
from server.phone.public_address import require_public_url
from server.problems import Problem
from server.web.bodies import read_body
from server.web.services import Services

MAX_WEBHOOK_BYTES = 64 * 1024
FORM = "application/x-www-form-urlencoded"

Webhook = Request[Any, Any, State]


async def read_dialect_webhook(request: Webhook, services: Services, account: PhoneAccount) -> Mapping[str, str]:
    """The parameters of the form. Raises Problem."""
    form = read_form(await read_body(request))
    url = require_public_url(services.settings) + _path_of(request)
    headers = {name: request.headers.get(name) for name in DIALECT_HEADERS}
    if form is None or not is_signed_by_dialect(account.credentials, url, form, headers):
        raise _not_signed()
    if form.get("AccountSid", account.account_sid) != account.account_sid:
        raise _not_signed()
    return form


async def read_direct_webhook(request: Webhook, account: PhoneAccount) -> bytes:
    """The body. Raises Problem."""
    body = await read_body(request)
    timestamp, signature = (request.headers.get(name) for name in (TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if not is_signed_by_direct(account.credentials, body, timestamp, signature, utc_now()):
        raise _not_signed()
    return body


def _path_of(request: Webhook) -> str:
    """As it came over the wire, with its query."""
    path: str = request.scope["raw_path"].decode("latin-1")
    query: str = request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _not_signed() -> Problem:
    return Problem(
        "webhook-refused",
        "Sign the webhook with the key of the program's account, over the address of NOREN_PUBLIC_URL.",
    )


def twiml(script: str) -> Response[str]:
    return Response(script, media_type="text/xml")
