"""FCM HTTP v1: messages and errors are firebase-admin's, the connections are ours (ADR 0059).

Nothing of firebase-admin is imported before a sender is opened: it takes half a second and 40 MB.
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from kit import tracing
from push.fcm_connections import Answer, Connections, NoAnswer, NotSent
from push.messages import Push
from push.sender import NO_ANSWER, STOPPED, Sender, SendError, SendResult

# How many messages of one batch are on their way at once, each on a connection of its own.
CONCURRENCY = 128
# FCM answers within seconds, but 12 s were seen; a push that is given up earlier goes out twice.
TIMEOUT_S = 30.0
FCM_ORIGIN = "https://fcm.googleapis.com"

FcmClient = Literal["direct", "sdk"]


class _Accepted(msgspec.Struct):
    name: str


_accepted = msgspec.json.Decoder(_Accepted)


async def open_fcm(
    account: Path | Mapping[str, str],
    *,
    endpoint: str | None = None,
    public_url: str | None = None,
    client: FcmClient = "direct",
) -> Sender:
    """Open a sender off the loop (the import alone takes half a second).

    `public_url`: where phones reach our server, to load a push's picture from it; None: they are shown none.
    `endpoint` is the base URL of a proxy or double in place of Google's; the account's own `token_uri` is honoured.
    `client`: `sdk` leaves the sending to firebase-admin too.
    Raises ValueError or OSError for an account that cannot be read.
    """

    def open_it() -> Sender:
        if client == "sdk":
            from push.fcm_sdk import SdkSender

            return SdkSender(account, endpoint=endpoint, public_url=public_url)
        return FcmSender(account, endpoint=endpoint, public_url=public_url)

    return await asyncio.to_thread(open_it)


class FcmSender:
    """Sends with one service account. Its constructor blocks for the import: prefer `open_fcm`.

    One POST a push, whatever becomes of it; only one that was refused for its access token, and so not taken, is sent
    anew with another token.
    """

    def __init__(
        self,
        account: Path | Mapping[str, str],
        *,
        endpoint: str | None = None,
        public_url: str | None = None,
        concurrency: int = CONCURRENCY,
        timeout_s: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`tls`: in place of the usual one. Raises ValueError or OSError for an account that cannot be read."""
        from firebase_admin import __version__ as sdk_version

        from push import fcm_errors, fcm_messages
        from push.fcm_account import FcmAccount

        self._account: FcmAccount = FcmAccount(account, timeout_s)
        self._read_refusal = fcm_errors.read_refusal
        self._write_message, self._encode_message = fcm_messages.write_message, fcm_messages.encode_message
        origin = (endpoint or FCM_ORIGIN).rstrip("/")
        self._connections = Connections(origin, tls)
        path = f"{urlsplit(origin).path}/v1/projects/{self._account.app.project_id}/messages:send"
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._connections.host_header}\r\nContent-Type: application/json\r\n"
            f"X-GOOG-API-FORMAT-VERSION: 2\r\nX-FIREBASE-CLIENT: fire-admin-python/{sdk_version}\r\n"
        )
        self._concurrency, self._timeout_s, self._public_url = concurrency, timeout_s, public_url

    async def send(self, pushes: Sequence[Push], *, stop: asyncio.Event | None = None) -> list[SendResult]:
        if not pushes:
            return []
        refused = await self._refresh()
        if refused is not None:
            return [SendResult(None, refused)] * len(pushes)
        await self._connections.catch_up()
        results: list[SendResult | None] = [None] * len(pushes)
        waiting = iter(enumerate(pushes))
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._concurrency, len(pushes))):
                group.create_task(self._send_in_turn(waiting, results, stop))
        return [SendResult(None, SendError(None, STOPPED)) if result is None else result for result in results]

    async def close(self) -> None:
        self._connections.close()
        await asyncio.to_thread(self._account.close)

    async def _send_in_turn(
        self, waiting: Iterator[tuple[int, Push]], results: list[SendResult | None], stop: asyncio.Event | None
    ) -> None:
        for place, push in waiting:
            if stop is not None and stop.is_set():
                return
            results[place] = await self._send_one(push)

    async def _send_one(self, push: Push) -> SendResult:
        try:
            message = self._encode_message(self._write_message(push, self._public_url))
            body = msgspec.json.encode({"message": message})
        except (ValueError, TypeError):
            return SendResult(None, SendError(None, "INVALID_MESSAGE"))
        try:
            token = self._account.fresh_token
            answer = await self._post(token, body)
            if self._is_token_refused(answer):
                # Nobody has looked at the message: with a new token it is a first request again.
                if (refused := await self._refresh(token)) is not None:
                    return SendResult(None, refused)
                answer = await self._post(self._account.fresh_token, body)
        except NotSent:
            return SendResult(None, SendError(None, "UNAVAILABLE"))
        except NoAnswer:
            return SendResult(None, SendError(None, NO_ANSWER))
        return self._read(answer)

    def _is_token_refused(self, answer: Answer) -> bool:
        """401 is also what FCM answers for a bad key of APNs, which no token of ours mends."""
        return answer.status == 401 and self._read_refusal(*answer).code == "UNAUTHENTICATED"

    def _read(self, answer: Answer) -> SendResult:
        if answer.status != 200:
            return SendResult(None, self._read_refusal(*answer))
        try:
            return SendResult(_accepted.decode(answer.body).name)
        except msgspec.DecodeError:  # taken, it seems: to send it again at once would ring twice
            return SendResult(None, SendError(None, NO_ANSWER))

    async def _post(self, token: str | None, body: bytes) -> Answer:
        with tracing.calling("fcm", "POST") as call:
            traced = "".join(f"{name}: {value}\r\n" for name, value in call.headers.items())
            head = f"{self._head}Authorization: Bearer {token}\r\n{traced}Content-Length: {len(body)}\r\n\r\n"
            answer = await self._connections.exchange(head.encode("latin-1") + body, self._timeout_s)
            call.answered(answer.status)
        return answer

    async def _refresh(self, refused: str | None = None) -> SendError | None:
        if self._account.fresh_token not in (None, refused):
            return None
        return await asyncio.to_thread(lambda: self._account.refresh(refused=refused))
