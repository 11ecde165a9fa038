"""FCM HTTP v1 through firebase-admin: the only file that knows it.

`messaging.send` runs in a bounded pool of threads. Beside `send_each_async` on the same endpoint that is about
twice as fast, keeps the token's refresh and every other blocking call off the event loop, and gives each message
its own error. The pool's size is the number of messages, and of kept-alive connections, in flight.
"""

import asyncio
import contextvars
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from kit.ids import new_id
from push.messages import Push
from push.sender import NO_ANSWER, SendError, SendResult

CONCURRENCY = 32
# FCM answers within seconds, but 12 s were seen; a push that is given up earlier goes out twice.
TIMEOUT_S = 30.0

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


async def open_fcm(
    account: Path | Mapping[str, str], *, endpoint: str | None = None, public_url: str | None = None
) -> "FcmSender":
    """Open a sender off the loop (the import alone takes half a second).

    `public_url`: where phones reach our server, to load a push's picture from it; None: they are shown none.
    `endpoint` is the base URL of a proxy or double in place of Google's; the account's own `token_uri` is honoured.
    Raises ValueError or OSError for an account that cannot be read.
    """
    return await asyncio.to_thread(FcmSender, account, endpoint=endpoint, public_url=public_url)


class FcmSender:
    """Sends with one service account. Its constructor blocks for the import: prefer `open_fcm`."""

    def __init__(
        self,
        account: Path | Mapping[str, str],
        *,
        endpoint: str | None = None,
        public_url: str | None = None,
        concurrency: int = CONCURRENCY,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        import firebase_admin
        from firebase_admin import credentials, messaging

        certificate = credentials.Certificate(str(account) if isinstance(account, Path) else dict(account))
        self._messaging = messaging
        self._app = firebase_admin.initialize_app(certificate, {"httpTimeout": timeout_s}, name=f"noren-{new_id()}")
        self._credential = certificate.get_credential()
        self._session = _mount(self._app, endpoint, concurrency)
        self._timeout_s = timeout_s
        self._public_url = public_url
        self._refreshing = threading.Lock()
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="fcm")

    async def send(self, pushes: Sequence[Push]) -> list[SendResult]:
        if not pushes:
            return []
        loop = asyncio.get_running_loop()
        refused = await loop.run_in_executor(self._threads, self._refresh)
        if refused is not None:
            return [SendResult(None, refused)] * len(pushes)
        # Each in the context of who sends, so that its span stands below the round's.
        sending = (
            loop.run_in_executor(self._threads, contextvars.copy_context().run, self._send_one, push) for push in pushes
        )
        return await asyncio.gather(*sending)

    async def close(self) -> None:
        """Wait for what is in flight and let go of the connections."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        import firebase_admin

        self._threads.shutdown()
        self._session.close()
        # It runs a loop of its own, so it must not be called on one.
        firebase_admin.delete_app(self._app)

    def _refresh(self) -> SendError | None:
        """Fetch an access token where it is needed: once for a batch, not once in every thread."""
        from google.auth.credentials import TokenState
        from google.auth.transport.requests import Request

        with self._refreshing:
            if self._credential.token_state is TokenState.FRESH:
                return None
            try:
                self._credential.refresh(partial(Request(), timeout=self._timeout_s))
            except Exception as error:
                return _read_error(error)
        return None

    def _send_one(self, push: Push) -> SendResult:
        try:
            return SendResult(self._messaging.send(self._message(push), app=self._app))
        except Exception as error:
            return SendResult(None, _read_error(error))

    def _message(self, push: Push) -> Any:
        fcm = self._messaging
        image = None
        if push.image_path is not None and self._public_url is not None:
            image = self._public_url + push.image_path
        message = fcm.Message(
            data=dict(push.data),
            notification=fcm.Notification(push.title, push.body, image),
            # No collapse key: FCM keeps four keys a device, so a phone that is away would lose all coupons but four.
            android=fcm.AndroidConfig(
                priority="high", ttl=push.ttl_s, notification=fcm.AndroidNotification(tag=push.tag)
            ),
            apns=fcm.APNSConfig(
                headers={
                    "apns-push-type": "alert",
                    "apns-priority": "10",
                    "apns-collapse-id": push.tag,
                    "apns-expiration": str(int(time.time()) + push.ttl_s),
                },
                payload=fcm.APNSPayload(
                    # iOS shows a picture only where the app's extension loads it, which this lets it do.
                    fcm.Aps(sound="default", mutable_content=image is not None)
                ),
            ),
        )
        # As an argument of the constructor `token` is deprecated in favour of `fid`; phones that hold one still exist.
        match push.token_kind:
            case "fid":
                message.fid = push.token
            case "registration":
                message.token = push.token
        return message


def _mount(app: Any, endpoint: str | None, concurrency: int) -> Any:
    """Put our adapter below firebase-admin's session, which it offers no public way to reach."""
    from firebase_admin import messaging

    from push.fcm_transport import FCM_ORIGIN, FcmAdapter

    session = messaging._get_messaging_service(app)._client.session  # noqa: SLF001
    if FCM_ORIGIN not in session.adapters:
        raise RuntimeError("this firebase-admin does not send to FCM's known address; use the version of the lock file")
    session.mount(FCM_ORIGIN, FcmAdapter(endpoint, concurrency))
    return session


def _read_error(error: Exception) -> SendError:
    from firebase_admin.exceptions import FirebaseError
    from google.auth.exceptions import RefreshError, TransportError

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
    from requests import ConnectionError, ConnectTimeout, Timeout  # noqa: A004 - requests' own
    from urllib3.exceptions import MaxRetryError

    if isinstance(cause, ConnectTimeout) or not isinstance(cause, Timeout | ConnectionError):
        return False
    # The adapter wraps what happens before a connection stands; what happens after comes as it is.
    return isinstance(cause, Timeout) or not (cause.args and isinstance(cause.args[0], MaxRetryError))


def _read_answer(status: int, code: str, body: bytes, retry_after: str | None) -> SendError:
    try:
        details = msgspec.json.decode(body, type=_ErrorBody).error.details
    except msgspec.DecodeError:
        details = []
    codes = [detail.error_code for detail in details if detail.type == _FCM_ERROR and detail.error_code]
    fields = tuple(str(violation.get("field", "")) for detail in details for violation in detail.violations)
    return SendError(status, codes[0] if codes else code, fields, _seconds(retry_after))


def _seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3); None for anything else."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
