"""The console's session: that of `POST /v1/sessions`, in a cookie that no script can read. It reads no bearer token.

What changes something also brings a token that only our own pages hold. It is derived from the session, so that it ends
with it, and none of another session fits.
"""

import hmac
from datetime import datetime
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from kit.clock import utc_now
from kit.database import connect
from kit.ids import SECRET_BYTES, from_text, to_text
from kit.sealing import Keyring
from programs.staff_repository import Session, find_session
from server.web.services import Services

CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"


def cookie_name(origin: str) -> str:
    """`__Host-`: no other host of the domain can set it, and it goes to no other (RFC 6265bis, 4.1.3.2)."""
    return "__Host-noren-session" if _is_secure(origin) else "noren-session"


def make_cookie(origin: str, secret: bytes, expires_at: datetime) -> Cookie:
    """Lax: whoever follows a link in a mail is logged in there; what changes something is guarded by more."""
    left_s = int((expires_at - utc_now()).total_seconds())
    return _cookie(origin, to_text(secret), left_s)


def make_empty_cookie(origin: str) -> Cookie:
    return _cookie(origin, "", 0)


def _cookie(origin: str, value: str, max_age: int) -> Cookie:
    return Cookie(
        key=cookie_name(origin),
        value=value,
        path="/",
        max_age=max_age,
        secure=_is_secure(origin),
        httponly=True,
        samesite="lax",
    )


def _is_secure(origin: str) -> bool:
    return origin.startswith("https://")


def read_secret(connection: ASGIConnection[Any, Any, Any, Any], origin: str) -> bytes | None:
    try:
        secret = from_text(connection.cookies.get(cookie_name(origin), ""))
    except ValueError:
        return None
    return secret if len(secret) == SECRET_BYTES else None


async def find_console_session(services: Services, secret: bytes | None) -> Session | None:
    """None for one that has ended, and for none."""
    if secret is None:
        return None
    async with connect(services.pool) as conn:
        return await find_session(conn, secret, utc_now())


def make_csrf_token(keyring: Keyring, secret: bytes) -> str:
    return to_text(keyring.mac("console csrf", secret))


def is_csrf_token(keyring: Keyring, secret: bytes, shown: str) -> bool:
    return hmac.compare_digest(make_csrf_token(keyring, secret).encode(), shown.encode(errors="replace"))
