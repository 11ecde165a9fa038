"""Forms that book something: each page that shows one makes a key for it, so that a double click, a reload or a lost
answer books once.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from kit.database import Connection
from kit.ids import new_secret, to_text
from server.console.form_values import is_usable
from server.console.sessions import CSRF_FIELD
from server.faces.pages import PageRequest
from server.problems import CommittedRefusal
from server.web.auth import name_of
from server.web.idempotency import IdempotencyKey, make_idempotency_key
from server.web.services import Services
from server.web.writes import write


class Written(msgspec.Struct, frozen=True):
    """What a form has made or changed: the audit trail names it."""

    id: UUID


KEY_FIELD = "key"
_MOST_FIELD = 10_000


def new_form_key() -> str:
    return to_text(new_secret())


async def read_fields(request: PageRequest) -> dict[str, str]:
    """What was typed, but the token of the session. Files, and what can be nothing of ours, are left out."""
    form = await request.form()
    return {name: value for name, value in form.items() if name != CSRF_FIELD and is_usable(value, _MOST_FIELD)}


async def book(
    request: PageRequest,
    services: Services,
    work: Callable[[Connection, datetime], Awaitable[Any | CommittedRefusal]],
    *,
    target: str | None = None,
) -> None:
    """As a route of the API writes: one transaction, the audit trail, and once for the form's key. Raises Problem."""
    await write(request, services, work, is_keyed=False, key=await _key_of(request), target=target)


async def _key_of(request: PageRequest) -> IdempotencyKey | None:
    """Without the session's token: whoever has signed in again meanwhile sends the same form."""
    fields = await read_fields(request)
    content = urlencode(sorted(fields.items())).encode()
    key = fields.get(KEY_FIELD) or None
    return make_idempotency_key(name_of(request.user), key, "POST", request.url.path, content)
