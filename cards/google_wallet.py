"""Google Wallet's REST API and save links, with the operator's service account: the only file that speaks to it.

https://developers.google.com/wallet/reference/rest/v1/loyaltyobject. google-auth blocks, so requests run in a bounded
pool of threads. Nothing is repeated here: what is to be repeated waits in the database (server/wallets/sync_google.py).
"""

import asyncio
import contextvars
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import jwt
import msgspec

from cards.google_outcomes import WalletBusy, WalletLocked, WalletRefused
from cards.google_pass import Json, class_id, object_id, without_nothing
from ids import ProgramId
from kit import tracing

if TYPE_CHECKING:
    import requests

GOOGLE_ENDPOINT = "https://walletobjects.googleapis.com"
SAVE_URL = "https://pay.google.com/gp/v/save/"
TIMEOUT_S = 10.0
CONCURRENCY = 8

_SCOPE = "https://www.googleapis.com/auth/wallet_object.issuer"
_PATH = "/walletobjects/v1/"

Resource = Literal["loyaltyClass", "loyaltyObject"]


class ServiceAccount(msgspec.Struct, frozen=True):
    """What is used of the file that the Google Cloud console hands out."""

    client_email: str
    private_key: str
    token_uri: str


class GoogleWallet:
    """One issuer. `endpoint` stands in for Google's: a proxy, or a double. Raises ValueError for a wrong account."""

    def __init__(self, account: ServiceAccount, issuer: str, endpoint: str | None = None) -> None:
        # They take 0.2 s to import, and most installations have no such account.
        import requests  # noqa: PLC0415
        from google.oauth2.service_account import Credentials  # noqa: PLC0415

        made: Any = Credentials.from_service_account_info(msgspec.to_builtins(account), scopes=[_SCOPE])  # type: ignore[no-untyped-call]
        self.issuer = issuer
        self._account = account
        self._credentials = made
        self._url = (endpoint or GOOGLE_ENDPOINT).rstrip("/") + _PATH
        self._session = requests.Session()
        self._refreshing = threading.Lock()
        self._threads = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="google-wallet")

    def save_url(self, program_id: ProgramId, pass_id: UUID, now: datetime) -> str:
        """A link that saves the object, which Google has already, in the wallet of the person who opens it.

        It names the object and no more: the secret of its codes travels from us to Google only.
        """
        named = {"id": object_id(self.issuer, pass_id), "classId": class_id(self.issuer, program_id)}
        claims = {
            "iss": self._account.client_email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": int(now.timestamp()),
            "origins": [],
            "payload": {"loyaltyObjects": [named]},
        }
        return SAVE_URL + jwt.encode(claims, self._account.private_key, algorithm="RS256")

    async def publish(self, resource: Resource, content: Json) -> None:
        """Make it, or change it where it is there. Raises WalletRefused, WalletLocked, WalletBusy."""
        try:
            await self._send("POST", resource, without_nothing(content))
        except WalletRefused as refused:
            if refused.status != 409:
                raise
            await self._send("PATCH", f"{resource}/{content['id']}", content)

    async def change(self, resource: Resource, content: Json) -> None:
        """Change it, or make it where it is not there. Raises as `publish` does."""
        try:
            await self._send("PATCH", f"{resource}/{content['id']}", content)
        except WalletRefused as refused:
            if refused.status != 404:
                raise
            await self._send("POST", resource, without_nothing(content))

    async def end(self, content: Json) -> None:
        """End an object. One that Google does not know has ended already. Raises as `publish` does."""
        try:
            await self._send("PATCH", f"loyaltyObject/{content['id']}", content)
        except WalletRefused as refused:
            if refused.status != 404:
                raise

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        self._session.close()

    async def _send(self, method: str, path: str, content: Json) -> None:
        body = msgspec.json.encode(content)
        run = contextvars.copy_context().run
        await asyncio.get_running_loop().run_in_executor(self._threads, run, self._request, method, path, body)

    def _request(self, method: str, path: str, body: bytes) -> None:
        from requests import RequestException  # noqa: PLC0415

        headers = {"Authorization": f"Bearer {self._access_token()}", "Content-Type": "application/json"}
        try:
            with tracing.calling("google_wallet", method) as call:
                headers |= call.headers
                answer = self._session.request(method, self._url + path, data=body, headers=headers, timeout=TIMEOUT_S)
                call.answered(answer.status_code)
        except RequestException as error:
            raise WalletBusy(type(error).__name__) from error
        _require_success(answer)

    def _access_token(self) -> str:
        from google.auth.exceptions import GoogleAuthError, TransportError  # noqa: PLC0415
        from google.auth.transport.requests import Request  # noqa: PLC0415

        with self._refreshing:
            if not self._credentials.valid:
                try:
                    # Its own time-out is two minutes, in which nobody else would get anywhere.
                    self._credentials.refresh(partial(Request(self._session), timeout=TIMEOUT_S))
                except GoogleAuthError as error:
                    if error.retryable or isinstance(error, TransportError):  # no answer is no refusal
                        raise WalletBusy(type(error).__name__) from error
                    raise WalletLocked(type(error).__name__) from error
            token: str = self._credentials.token
            return token


def open_google_wallet(account: Path, issuer: str, endpoint: str | None) -> GoogleWallet:
    """Raises ValueError or OSError where the file is not a service account's."""
    return GoogleWallet(msgspec.json.decode(account.read_bytes(), type=ServiceAccount), issuer, endpoint)


def _require_success(answer: "requests.Response") -> None:
    if answer.ok:
        return
    if answer.status_code in {401, 403}:
        raise WalletLocked(_reason(answer))
    if answer.status_code == 429 or answer.status_code >= 500:
        raise WalletBusy(str(answer.status_code), _retry_after_s(answer.headers))
    raise WalletRefused(answer.status_code, _reason(answer))


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _reason(answer: "requests.Response") -> str:
    """It may quote what was sent."""
    try:
        return str(answer.json()["error"]["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return "no reason given"
