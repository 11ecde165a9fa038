"""Twilio's REST API through its SDK: texts are sent and calls made at any origin that speaks it.

The SDK's own HTTP client posts to hosts that the SDK names, has no time-out (it drops the one that it is given), and
its retries would repeat a POST. This one has none of that: it changes the origin, keeps to time-outs, and sorts what
can go wrong by whether the message may have been taken. Each request has a connection of its own: one that was kept and
was closed by the other side meanwhile could not be told from one that was closed after the message was read.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.channel import PermanentDeliveryError, TransientDeliveryError, UnknownDeliveryError
from channels.phone.account import PhoneAccount
from channels.phone.outcomes import judge_answer, read_provider_id
from kit.clock import utc_now
from kit.retry import read_retry_after

_SDK_ORIGIN = "https://api.twilio.com"
_CONNECT_S, _TOTAL_S = 5.0, 20.0
_MOST_ANSWER_BYTES = 64 * 1024
# A message that nobody has read into the night is worth nothing; the dialect takes 36,000 seconds at most.
_LONGEST_VALIDITY_S = 36_000
_RING_S, _LONGEST_CALL_S = 30, 180


class _Error(msgspec.Struct):
    code: int | None = None


class DialectClient:
    """For all programs of a process. Made in a running loop."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=100),
            timeout=aiohttp.ClientTimeout(total=_TOTAL_S, sock_connect=_CONNECT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def send_sms(
        self, account: PhoneAccount, recipient: str, body: str, report_url: str, validity_s: float
    ) -> str | None:
        """The provider's id. Raises as `channels.channel.Channel.send` does."""
        sender = account.sms_sender or ""
        by = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
        sent = await self._client(account).messages.create_async(
            to=recipient,
            body=body,
            status_callback=report_url,
            validity_period=int(max(1, min(validity_s, _LONGEST_VALIDITY_S))),
            **by,
        )
        return _require_id(sent.sid)

    async def call(self, account: PhoneAccount, recipient: str, twiml: str, report_url: str) -> str | None:
        """A machine that answers is waited for: it is told the text after its tone. Raises as above."""
        made = await self._client(account).calls.create_async(
            to=recipient,
            from_=account.voice_sender or "",
            twiml=twiml,
            status_callback=report_url,
            status_callback_method="POST",
            machine_detection="DetectMessageEnd",
            timeout=_RING_S,
            time_limit=_LONGEST_CALL_S,
        )
        return _require_id(made.sid)

    async def close(self) -> None:
        await self._session.close()

    def _client(self, account: PhoneAccount) -> Client:
        http = _OneOriginClient(self._session, account.api_url or _SDK_ORIGIN)
        # Without region and edge of the environment, which belong to a command line.
        return Client(account.account_sid, account.credentials.auth_token, http_client=http, environment={"": ""})


class _OneOriginClient(AsyncTwilioHttpClient):  # type: ignore[misc]  # the SDK has no types
    def __init__(self, session: aiohttp.ClientSession, api_url: str) -> None:
        super().__init__(pool_connections=False)
        self._shared = session
        self._api_url = api_url

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Raises what a channel raises, so that the SDK never sees a failure: it would drop Retry-After."""
        form = urlencode(list((data or {}).items()), doseq=True).encode()
        shown = {} if auth is None else {"Authorization": aiohttp.encode_basic_auth(*auth)}
        request: dict[str, Any] = {"data": form, "headers": {**(headers or {}), **shown}, "allow_redirects": False}
        url = self._api_url + url.removeprefix(_SDK_ORIGIN)
        try:
            async with self._shared.request(method, url, **request) as answer:
                body = await _read_whole(answer)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TransientDeliveryError(f"unreachable_{type(error).__name__}") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnknownDeliveryError(f"no_answer_{type(error).__name__}") from None
        if not 200 <= answer.status < 300:
            raise _judge(answer.status, body, answer.headers.get("Retry-After"))
        return Response(answer.status, body.decode(errors="replace"), answer.headers)


async def _read_whole(answer: aiohttp.ClientResponse) -> bytes:
    """The body, to its end or its bound: one read gives what has arrived, which may be half of an answer."""
    body = b""
    while len(body) < _MOST_ANSWER_BYTES and (piece := await answer.content.read(_MOST_ANSWER_BYTES - len(body))):
        body += piece
    return body


def _require_id(given: object) -> str:
    """A message that was taken has one; an answer without is none of the provider's."""
    provider_id = read_provider_id(given)
    if provider_id is None:
        raise UnknownDeliveryError("unreadable")
    return provider_id


def _judge(status: int, body: bytes, retry_after: str | None) -> Exception:
    try:
        code = msgspec.json.decode(body, type=_Error).code
    except (msgspec.DecodeError, UnicodeDecodeError):
        code = None
    verdict = judge_answer(status, code)
    if verdict.fate == "permanent":
        return PermanentDeliveryError(verdict.reason)
    if verdict.fate == "unknown":
        return UnknownDeliveryError(verdict.reason)
    return TransientDeliveryError(verdict.reason, read_retry_after(retry_after, utc_now()))
