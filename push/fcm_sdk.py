"""FCM HTTP v1 as firebase-admin sends it: the way to fall back to, and the one that goes through a proxy (ADR 0059).

`messaging.send` runs in a bounded pool of threads. Beside `send_each_async` on the same endpoint that is about
twice as fast, keeps every blocking call off the event loop, and gives each message its own error. The pool's size is
the number of messages, and of kept-alive connections, in flight.
"""

import asyncio
import contextvars
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from firebase_admin import messaging

from push.fcm import FCM_ORIGIN, TIMEOUT_S
from push.fcm_account import FcmAccount
from push.fcm_errors import read_error
from push.fcm_messages import write_message
from push.fcm_transport import FcmAdapter
from push.messages import Push
from push.sender import STOPPED, SendError, SendResult

CONCURRENCY = 32


class SdkSender:
    """Sends with one service account. To import this file blocks: prefer `push.fcm.open_fcm`."""

    def __init__(
        self,
        account: Path | Mapping[str, str],
        *,
        endpoint: str | None = None,
        public_url: str | None = None,
        concurrency: int = CONCURRENCY,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Raises ValueError or OSError for an account that cannot be read."""
        self._account = FcmAccount(account, timeout_s)
        self._session = _mount(self._account.app, endpoint, concurrency)
        self._public_url = public_url
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="fcm")

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        if not pushes:
            return []
        loop = asyncio.get_running_loop()
        # Once for a batch, not once in every thread.
        refused = await loop.run_in_executor(self._threads, self._account.refresh)
        if refused is not None:
            return [SendResult(None, refused)] * len(pushes)
        # Each in the context of who sends, so that its span stands below the round's.
        sending = (
            loop.run_in_executor(self._threads, contextvars.copy_context().run, self._send_one, push, stop)
            for push in pushes
        )
        return await asyncio.gather(*sending)

    async def close(self) -> None:
        """Wait for what is in flight and let go of the connections."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown()
        self._session.close()
        self._account.close()

    def _send_one(self, push: Push, stop: asyncio.Event | None) -> SendResult:
        if stop is not None and stop.is_set():
            return SendResult(None, SendError(None, STOPPED))
        try:
            message = write_message(push, self._public_url)
            return SendResult(messaging.send(message, app=self._account.app))
        except Exception as error:
            return SendResult(None, read_error(error))


def _mount(app: Any, endpoint: str | None, concurrency: int) -> Any:
    """Put our adapter below firebase-admin's session, which it offers no public way to reach."""
    session = messaging._get_messaging_service(app)._client.session  # noqa: SLF001
    if FCM_ORIGIN not in session.adapters:
        raise RuntimeError("this firebase-admin does not send to FCM's known address; use the version of the lock file")
    session.mount(FCM_ORIGIN, FcmAdapter(endpoint, concurrency))
    return session
