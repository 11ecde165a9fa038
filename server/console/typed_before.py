"""What was typed into a form whose session was over by the time it was sent: it stands in the form again after the
sign-in.

It tells of people, so it travels sealed, in a cookie that no script reads, for ten minutes; only who had typed it can
open it, and only on the page that they came from. Whose a session was that somebody has ended on purpose nobody knows
any more: then what was typed is gone with it.
"""

from datetime import datetime, timedelta

import msgspec
from litestar.datastructures import Cookie

from ids import StaffId
from kit.ids import from_text, to_text
from kit.sealing import Keyring, Unsealable
from server.console.form_values import is_usable
from server.console.sessions import CSRF_FIELD
from server.faces.pages import PageRequest, origin_of

TYPED = "noren-typed"
_PURPOSE = "console typed before"
_LIFE = timedelta(minutes=10)
# A browser keeps no cookie of more than 4,096 bytes, its name and attributes among them.
_MOST_COOKIE = 3_600
# Such a form in the spelling of a browser, three bytes for each of a character's.
_MOST_BODY = 20_000
# What is typed there is secret, and is typed anew.
_SECRET = ("/console/account", "/console/sign-out")


class TypedBefore(msgspec.Struct, frozen=True):
    """`page`: where the form stood. `action`: where it was sent to. `fields`: name and value, in their order."""

    page: str
    action: str
    fields: list[tuple[str, str]]
    until: datetime


def is_small(request: PageRequest) -> bool:
    """Whether its form is worth reading: a file is not."""
    length = request.headers.get("content-length", "")
    return length.isdigit() and int(length) <= _MOST_BODY


async def keep_typed(
    request: PageRequest, keyring: Keyring, staff_id: StaffId, page: str, now: datetime
) -> list[Cookie]:
    """None where it is too much for a cookie, or a secret."""
    action: str = request.scope["path"]
    if action.startswith(_SECRET):
        return []
    form = await request.form()
    fields = [(name, value) for name, value in form.multi_items() if name != CSRF_FIELD and isinstance(value, str)]
    if not all(is_usable(value, _MOST_COOKIE) for _, value in fields):
        return []
    kept = TypedBefore(page.partition("?")[0], action, fields, now + _LIFE)
    sealed = to_text(keyring.seal(_PURPOSE, staff_id.bytes, msgspec.json.encode(kept)))
    return [_cookie(request, sealed, int(_LIFE.total_seconds()))] if len(sealed) <= _MOST_COOKIE else []


def read_typed(request: PageRequest, keyring: Keyring, staff_id: StaffId, now: datetime) -> TypedBefore | None:
    """On the page where it was typed, by who has typed it; else None."""
    try:
        sealed = from_text(request.cookies.get(TYPED, ""))
        kept = msgspec.json.decode(keyring.unseal(_PURPOSE, staff_id.bytes, sealed), type=TypedBefore)
    except (ValueError, Unsealable, msgspec.DecodeError):
        return None
    return kept if kept.page == request.scope["path"] and now < kept.until else None


def forget_typed(request: PageRequest) -> Cookie:
    return _cookie(request, "", 0)


def _cookie(request: PageRequest, value: str, max_age: int) -> Cookie:
    is_secure = origin_of(request).startswith("https://")
    return Cookie(
        key=TYPED, value=value, path="/console", max_age=max_age, secure=is_secure, httponly=True, samesite="lax"
    )
