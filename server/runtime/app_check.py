"""Firebase App Check: a token by which an app shows that it is the genuine one on a genuine device.

A JWT (RFC 7519) signed with RS256 by keys that Firebase publishes as a JWKS (RFC 7517); see
https://firebase.google.com/docs/app-check/custom-resource-backend. It names the Firebase project that it is for.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import msgspec
import structlog

from kit import tracing
from server.problems import Problem

FIREBASE_KEYS = "https://firebaseappcheck.googleapis.com/v1/jwks"
ISSUER = "https://firebaseappcheck.googleapis.com/"
HEADER = "x-firebase-appcheck"
MAX_TOKEN_LENGTH = 8192

_KEYS_LIFE_S = 6 * 3600.0  # as Firebase asks for
_ASK_AGAIN_S = 60.0
_TIMEOUT_S = 5.0
_MAX_KEYS_BYTES = 65_536

log = structlog.get_logger()


class Attestation(msgspec.Struct, frozen=True):
    """The number of the project that a genuine app belongs to, or None and what to answer where one is demanded."""

    project: str | None
    problem: Problem | None = None


class AppChecker:
    """Holds the published keys. A token with another key has them read again, at most once a minute."""

    def __init__(self, keys_url: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = keys_url or FIREBASE_KEYS
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at: float | None = None
        self._asked_at: float | None = None
        self._reading = asyncio.Lock()

    async def check(self, token: str | None) -> Attestation:
        if not token:
            return _refused("Send the app's App Check token as X-Firebase-AppCheck.")
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid")) if len(token) <= MAX_TOKEN_LENGTH else ""
        except jwt.InvalidTokenError:
            return _refused("Get a new App Check token; this is none.")
        key = await self._find_key(key_id)
        if key is not None:
            return _verify(token, key)
        if self._read_at is None:
            problem = Problem("unavailable", "Firebase's keys cannot be read now; try again.", retry_after_s=5)
            return Attestation(None, problem)
        return _refused("Get a new App Check token; this one is signed by nobody we know.")

    async def _find_key(self, key_id: str) -> jwt.PyJWK | None:
        """Whoever has a good key does not wait for those who read them anew."""
        if key_id in self._keys and not self._is_stale(self._clock()):
            return self._keys[key_id]
        async with self._reading:
            now_s = self._clock()
            may_ask = self._asked_at is None or now_s - self._asked_at > _ASK_AGAIN_S
            if may_ask and (key_id not in self._keys or self._is_stale(now_s)):
                self._asked_at = now_s
                await self._read_keys(now_s)
        return self._keys.get(key_id)

    def _is_stale(self, now_s: float) -> bool:
        return self._read_at is None or now_s - self._read_at > _KEYS_LIFE_S

    async def _read_keys(self, now_s: float) -> None:
        """Former keys stay where they cannot be read: Firebase's outage is not ours."""
        try:
            document = await asyncio.to_thread(_fetch, self._url)
            keys = jwt.PyJWKSet.from_dict(document).keys
        except (OSError, ValueError, jwt.PyJWTError) as error:
            log.warning("app_check.keys_unreadable", error=type(error).__name__)
            return
        self._keys = {key.key_id: key for key in keys if key.key_id}
        self._read_at = now_s


def _fetch(url: str) -> dict[str, Any]:
    """Raises OSError, as all of requests' own errors are, and ValueError."""
    # Both take 0.2 s to import, and most installations ask for no token.
    import requests  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    with (
        tracing.calling("app_check", "GET") as call,
        requests.get(url, timeout=_TIMEOUT_S, stream=True, headers=call.headers) as response,
    ):
        call.answered(response.status_code)
        response.raise_for_status()
        try:
            body = _read_body(response.raw)
        except HTTPError as error:
            raise ConnectionError(type(error).__name__) from error
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("no JWKS")  # noqa: TRY004 - what was sent is wrong, not a type of ours
    return document


def _read_body(answer: Any) -> bytes:
    """Its own timeout is for each piece: one that comes byte by byte would hold everybody who waits for the keys."""
    ends_at = time.monotonic() + _TIMEOUT_S
    body = b""
    while piece := answer.read1(8192, decode_content=True):
        body += piece
        if len(body) > _MAX_KEYS_BYTES or time.monotonic() > ends_at:
            raise ValueError("too large or too slow")
    return body


def _verify(token: str, key: jwt.PyJWK) -> Attestation:
    try:
        header = jwt.get_unverified_header(token)
        required = ["iss", "aud", "sub", "exp", "iat"]
        # The audience is checked against the issuer below: both name the project.
        options: Any = {"require": required, "verify_aud": False}
        claims = jwt.decode(token, key, algorithms=["RS256"], options=options)
    except jwt.PyJWTError:
        return _refused("Get a new App Check token; this one has expired or is forged.")
    issuer, audience = claims["iss"], claims["aud"]
    project = issuer.removeprefix(ISSUER) if isinstance(issuer, str) and issuer.startswith(ISSUER) else ""
    named = audience if isinstance(audience, list) else [audience]
    if header.get("typ") != "JWT" or not project.isdecimal() or f"projects/{project}" not in named:
        return _refused("Get an App Check token; this is a token of another kind.")
    return Attestation(project)


def _refused(detail: str) -> Attestation:
    return Attestation(None, Problem("app-check-failed", detail))
