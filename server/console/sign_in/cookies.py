"""The cookies of the way in: what was begun, and which accounts this browser has signed in with before.

No script reads them. Over TLS they are `__Host-`: no other host of the domain can set one.
"""

import hmac

from litestar.datastructures import Cookie

from kit.ids import SECRET_BYTES, digest, from_text, new_secret, to_text
from kit.sealing import Keyring
from programs.factors_repository import CHALLENGE_LIFE
from server.faces.pages import PageRequest, origin_of

_STEP, _DEVICE = "noren-step", "noren-device"
_DEVICE_LIFE_S = 400 * 24 * 3600
_ID_BYTES = 16


def make_step_cookie(request: PageRequest, challenge: bytes) -> Cookie:
    """Of a log-in, or of a passkey, that has been begun."""
    return _cookie(request, _STEP, to_text(challenge), int(CHALLENGE_LIFE.total_seconds()))


def make_empty_step_cookie(request: PageRequest) -> Cookie:
    return _cookie(request, _STEP, "", 0)


def read_step(request: PageRequest) -> bytes | None:
    secret = _read(request, _STEP)
    return secret if len(secret) == SECRET_BYTES else None


def make_device_cookie(request: PageRequest, keyring: Keyring, account: str) -> Cookie:
    """A device cookie (OWASP): this browser has shown the right password of the account. It lets nobody in."""
    device = new_secret()[:_ID_BYTES]
    return _cookie(request, _DEVICE, to_text(device + _mac(keyring, account, device)), _DEVICE_LIFE_S)


def read_known_device(request: PageRequest, keyring: Keyring, account: str) -> str | None:
    """Names the browser; None where it has not signed in with this account before."""
    value = _read(request, _DEVICE)
    device = value[:_ID_BYTES]
    is_ours = hmac.compare_digest(_mac(keyring, account, device), value[_ID_BYTES:])
    return to_text(device) if is_ours else None


def _mac(keyring: Keyring, account: str, device: bytes) -> bytes:
    return keyring.mac("staff device", digest(account.encode()) + device)


def _read(request: PageRequest, name: str) -> bytes:
    try:
        return from_text(request.cookies.get(_name(request, name), ""))
    except ValueError:
        return b""


def _name(request: PageRequest, name: str) -> str:
    return f"__Host-{name}" if _is_secure(request) else name


def _is_secure(request: PageRequest) -> bool:
    return origin_of(request).startswith("https://")


def _cookie(request: PageRequest, name: str, value: str, max_age: int) -> Cookie:
    return Cookie(
        key=_name(request, name),
        value=value,
        path="/",
        max_age=max_age,
        secure=_is_secure(request),
        httponly=True,
        samesite="lax",
    )
